package binding

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/rbac"
)

// keeper keeps rules in the cluster as an administrator.
func (b *bench) keeper() *Keeper {
	b.Helper()
	return &Keeper{Cluster: b.admin, Rules: b.install()}
}

// only narrows a sync to the bench's own rules, as other tests have theirs in the same cluster.
func (b *bench) only(suffixes ...string) SyncOptions {
	o := SyncOptions{Names: []string{b.id}}
	for _, s := range suffixes {
		o.Names = append(o.Names, b.id+s)
	}
	return o
}

func (b *bench) run(k *Keeper, o SyncOptions, wantDone int) SyncResult {
	b.Helper()
	r, err := Sync(b.Context(), k, o, nil)
	if done, failed := r.Steps(); err != nil || done != wantDone || failed != 0 {
		b.Fatalf("%d done, want %d, %d failed: %v %v", done, wantDone, failed, err, r.Err())
	}
	return r
}

// own are the bindings that carry the label of one of the bench's rules.
func (b *bench) own() []string {
	b.Helper()
	var out []string
	for _, x := range b.read().Bindings {
		if strings.HasPrefix(x.Rule, b.id) {
			out = append(out, strings.ReplaceAll(x.String(), b.id, "X"))
		}
	}
	slices.Sort(out)
	return out
}

