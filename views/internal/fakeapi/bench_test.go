package fakeapi

import (
	"slices"
	"testing"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/drive"
)

// syncBench is a cluster with two namespaces, the custom resource of rules, and a keeper of rules who may do everything.
type syncBench struct {
	*testing.T
	*Server
	keeper *binding.Keeper
	audit  drive.Audit
}

func newSyncBench(t *testing.T) *syncBench {
	b := &syncBench{T: t, Server: New()}
	b.Put(Catalogue()...)
	b.Put(Namespace("team-a", "Active"), Namespace("team-b", "Active"), Namespace("other", "Active"),
		ClusterRole("cluster-admin", Admin().Everywhere...), Bound("", "root", "cluster-admin", rbac.Subject{Kind: "User", Name: "root"}))
	b.Login("root")
	cluster := b.Connect(t, kube.Target{Context: "prod"})
	b.keeper = &binding.Keeper{Cluster: cluster, Rules: binding.ClusterStore(cluster), Audit: &b.audit, User: func() string { return "root" }}
	if err := b.keeper.Install(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	return b
}

func teamRule(name string) rbac.BindingRule {
	return rbac.BindingRule{Name: name, RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser,
		Subjects: []rbac.Subject{{Kind: "User", Name: "alice"}}, Namespaces: []string{"/^team-/"}}
}

func (b *syncBench) save(rule rbac.BindingRule) binding.Stored {
	b.Helper()
	saved, _, err := b.keeper.Keep(b.Context(), rule)
	if err != nil {
		b.Fatal(err)
	}
	return saved
}

func (b *syncBench) sync(o binding.SyncOptions) binding.SyncResult {
	b.Helper()
	result, err := binding.Sync(b.Context(), b.keeper, o, nil)
	if err != nil {
		b.Fatal(err)
	}
	return result
}

// labelled lists the bindings that carry vmdeck's label.
func (b *syncBench) labelled() []string {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, x := range b.Server.bound().objects.Bindings {
		if x.Rule != "" {
			out = append(out, x.String())
		}
	}
	slices.Sort(out)
	return out
}

func (b *syncBench) want(what string, want ...string) {
	b.Helper()
	if got := b.labelled(); !slices.Equal(got, want) {
		b.Errorf("%s: bindings %q, want %q", what, got, want)
	}
}

func (b *syncBench) world() rbac.World {
	b.Helper()
	w, err := binding.Read(b.Context(), b.keeper.Cluster)
	if err != nil {
		b.Fatal(err)
	}
	return w.World
}
