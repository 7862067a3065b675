package vm

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

func TestActionTable(t *testing.T) {
	ids, keys := map[string]bool{}, map[string]bool{}
	for _, a := range Actions() {
		if ids[a.ID] || a.ID == "" || a.ID != strings.ToLower(a.ID) || strings.ContainsAny(a.ID, " _") {
			t.Errorf("identity %q is empty, twice or no sub-command", a.ID)
		}
		if a.Key != "" && keys[a.Key] {
			t.Errorf("%s: key %s is taken", a.ID, a.Key)
		}
		ids[a.ID], keys[a.Key] = true, true
		if a.Title == "" || a.Done == "" || !strings.HasSuffix(a.Help, ".") || a.Off == nil || a.run == nil {
			t.Errorf("%s is not complete", a.ID)
		}
		if (a.Danger == Harmless) != (a.Effect == "") {
			t.Errorf("%s: danger %d, effect %q: what is confirmed must be explained", a.ID, a.Danger, a.Effect)
		}
		if Find(a.ID) != a {
			t.Errorf("%s is not found", a.ID)
		}
		for _, row := range []*Row{nil, {HasVM: true}, {HasInstance: true}} {
			perms := a.Needs(row)
			if len(perms) == 0 {
				t.Errorf("%s needs no permission", a.ID)
			}
			for _, p := range perms {
				if p.Verb == "" || p.Group == "" || p.Resource == "" {
					t.Errorf("%s: permission %+v", a.ID, p)
				}
			}
		}
	}
	if Find("explode") != nil {
		t.Error("an unknown action is found")
	}
}

// call is one request as the server saw it.
type call struct {
	Method, Path, Query, Body string
}