func TestIntegrationC4SyncOfStoredRules(t *testing.T) {
	b := newBench(t)
	k := b.keeper()
	first := b.namespace("a")
	foreign := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "theirs", Labels: map[string]string{rbac.LabelRule: b.id}},
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"}}
	if _, err := b.admin.RBAC().RoleBindings(first).Create(t.Context(), foreign, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Save(t.Context(), b.rule, ""); err != nil {
		t.Fatal(err)
	}
	dry := b.only()
	dry.DryRun = true
	b.run(k, dry, 3)
	if got := b.own(); len(got) != 1 {
		t.Errorf("a dry run left %q", got)
	}
	if r := b.run(k, b.only(), 3); r.Err() != nil || len(r.Outcomes) != 1 {
		t.Errorf("%+v", r)
	}
	b.run(k, b.only(), 0)
	b.namespace("b")
	b.run(k, b.only(), 1) // C4: made later
	narrow := b.rule
	narrow.Namespaces = []string{b.id + "-b"}
	if _, changed, err := k.Keep(t.Context(), narrow); err != nil || !changed {
		t.Fatal(changed, err)
	}
	b.run(k, b.only(), 1) // C4: does not match any more
	// Renamed: the new rule's bindings are made, and the old one's go, but not what only looks like them.
	renamed := narrow
	renamed.Name = b.id + "-new"
	if _, err := k.Save(t.Context(), renamed, ""); err != nil {
		t.Fatal(err)
	}
	stored, _ := Find(mustList(t, k.Rules), b.id)
	if err := k.Delete(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	r := b.run(k, b.only("-new"), 6)
	if !slices.ContainsFunc(r.Outcomes, func(o Outcome) bool { return o.Gone && o.Rule == b.id }) {
		t.Errorf("%+v", r)
	}
	if notes := r.Outcomes[1].Notes; len(notes) > 0 {
		t.Errorf("notes %q", notes)
	}
	b.run(k, b.only("-new"), 0)
	want := []string{"ClusterRoleBinding vmdeck-X-new-list-namespaces", "ClusterRoleBinding vmdeck-X-new-list-vmtemplates", "RoleBinding X-a/theirs", "RoleBinding X-b/vmdeck-X-new"}
	if got := b.own(); !slices.Equal(got, want) {
		t.Errorf("at the end %q, want %q", got, want)
	}
	t.Cleanup(func() { _ = Apply(context.Background(), b.admin, rbac.Removal(renamed, b.read().World), nil) })
}

// TestIntegrationC4KeepSynced follows the cluster, also over a restart of its API server.
func TestIntegrationC4KeepSynced(t *testing.T) {
	b := newBench(t)
	b.rule.Lists = false
	k := b.keeper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	var mu sync.Mutex
	failures := 0
	go func() {
		defer close(ended)
		KeepSynced(ctx, k, b.only(), nil, func(_ SyncResult, err error) {
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failures++
			}
		})
	}()
	defer func() { cancel(); <-ended }()
	b.namespace("a")
	await := func(what string, limit time.Duration, want ...string) {
		t.Helper()
		kubetest.Await(t, limit, what, func() bool { return slices.Equal(b.own(), want) })
	}
	if _, err := k.Save(ctx, b.rule, ""); err != nil {
		t.Fatal(err)
	}
	await("the binding of a new rule", 15*time.Second, "RoleBinding X-a/vmdeck-X")
	second := b.namespace("b")
	await("the binding in a new namespace", 15*time.Second, "RoleBinding X-a/vmdeck-X", "RoleBinding X-b/vmdeck-X")
	if err := b.admin.RBAC().RoleBindings(second).Delete(ctx, "vmdeck-"+b.id, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	await("a deleted binding", 15*time.Second, "RoleBinding X-a/vmdeck-X", "RoleBinding X-b/vmdeck-X")
	kubetest.Control(t, "stop", "apiserver")
	kubetest.Control(t, "start", "apiserver")
	kubetest.Await(t, time.Minute, "the API server", func() bool {
		_, err := b.admin.Core().Namespaces().Get(ctx, second, metav1.GetOptions{})
		return err == nil
	})
	b.namespace("c")
	await("the binding in a namespace made after a restart", 45*time.Second, "RoleBinding X-a/vmdeck-X", "RoleBinding X-b/vmdeck-X", "RoleBinding X-c/vmdeck-X")
	stored, _ := Find(mustList(t, k.Rules), b.id)
	stored.Namespaces = []string{b.id + "-c"}
	if _, err := k.Save(ctx, stored.BindingRule, stored.Version); err != nil {
		t.Fatal(err)
	}
	await("a changed rule", 15*time.Second, "RoleBinding X-c/vmdeck-X")
	mu.Lock()
	t.Logf("%d runs failed", failures)
	mu.Unlock()
}

// TestIntegrationC5GroupOfTwo has a member whose account lacks the right to bind at first.
func TestIntegrationC5GroupOfTwo(t *testing.T) {
	b := newBench(t)
	b.rule.Lists = false
	namespace := b.namespace("a")
	as := func(identity string) func(context.Context) (*Keeper, error) {
		return func(context.Context) (*Keeper, error) {
			c := kubetest.Connect(t, identity)
			return &Keeper{Cluster: c, Rules: ClusterStore(c)}, nil
		}
	}
	// Both contexts mean one cluster here, so the weaker one has to be first to have something to do.
	run := func(members ...Member) []MemberResult {
		r, err := RunGroup(t.Context(), members, GroupOptions{Name: "pair", Rules: []rbac.BindingRule{b.rule}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	weak, strong := Member{"namespace-only", as("namespace-only")}, Member{"cluster-admin", as("cluster-admin")}
	if r := run(weak, Member{"broken", func(context.Context) (*Keeper, error) { return nil, os.ErrNotExist }}); r[0].Failure() == nil && r[0].Outcomes[0].Done > 0 || r[1].Failure() == nil {
		t.Errorf("%+v", r)
	}
	r := run(weak, strong)
	if done, failed := r[1].Steps(); done != 1 || failed != 0 || r[1].Failure() != nil {
		t.Errorf("%+v", r[1])
	}
	if r := run(strong); r[0].Failure() != nil || len(r[0].Outcomes[0].Plan.Unchanged) != 1 {
		t.Errorf("%+v", r)
	}
	if got, want := b.own(), []string{"RoleBinding X-a/vmdeck-X"}; !slices.Equal(got, want) {
		t.Errorf("in %s: %q", namespace, got)
	}
	b.rule.ClusterWide, b.rule.Namespaces = true, nil
	if _, err := RunGroup(t.Context(), []Member{strong}, GroupOptions{Name: "pair", Rules: []rbac.BindingRule{b.rule}}, nil); err == nil || !strings.Contains(err.Error(), "cluster group") {
		t.Errorf("C5: %v", err)
	}
}

// TestIntegrationCronJobExample: the account of docs/bindings-cronjob.yaml, with what that file gives it and nothing else, can sync.
func TestIntegrationC4CronJobExample(t *testing.T) {
	b := newBench(t)
	k := b.keeper()
	b.namespace("a")
	for _, object := range example(t) {
		path := object.path()
		if object.Kind == "CronJob" {
			if err := b.post(path+"?dryRun=All", object.raw); err != nil { // nothing here runs pods
				t.Error(err)
			}
			continue
		}
		if err := b.post(path, object.raw); err != nil {
			t.Fatal(err)
		}
		b.Cleanup(func() {
			_ = b.admin.REST("", "v1").Delete().AbsPath(path + "/" + object.Metadata.Name).Do(context.Background()).Error()
		})
	}
	var token *authenticationv1.TokenRequest
	kubetest.Await(t, 10*time.Second, "the account's token", func() (ok bool) {
		var err error
		token, err = b.admin.Core().ServiceAccounts("vmdeck-system").CreateToken(t.Context(), "bindings-sync", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
		return err == nil
	})
	config := rest.AnonymousClientConfig(b.admin.Config())
	config.BearerToken = token.Status.Token
	account, err := kube.Connect(t.Context(), config, kube.Target{Context: "in-cluster"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Save(t.Context(), b.rule, ""); err != nil {
		t.Fatal(err)
	}
	robot := &Keeper{Cluster: account, Rules: ClusterStore(account)}
	kubetest.Await(t, 15*time.Second, "the account's rights", func() bool {
		w, err := Read(t.Context(), account)
		return err == nil && len(w.Gaps) == 0
	})
	r := b.run(robot, b.only(), 3)
	if notes := append(r.Notes, r.Outcomes[0].Notes...); r.Err() != nil || len(notes) > 0 {
		t.Errorf("%v, notes %q", r.Err(), notes)
	}
	b.namespace("b")
	b.run(robot, b.only(), 1)
	stored, _ := Find(mustList(t, k.Rules), b.id)
	stored.RoleName, stored.Namespaces = rbac.RoleViewer, []string{b.id + "-b"}
	if stored, err = k.Save(t.Context(), stored.BindingRule, stored.Version); err != nil {
		t.Fatal(err)
	}
	b.run(robot, b.only(), 2) // another role, and one binding less
	if err := robot.Delete(t.Context(), stored); kube.Classify(err) != kube.KindForbidden {
		t.Errorf("the account may delete rules: %v", err)
	}
	// A role that the file does not name is refused, in words.
	stored.RoleName = "cluster-admin"
	if _, err = k.Save(t.Context(), stored.BindingRule, stored.Version); err != nil {
		t.Fatal(err)
	}
	if r, err := Sync(t.Context(), robot, b.only(), nil); err != nil || r.Err() == nil || !strings.Contains(r.Err().Error(), "the verb bind") {
		t.Errorf("%v %v", err, r.Err())
	}
	if got := b.own(); !slices.Contains(got, "RoleBinding X-b/vmdeck-X") {
		t.Errorf("the refused role has taken the old one away: %q", got)
	}
}

// exampleObject is one document of the example.
type exampleObject struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name, Namespace string
	} `json:"metadata"`

	raw []byte
}

func (o exampleObject) path() string {
	path := "/apis/" + o.APIVersion
	if o.APIVersion == "v1" {
		path = "/api/v1"
	}
	if o.Metadata.Namespace != "" {
		path += "/namespaces/" + o.Metadata.Namespace
	}
	return path + "/" + strings.ToLower(o.Kind) + "s"
}

func example(t *testing.T) []exampleObject {
	t.Helper()
	data, err := os.ReadFile("../../docs/bindings-cronjob.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var out []exampleObject
	for _, document := range bytes.Split(data, []byte("\n---\n")) {
		var o exampleObject
		if o.raw, err = yaml.YAMLToJSONStrict(document); err == nil {
			err = json.Unmarshal(o.raw, &o)
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, o)
	}
	if len(out) != 5 {
		t.Fatalf("the example has %d documents", len(out))
	}
	return out
}

// post creates an object whose kind has no client here.
func (b *bench) post(uri string, body []byte) error {
	return b.admin.REST("", "v1").Post().RequestURI(uri).SetHeader("Content-Type", "application/json").Body(body).Do(b.Context()).Error()
}

// TestIntegrationC4ListsOutliveAnothersFailure: what one rule could do counts for the next one although the rest of it failed. Otherwise
// both would give a user's list bindings in one run, and both take them away in the next.
func TestIntegrationC4ListsOutliveAnothersFailure(t *testing.T) {
	b := newBench(t)
	k := b.keeper()
	b.namespace("a")
	good, bad := b.rule, b.rule
	good.Subjects = b.rule.Subjects[:1]
	good.Name, bad = b.id+"-b", good
	bad.Name, bad.RoleName = b.id+"-a", "no/role" // a name that the server refuses
	k.Rules = given([]rbac.BindingRule{bad, good})
	t.Cleanup(func() { _ = Apply(context.Background(), b.admin, rbac.Removal(good, b.read().World), nil) })
	t.Cleanup(func() { _ = Apply(context.Background(), b.admin, rbac.Removal(bad, b.read().World), nil) })
	for i, want := range []int{3, 0, 0} {
		r, err := Sync(t.Context(), k, b.only("-a", "-b"), nil)
		if done, failed := r.Steps(); err != nil || done != want || failed != 1 {
			t.Errorf("run %d: %d done, want %d; %d failed: %v %v", i, done, want, failed, err, r.Err())
		}
	}
}
