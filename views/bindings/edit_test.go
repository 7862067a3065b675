package bindings

import (
	"reflect"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

// TestEdit: C1 to C4. The editor is opened with what is there.
func TestEdit(t *testing.T) {
	ops := rbac.BindingRule{Name: "ops", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleAdmin, Subjects: []rbac.Subject{group("ops")}, ClusterWide: true}
	leads := rbac.BindingRule{Name: "leads", RoleKind: rbac.KindClusterRole, RoleName: rbac.RolePowerUser, Subjects: []rbac.Subject{user("alice"), user("bob")}, Namespaces: []string{"team-a"}}
	admins := rbac.BindingRule{Name: "kubeadm-cluster-admins", RoleKind: rbac.KindClusterRole, RoleName: "cluster-admin", Subjects: []rbac.Subject{group("kubeadm:cluster-admins")}, ClusterWide: true}
	for _, tt := range []struct {
		name string
		row  []string
		keys []string
		want deck.EditRule
	}{
		{"a new rule", nil, []string{"n"}, deck.EditRule{}},
		{"a new rule by plus", nil, []string{"+"}, deck.EditRule{}},
		{"a rule that is kept", []string{"oidc:devs", "team-b"}, []string{"e"}, deck.EditRule{Rule: devs().BindingRule, Version: "7", Exists: true}},
		{"a rule without bindings", []string{"dave"}, []string{"e"}, deck.EditRule{Rule: lab().BindingRule, Version: "3", Exists: true}},
		{"a rule that is kept nowhere", []string{"group ops"}, []string{"e"}, deck.EditRule{Rule: ops, Exists: true}},
		{"somebody else's", []string{"bob"}, []string{"e", "tab", "enter"}, deck.EditRule{Rule: leads}},
		{"somebody else's, cluster-wide", []string{"kubeadm"}, []string{"e", "tab", "enter"}, deck.EditRule{Rule: admins}},
		{"from the details", []string{"oidc:devs", "team-b"}, []string{"enter", "e"}, deck.EditRule{Rule: devs().BindingRule, Version: "7", Exists: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, setting{}, func(w *world) {
				if tt.row != nil {
					w.To(tt.row...)
				}
				press(tt.keys...)(w)
				if got, ok := stage.Asked[deck.EditRule](w.Stage); !ok || !reflect.DeepEqual(got, tt.want) {
					t.Errorf("the editor gets\n%+v\nwant\n%+v\n%s", got, tt.want, w.Plain())
				}
				w.writes()
			})
		})
	}
	odd := setting{prepare: func(api *fakeapi.Server) {
		api.Put(fakeapi.Bound("team-a", "odd", rbac.RoleViewer, user("mal\u202elory")), fakeapi.Bound("team-a", "blank", rbac.RoleViewer, user(" pat")))
	}}
	inWorld(t, odd, func(w *world) {
		for _, name := range []string{"mallory", "pat"} {
			w.Type("/" + name) // what is seen is what is found
			w.Keys("enter", "e")
			if got, ok := stage.Asked[deck.EditRule](w.Stage); ok || len(w.page.list.VisibleRows()) != 1 {
				t.Errorf("the editor would name another than %s: %+v", name, got)
			}
			w.Contains("edit: the name of User", "cannot be typed")
			w.Keys("esc")
		}
	})
	inWorld(t, setting{}, func(w *world) {
		w.To("bob")
		press("e", "enter")(w)
		if got, ok := stage.Asked[deck.EditRule](w.Stage); ok {
			t.Errorf("cancelled, and the editor gets %+v", got)
		}
	})
}

func TestNamesOfRules(t *testing.T) {
	p := &Page{state: binding.State{Rules: []binding.Stored{{BindingRule: rbac.BindingRule{Name: "devs"}}}}}
	p.state.World.Bindings = []rbac.Binding{{Name: "vmdeck-devs-2", Rule: "devs-2"}}
	for name, want := range map[string]string{"leads": "leads", "devs": "devs-3", "kubeadm:cluster-admins": "kubeadm-cluster-admins", "System:X.y": "system-x-y",
		strings.Repeat("a", 80): strings.Repeat("a", 59), ":::": ""} {
		if got := p.freeName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}