// recording starts a server that answers every request with status and body, and keeps the requests.
func recording(t *testing.T, status int, body string) (*client, func() []call) {
	t.Helper()
	var mu sync.Mutex
	var calls []call
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		mu.Lock()
		calls = append(calls, call{r.Method, r.URL.Path, r.URL.RawQuery, string(data)})
		mu.Unlock()
		if len(data) > 0 && r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: content type %q", r.URL.Path, r.Header.Get("Content-Type"))
		}
		if strings.HasPrefix(body, "{") {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	cluster, err := kube.Connect(t.Context(), &rest.Config{Host: server.URL, QPS: -1}, kube.Target{Context: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return &client{cluster}, func() []call {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(calls)
	}
}

const (
	subPath  = "/apis/subresources.kubevirt.io/v1/namespaces/team/"
	kubePath = "/apis/kubevirt.io/v1/namespaces/team/"
)

var actionCalls = []struct {
	id           string
	options      Options
	stray        bool
	method, path string
	query, body  string // the body as JSON, empty: none
	status       int    // what virt-api answers
}{
	{id: "start", method: "PUT", path: subPath + "virtualmachines/web/start", body: `{}`, status: 202},
	{id: "start", options: Options{DryRun: true}, method: "PUT", path: subPath + "virtualmachines/web/start", body: `{"dryRun":["All"]}`, status: 202},
	{id: "start-paused", method: "PUT", path: subPath + "virtualmachines/web/start", body: `{"paused":true}`, status: 202},
	{id: "start-paused", options: Options{DryRun: true}, method: "PUT", path: subPath + "virtualmachines/web/start", body: `{"paused":true,"dryRun":["All"]}`, status: 202},
	{id: "stop", method: "PUT", path: subPath + "virtualmachines/web/stop", body: `{}`, status: 202},
	{id: "stop", options: Options{GracePeriod: seconds(30)}, method: "PUT", path: subPath + "virtualmachines/web/stop", body: `{"gracePeriod":30}`, status: 202},
	{id: "stop", options: Options{GracePeriod: seconds(0), DryRun: true}, method: "PUT", path: subPath + "virtualmachines/web/stop", body: `{"gracePeriod":0,"dryRun":["All"]}`, status: 202},
	{id: "force-stop", method: "PUT", path: subPath + "virtualmachines/web/stop", body: `{"gracePeriod":0}`, status: 202},
	{id: "force-stop", options: Options{GracePeriod: seconds(30), DryRun: true}, method: "PUT", path: subPath + "virtualmachines/web/stop", body: `{"gracePeriod":0,"dryRun":["All"]}`, status: 202},
	{id: "restart", method: "PUT", path: subPath + "virtualmachines/web/restart", body: `{}`, status: 202},
	{id: "restart", options: Options{DryRun: true}, method: "PUT", path: subPath + "virtualmachines/web/restart", body: `{"dryRun":["All"]}`, status: 202},
	{id: "force-restart", method: "PUT", path: subPath + "virtualmachines/web/restart", body: `{"gracePeriodSeconds":0}`, status: 202},
	// virt-api deletes the pod of a forced restart even in a dry run, so a dry run must not be a forced one.
	{id: "force-restart", options: Options{DryRun: true}, method: "PUT", path: subPath + "virtualmachines/web/restart", body: `{"dryRun":["All"]}`, status: 202},
	{id: "pause", method: "PUT", path: subPath + "virtualmachineinstances/web/pause", body: `{}`, status: 200},
	{id: "pause", options: Options{DryRun: true}, method: "PUT", path: subPath + "virtualmachineinstances/web/pause", body: `{"dryRun":["All"]}`, status: 200},
	{id: "unpause", method: "PUT", path: subPath + "virtualmachineinstances/web/unpause", body: `{}`, status: 200},
	{id: "unpause", options: Options{DryRun: true}, method: "PUT", path: subPath + "virtualmachineinstances/web/unpause", body: `{"dryRun":["All"]}`, status: 200},
	{id: "soft-reboot", method: "PUT", path: subPath + "virtualmachineinstances/web/softreboot", status: 200},
	{id: "reset", method: "PUT", path: subPath + "virtualmachineinstances/web/reset", status: 200},
	{id: "migrate", method: "PUT", path: subPath + "virtualmachines/web/migrate", body: `{}`, status: 202},
	{id: "migrate", options: Options{NodeSelector: map[string]string{"zone": "a"}, DryRun: true}, method: "PUT", path: subPath + "virtualmachines/web/migrate", body: `{"addedNodeSelector":{"zone":"a"},"dryRun":["All"]}`, status: 202},
	{id: "cancel-migration", method: "DELETE", path: kubePath + "virtualmachineinstancemigrations/mig", body: `{"kind":"DeleteOptions","apiVersion":"kubevirt.io/v1","preconditions":{"uid":"mig-uid"}}`, status: 200},
	{id: "cancel-migration", options: Options{DryRun: true}, method: "DELETE", path: kubePath + "virtualmachineinstancemigrations/mig", body: `{"kind":"DeleteOptions","apiVersion":"kubevirt.io/v1","preconditions":{"uid":"mig-uid"},"dryRun":["All"]}`, status: 200},
	{id: "clone", method: "POST", path: "/apis/clone.kubevirt.io/v1beta1/namespaces/team/virtualmachineclones", body: `{"kind":"VirtualMachineClone","apiVersion":"clone.kubevirt.io/v1beta1","metadata":{"namespace":"team","generateName":"vmdeck-"},"spec":{"source":{"apiGroup":"kubevirt.io","kind":"VirtualMachine","name":"web"},"template":{}},"status":{}}`, status: 201},
	{id: "clone", options: Options{CloneName: "web-2", DryRun: true}, method: "POST", path: "/apis/clone.kubevirt.io/v1beta1/namespaces/team/virtualmachineclones", query: "dryRun=All", body: `{"kind":"VirtualMachineClone","apiVersion":"clone.kubevirt.io/v1beta1","metadata":{"namespace":"team","generateName":"vmdeck-"},"spec":{"source":{"apiGroup":"kubevirt.io","kind":"VirtualMachine","name":"web"},"target":{"apiGroup":"kubevirt.io","kind":"VirtualMachine","name":"web-2"},"template":{}},"status":{}}`, status: 201},
	{id: "delete", method: "DELETE", path: kubePath + "virtualmachines/web", body: `{"kind":"DeleteOptions","apiVersion":"kubevirt.io/v1","preconditions":{"uid":"web-uid"}}`, status: 200},
	{id: "delete", options: Options{DryRun: true}, method: "DELETE", path: kubePath + "virtualmachines/web", body: `{"kind":"DeleteOptions","apiVersion":"kubevirt.io/v1","preconditions":{"uid":"web-uid"},"dryRun":["All"]}`, status: 200},
	{id: "delete", stray: true, method: "DELETE", path: kubePath + "virtualmachineinstances/web", body: `{"kind":"DeleteOptions","apiVersion":"kubevirt.io/v1","preconditions":{"uid":"web-uid"}}`, status: 200},
}

func seconds(n int64) *int64 { return &n }

func TestActionsMakeTheirCall(t *testing.T) {
	tried := map[string]int{}
	for _, tt := range actionCalls {
		a := Find(tt.id)
		row := &Row{UID: "web-uid", Namespace: "team", Name: "web", HasVM: !tt.stray, HasInstance: true, Migration: &Migration{Name: "mig", UID: "mig-uid"}}
		// virt-api's success has no body and no content type; kube-apiserver's is of no interest.
		c, calls := recording(t, tt.status, "")
		if err := a.run(t.Context(), c, row, tt.options); err != nil {
			t.Errorf("%s: %v", tt.id, err)
		}
		got := calls()
		if len(got) != 1 || got[0].Method != tt.method || got[0].Path != tt.path || got[0].Query != tt.query || !sameJSON(got[0].Body, tt.body) {
			t.Errorf("%s %+v called\n%+v\nwant %s %s?%s %s", tt.id, tt.options, got, tt.method, tt.path, tt.query, tt.body)
		}
		checkNeeds(t, a, row, tt.method, tt.path)
		tried[tt.id]++
		if tt.options.DryRun && a.DryRun {
			tried[tt.id+" dry"]++
		}
	}
	for _, a := range Actions() {
		if tried[a.ID] == 0 || a.DryRun && tried[a.ID+" dry"] == 0 {
			t.Errorf("%s is not tried, or not as a dry run", a.ID)
		}
	}
}

// checkNeeds derives from the request what the API server authorises, which is what the action must ask permission for.
func checkNeeds(t *testing.T, a *Action, row *Row, method, path string) {
	t.Helper()
	parts := strings.Split(path, "/") // "", apis, group, version, namespaces, ns, resource[, name[, subresource]]
	want := rbac.Permission{Verb: map[string]string{"PUT": "update", "POST": "create", "DELETE": "delete"}[method], Group: parts[2], Resource: parts[6]}
	if len(parts) > 8 {
		want.Subresource = parts[8]
	}
	if got := a.Needs(row); !slices.Equal(got, []rbac.Permission{want}) {
		t.Errorf("%s needs %v, its call %v", a.ID, got, want)
	}
}

func sameJSON(a, b string) bool {
	if a == "" || b == "" {
		return a == b
	}
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}

func TestActionsHandOnRefusals(t *testing.T) {
	row := &Row{UID: "web-uid", Namespace: "team", Name: "web", HasVM: true, Migration: &Migration{Name: "mig", UID: "mig-uid"}}
	conflict := `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"VM is already running","reason":"Conflict","code":409}`
	for _, a := range Actions() {
		c, _ := recording(t, http.StatusConflict, conflict)
		if err := a.run(t.Context(), c, row, Options{}); kube.Classify(err) != kube.KindConflict || !strings.Contains(err.Error(), "VM is already running") {
			t.Errorf("%s: a conflict came as %v", a.ID, err)
		}
		// virt-api says no with a 401 and bare text, which is no expired login.
		c, _ = recording(t, http.StatusUnauthorized, "User \"ann\" cannot update resource")
		if err := a.run(t.Context(), c, row, Options{}); err == nil {
			t.Errorf("%s: a denial came as success", a.ID)
		} else if a.Needs(row)[0].Group == rbac.GroupSubresources && kube.Classify(err) != kube.KindVirtAPIDenied {
			t.Errorf("%s: a denial came as kind %d: %v", a.ID, kube.Classify(err), err)
		}
	}
}

func TestCurrentFetchesTheUIDOfWhatTheRowStandsFor(t *testing.T) {
	for _, tt := range []struct {
		row  *Row
		path string
	}{
		{&Row{Namespace: "team", Name: "web", HasVM: true, HasInstance: true}, kubePath + "virtualmachines/web"},
		{&Row{Namespace: "team", Name: "web", HasInstance: true}, kubePath + "virtualmachineinstances/web"},
	} {
		c, calls := recording(t, http.StatusOK, `{"metadata":{"uid":"new"}}`)
		uid, err := c.current(t.Context(), tt.row)
		if got := calls(); err != nil || uid != "new" || len(got) != 1 || got[0].Method != "GET" || got[0].Path != tt.path {
			t.Errorf("%q, %v from %+v", uid, err, got)
		}
	}
	row := &Row{Namespace: "team", Name: "web", HasVM: true}
	c, _ := recording(t, http.StatusNotFound, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`)
	if uid, err := c.current(t.Context(), row); kube.Classify(err) != kube.KindNotFound || uid != "" {
		t.Errorf("gone: %q, %v", uid, err)
	}
	c, _ = recording(t, http.StatusOK, "<html>")
	if _, err := c.current(t.Context(), row); err == nil || !strings.Contains(err.Error(), "team/web") {
		t.Errorf("no JSON: %v", err)
	}
}
