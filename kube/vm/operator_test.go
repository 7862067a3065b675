package vm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// desk is an operator with a server that knows one UID for every VM and answers actions with a status.
type desk struct {
	*Operator
	*fakeAccess

	mu         sync.Mutex
	uid        string // what the server says; empty: 404
	readStatus int    // of reading the UID, 0 meaning 200
	status     int    // of the action
	calls      []string
	entries    []config.AuditEntry
	auditErr   error
	rows       map[string]*Row
	busy, most int           // actions under way
	gate       chan struct{} // actions wait for it, nil: they do not
}

func newDesk(t *testing.T, rows ...*Row) *desk {
	t.Helper()
	d := &desk{fakeAccess: &fakeAccess{decision: rbac.Allow("team")}, uid: "web-uid", status: http.StatusAccepted, rows: map[string]*Row{}}
	for _, r := range rows {
		d.rows[r.Key()] = r
	}
	server := httptest.NewServer(d)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	cluster, err := kube.Connect(t.Context(), &rest.Config{Host: server.URL, QPS: -1}, kube.Target{Context: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	d.Operator = &Operator{
		Cluster: cluster, Audit: d, User: func() string { return "ann" },
		Gate: &Gate{
			Access: d.fakeAccess, Facts: func() Facts { return Facts{} },
			Health: func() kube.HealthStatus { return kube.HealthStatus{State: kube.Live} },
		},
		Latest: func(namespace, name string) *Row { return d.rows[namespace+"/"+name] },
	}
	return d
}

func (d *desk) Write(e config.AuditEntry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.entries = append(d.entries, e)
	return d.auditErr
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // a server notices that its client has gone only behind the body
	d.mu.Lock()
	d.calls = append(d.calls, r.Method+" "+r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:])
	uid, status, gate := d.uid, d.readStatus, d.gate
	if r.Method != http.MethodGet {
		status = d.status
		d.busy++
		d.most = max(d.most, d.busy)
	}
	d.mu.Unlock()
	if r.Method == http.MethodGet && status == 0 {
		if status = http.StatusNotFound; uid != "" {
			_, _ = io.WriteString(w, `{"metadata":{"uid":"`+uid+`"}}`)
			return
		}
	}
	if r.Method != http.MethodGet {
		wait(r, gate, nil)
		d.mu.Lock()
		d.busy--
		d.mu.Unlock()
	}
	if status >= 400 {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		reason := map[int]string{403: "Forbidden", 404: "NotFound", 409: "Conflict", 500: "InternalError"}[status]
		fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"the server's reason","reason":%q,"code":%d}`, reason, status)
		return
	}
	w.WriteHeader(status)
}

func stoppedVM() *Row {
	return &Row{UID: "web-uid", Namespace: "team", Name: "web", HasVM: true, RunStrategy: "Halted", Status: StatusStopped}
}

func runningVM() *Row {
	return &Row{
		UID: "web-uid", Namespace: "team", Name: "web", HasVM: true, HasInstance: true, RunStrategy: "Always", Phase: "Running",
		Status: StatusRunning, ACPI: true,
	}
}

func TestOperator(t *testing.T) {
	tests := []struct {
		name    string
		action  string
		row     *Row // as the user saw it
		latest  *Row // nil: as seen
		options Options
		prepare func(d *desk)
		calls   string // the requests made
		text    string // part of the sentence
		result  string // in the audit log
	}{
		{"done", "start", stoppedVM(), nil, Options{}, nil, "GET web,PUT start", "team/web: start requested; run strategy is now Always", "accepted"},
		{"what a stop changes", "stop", runningVM(), nil, Options{}, nil, "GET web,PUT stop", "run strategy Always is now Halted", "accepted"},
		{"dry run", "start", stoppedVM(), nil, Options{DryRun: true}, nil, "GET web,PUT start", "nothing was changed", "accepted"},
		{"no dry run to be had", "reset", runningVM(), nil, Options{DryRun: true}, nil, "", "dry run", "refused"},
		{"off by its state", "start", runningVM(), nil, Options{}, nil, "", "already running", "refused"},
		{"off by its newest state", "start", stoppedVM(), runningVM(), Options{}, nil, "", "already running", "refused"},
		{"on by its newest state", "start", runningVM(), stoppedVM(), Options{}, nil, "GET web,PUT start", "start requested", "accepted"},
		{"off for want of a permission", "start", stoppedVM(), nil, Options{}, func(d *desk) {
			d.decision = rbac.Deny("team", rbac.Deep("update", rbac.GroupSubresources, "virtualmachines/start")...)
		}, "", "needs update virtualmachines/start in team", "refused"},
		{"view only", "start", stoppedVM(), nil, Options{}, func(d *desk) { d.Gate.ReadOnly = "vmdeck changes nothing" }, "", "vmdeck changes nothing", "refused"},
		{"as somebody else", "start", stoppedVM(), nil, Options{}, func(d *desk) { d.Gate.As = "alice" }, "", "team/web: nothing is done while you look as alice", "refused"},
		{"gone from the list", "start", stoppedVM(), nil, Options{}, func(d *desk) { clear(d.rows) }, "", "no longer exists", "refused"},
		{"gone from the server", "start", stoppedVM(), nil, Options{}, func(d *desk) { d.uid = "" }, "GET web", "no longer exists", "refused"},
		{"replaced in the list", "start", stoppedVM(), &Row{UID: "other", Namespace: "team", Name: "web", HasVM: true}, Options{}, nil, "", "another VM of the same name", "refused"},
		{"replaced on the server", "start", stoppedVM(), nil, Options{}, func(d *desk) { d.uid = "other" }, "GET web", "another VM of the same name", "refused"},
		{"may act but not read", "start", stoppedVM(), nil, Options{}, func(d *desk) { d.readStatus = 403 }, "GET web,PUT start", "start requested", "accepted"},
		{"reading fails", "start", stoppedVM(), nil, Options{}, func(d *desk) { d.readStatus = 409 }, "GET web", "team/web", "refused"},
		{"the server refuses", "start", stoppedVM(), nil, Options{}, func(d *desk) { d.status = 409 }, "GET web,PUT start", "team/web", "failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			latest := tt.latest
			if latest == nil {
				latest = tt.row
			}
			d := newDesk(t, latest)
			if tt.prepare != nil {
				tt.prepare(d)
			}
			out := d.Do(t.Context(), Find(tt.action), tt.row, tt.options)
			if got := strings.Join(d.calls, ","); got != tt.calls {
				t.Errorf("called %q, want %q", got, tt.calls)
			}
			if !strings.Contains(out.Text, tt.text) {
				t.Errorf("told %q, want %q", out.Text, tt.text)
			}
			if out.Done() != (tt.result == "accepted") || out.Refused != (tt.result == "refused") {
				t.Errorf("outcome %+v is not %s", out, tt.result)
			}
			if len(d.entries) != 1 {
				t.Fatalf("audit log %+v", d.entries)
			}
			e := d.entries[0]
			got := fmt.Sprint(e.Context, e.User, e.Action, e.Namespace, e.Name, e.UID, e.Result, e.DryRun, e.Error != "", e.Time.IsZero())
			if want := fmt.Sprint("prod", "ann", tt.action, "team", "web", "web-uid", tt.result, tt.options.DryRun, !out.Done(), false); got != want {
				t.Errorf("audit log %s, want %s", got, want)
			}
		})
	}
}

func TestUnwrittenAuditLogIsReported(t *testing.T) {
	d := newDesk(t, stoppedVM())
	d.auditErr = errors.New("disk full")
	if out := d.Do(t.Context(), Find("start"), stoppedVM(), Options{}); !out.Done() || !errors.Is(out.AuditErr, d.auditErr) {
		t.Errorf("outcome %+v", out)
	}
	d.Audit = nil
	if out := d.Do(t.Context(), Find("start"), stoppedVM(), Options{}); !out.Done() || out.AuditErr != nil {
		t.Errorf("without a log: %+v", out)
	}
}

func manyVMs(n int) []*Row {
	var rows []*Row
	for i := range n {
		r := stoppedVM()
		r.Name = fmt.Sprintf("vm-%d", i)
		rows = append(rows, r)
	}
	return rows
}

func TestBulkActsOnAllAFewAtATime(t *testing.T) {
	rows := manyVMs(20)
	d := newDesk(t, rows...)
	d.gate = make(chan struct{})
	steps := d.Bulk(t.Context(), Find("start"), rows, Options{})
	began, over := map[string]bool{}, map[string]bool{}
	deadline := time.After(20 * time.Second)
	for open := true; open; {
		select {
		case step, more := <-steps:
			switch open = more; {
			case !more:
			case step.Running:
				began[step.Row.Name] = true
			default:
				if over[step.Row.Name] = true; !began[step.Row.Name] || !step.Outcome.Done() {
					t.Errorf("%s: %+v", step.Row.Name, step)
				}
			}
			if len(began) == bulkWorkers && len(over) == 0 {
				close(d.gate) // all that may act at a time do
			}
		case <-deadline:
			t.Fatalf("began %d, over %d", len(began), len(over))
		}
	}
	if len(over) != len(rows) || d.most > bulkWorkers || len(d.entries) != len(rows) {
		t.Errorf("%d of %d, %d at a time, %d in the log", len(over), len(rows), d.most, len(d.entries))
	}
	for range d.Bulk(t.Context(), Find("start"), nil, Options{}) {
		t.Error("a step of nothing")
	}
}

func TestBulkStopsWhenItsContextEnds(t *testing.T) {
	rows := manyVMs(50)
	d := newDesk(t, rows...)
	d.gate = make(chan struct{}) // never opened: only the context's end ends the calls
	ctx, cancel := context.WithCancel(t.Context())
	steps := d.Bulk(ctx, Find("start"), rows, Options{})
	<-steps
	cancel()
	var names []string
	for step := range steps {
		if !step.Running {
			names = append(names, step.Row.Name)
			if step.Outcome.Done() {
				t.Errorf("%s was done", step.Row.Name)
			}
		}
	}
	if slices.Sort(names); len(names) >= len(rows) {
		t.Errorf("all %d had their turn", len(names))
	}
}
