package validation

import (
	"testing"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func TestFirst(t *testing.T) {
	bare := func(api *fakeapi.Server) {
		for _, o := range fakeapi.Catalogue() {
			api.Delete("clusterroles", "", o["metadata"].(map[string]any)["name"].(string))
		}
		for _, name := range []string{"devs", "extra"} {
			api.Delete("rolebindings", "team-a", name)
		}
		api.Delete("rolebindings", "team-b", "leads")
		api.Put(fakeapi.ClusterRole("cluster-admin", rbac.Rules{{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}}...),
			fakeapi.Bound("", "admins", "cluster-admin", user("root")))
	}
	for name, c := range map[string]struct {
		prepare func(api *fakeapi.Server)
		why     string
	}{
		"configured": {prepare: func(*fakeapi.Server) {}},
		"nobody":     {prepare: func(api *fakeapi.Server) { api.Become(fakeapi.Nobody()) }, why: "You may not list VMs in any namespace that is known."},
		"bare":       {prepare: bare, why: "Nobody but administrators has been given rights on VMs yet."},
		"other roles": {prepare: func(api *fakeapi.Server) {
			bare(api)
			other := rbac.Rules{{Verbs: []string{"*"}, APIGroups: []string{"kubevirt.io"}, Resources: []string{"*"}}}
			api.Put(fakeapi.ClusterRole("edit", other...), fakeapi.Bound("team-a", "x", "edit", user("alice")))
		}},
		"viewer of a part": {prepare: func(api *fakeapi.Server) {
			bare(api)
			api.Become(fakeapi.NamespaceOnly("nina", rbac.RoleViewer, "default"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, setting{whole: true, away: true, prepare: c.prepare}, func(w *world) {
				cmd := NewFirst(w.deck).Look()
				var why string
				if cmd != nil {
					if m, ok := cmd().(FirstStart); ok {
						why = m.Why
					}
				}
				if why != c.why {
					t.Errorf("the reason is %q, want %q", why, c.why)
				}
			})
		})
	}
}
