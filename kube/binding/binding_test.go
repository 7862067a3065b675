package binding

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"vmdeck.dev/vmdeck/rbac"
)

func user(name string) rbac.Subject { return rbac.Subject{Kind: rbacv1.UserKind, Name: name} }

func bound(namespace, name, role string, subjects ...rbac.Subject) rbac.Binding {
	return rbac.Binding{Namespace: namespace, Name: name, Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: role}, Subjects: subjects}
}

// sample is a small cluster: rights from everywhere and from namespaces, together and apart, and a role that is not there.
func sample() World {
	w := World{World: rbac.World{Namespaces: []string{"team-a", "team-b"}, Objects: rbac.Objects{Roles: map[rbac.RoleRef]rbac.Rules{}}}}
	for _, r := range rbac.CatalogueRules() {
		w.Roles[r.Ref] = r.Rules
	}
	starter := rbac.RoleRef{Kind: rbac.KindRole, Namespace: "team-a", Name: "starter"}
	w.Roles[starter] = rbac.Rules{{Verbs: []string{"update"}, APIGroups: []string{rbac.GroupSubresources}, Resources: []string{"virtualmachines/start"}}}
	w.Bindings = []rbac.Binding{
		bound("", "admins", rbac.RoleAdmin, user("root")),
		bound("", "lists", rbac.RoleListNamespaces, rbac.Subject{Kind: rbacv1.GroupKind, Name: "system:authenticated"}),
		bound("team-a", "devs", rbac.RoleUser, user("alice"), rbac.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: "ci", Name: "bot"}),
		{Namespace: "team-a", Name: "starters", Role: starter, Subjects: []rbac.Subject{user("bob"), user("root")}},
		bound("team-b", "views", rbac.RoleViewer, user("alice")),
		bound("team-b", "gone", "no-such-role", user("carol")),
	}
	return w
}

func permsOf(t *testing.T, id string) []rbac.Permission {
	t.Helper()
	need, ok := FindNeed(id)
	if !ok {
		t.Fatalf("no need %s", id)
	}
	return need.Perms
}

func TestWhoCan(t *testing.T) {
	tests := []struct {
		need, namespace string
		want            []string
	}{
		{"start", "team-a", []string{"User root everywhere by admins", "ServiceAccount ci/bot in team-a by devs", "User alice in team-a by devs", "User bob in team-a by starters"}},
		{"start", "team-b", []string{"User root everywhere by admins"}},
		{"delete", "", []string{"User root everywhere by admins"}},
		{"see", "", []string{"User root everywhere by admins", "ServiceAccount ci/bot in team-a by devs", "User alice in team-a by devs", "User alice in team-b by views"}},
	}
	for _, tt := range tests {
		t.Run("B4 "+tt.need+" "+tt.namespace, func(t *testing.T) {
			var got []string
			for _, h := range sample().WhoCan(permsOf(t, tt.need), tt.namespace) {
				where, by := "everywhere", []string{}
				if h.Namespace != "" {
					where = "in " + h.Namespace
				}
				for _, ref := range h.Via {
					by = append(by, ref.Name)
				}
				got = append(got, fmt.Sprintf("%s %s by %s", h.Subject, where, strings.Join(by, " ")))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestDecide(t *testing.T) {
	blind := func(place string) func(*World) { return func(w *World) { w.Unread = []string{place} } }
	tests := []struct {
		name   string
		change func(*World)
		who    rbac.Who
		space  string
		want   rbac.Verdict
	}{
		{"granted", nil, rbac.WhoIs("alice"), "team-a", rbac.Allowed},
		{"not granted", nil, rbac.WhoIs("alice"), "team-b", rbac.Denied},
		{"by group system:masters", nil, rbac.WhoIs("x", "system:masters"), "team-b", rbac.Allowed},
		{"a role that is not there", nil, rbac.WhoIs("carol"), "team-b", rbac.Unknown},
		{"unread bindings of the cluster", blind(""), rbac.WhoIs("alice"), "team-b", rbac.Unknown},
		{"unread bindings elsewhere", blind("team-a"), rbac.WhoIs("alice"), "team-b", rbac.Denied},
		{"granted whatever else was not read", blind(""), rbac.WhoIs("alice"), "team-a", rbac.Allowed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := sample()
			if tt.change != nil {
				tt.change(&w)
			}
			d := w.Decide(tt.who, tt.space, permsOf(t, "start"))
			if d.Verdict != tt.want || (d.Reason == "") != (tt.want == rbac.Allowed) {
				t.Errorf("%v: %q", d.Verdict, d.Reason)
			}
		})
	}
}

func TestFix(t *testing.T) {
	secrets := []rbac.Permission{rbac.On("get", rbac.GroupCore, "secrets")}
	tests := []struct {
		name  string
		perms []rbac.Permission
		roles func(map[rbac.RoleRef]rbac.Rules)
		space string
		want  string // kinds and role of what is proposed
	}{
		{"the least of the catalogue", permsOf(t, "start"), nil, "team-b", "RoleBinding → ClusterRole spectro-vm-user"},
		{"cluster-wide", permsOf(t, "start"), nil, "", "ClusterRoleBinding → ClusterRole spectro-vm-user"},
		{"the catalogue is not there, another role is", permsOf(t, "start"), func(m map[rbac.RoleRef]rbac.Rules) {
			for _, name := range rbac.Names() {
				delete(m, rbac.RoleRef{Kind: rbac.KindClusterRole, Name: name})
			}
			m[rbac.RoleRef{Kind: rbac.KindClusterRole, Name: "all"}] = rbac.Rules{{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}}
		}, "team-a", "RoleBinding → Role starter"},
		{"cluster roles cannot be read", permsOf(t, "migrate"), func(m map[rbac.RoleRef]rbac.Rules) { clear(m) }, "team-b", "RoleBinding → ClusterRole spectro-vm-power-user"},
		{"no role grants it", secrets, nil, "team-b", "Role + RoleBinding → Role vmdeck-get-secrets"},
		{"no role grants it cluster-wide", secrets, nil, "", "ClusterRole + ClusterRoleBinding → ClusterRole vmdeck-get-secrets"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := sample()
			if tt.roles != nil {
				tt.roles(w.Roles)
			}
			who := rbac.WhoIs("Eve@example.com")
			a := Answer{Who: who, Decision: rbac.Deny(tt.space, tt.perms...), OnCluster: w.Granting(tt.perms, tt.space)}
			var kinds []string
			for _, o := range fix(a, w, tt.space) {
				switch o := o.(type) {
				case *rbacv1.RoleBinding:
					kinds = append(kinds, "RoleBinding → "+o.RoleRef.Kind+" "+o.RoleRef.Name)
					w.Bindings = append(w.Bindings, rbac.BindingOf(o))
				case *rbacv1.ClusterRoleBinding:
					kinds = append(kinds, "ClusterRoleBinding → "+o.RoleRef.Kind+" "+o.RoleRef.Name)
					w.Bindings = append(w.Bindings, rbac.ClusterBindingOf(o))
				case *rbacv1.Role:
					kinds = append(kinds, "Role")
					w.Roles[rbac.FromRole(o).Ref] = o.Rules
				case *rbacv1.ClusterRole:
					kinds = append(kinds, "ClusterRole")
					w.Roles[rbac.FromClusterRole(o).Ref] = o.Rules
				}
				if name := o.GetName(); strings.ContainsAny(name, "@E") {
					t.Errorf("an object cannot be called %s", name)
				}
			}
			if got := strings.Join(kinds, " + "); got != tt.want {
				t.Errorf("proposes %s, want %s", got, tt.want)
			}
			if tt.name != "cluster roles cannot be read" && w.Decide(who, tt.space, tt.perms).Verdict != rbac.Allowed {
				t.Error("what is proposed does not give the right")
			}
		})
	}
}

func TestOnVM(t *testing.T) {
	for id, want := range map[string]string{
		"start": `update virtualmachines/start "db"`, "pause": `update virtualmachineinstances/pause "db"`, "delete": `delete virtualmachines "db"`,
		"clone": "create virtualmachineclones", "see": "list virtualmachines", "cancel-migration": "delete virtualmachineinstancemigrations",
	} {
		if got := OnVM(permsOf(t, id), "db")[0].Short(); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
}

func TestExplainApply(t *testing.T) {
	b := bound("team-a", "vmdeck-devs", rbac.RoleUser, user("alice"))
	resource := schema.GroupResource{Group: rbacv1.GroupName, Resource: "rolebindings"}
	rule := `{APIGroups:["subresources.kubevirt.io"], Resources:["virtualmachines/start"], Verbs:["update"]}`
	grant := func(rules ...string) error {
		return apierrors.NewForbidden(resource, b.Name, errors.New(`user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:`+"\n"+strings.Join(rules, "\n")))
	}
	tests := []struct {
		name string
		err  error
		want []string
	}{
		{"escalation", grant(rule, `{APIGroups:[""], Resources:["pods"], ResourceNames:["x"], Verbs:["get" "list"]}`),
			[]string{"nobody may hand out rights", "update virtualmachines/start (subresources.kubevirt.io); get, list pods named x", `verb bind on clusterroles "spectro-vm-user"`}},
		{"escalation by many rules", grant(rule, rule, rule, rule, rule), []string{"and 2 more rules"}},
		{"escalation by a URL", grant(`{NonResourceURLs:["/metrics"], Verbs:["get"]}`), []string{"get /metrics"}},
		{"plainly forbidden", apierrors.NewForbidden(resource, b.Name, errors.New("no")), []string{"not permitted"}},
		{"changed meanwhile", apierrors.NewConflict(resource, b.Name, errors.New("modified")), []string{"nothing was overwritten"}},
		{"the role is not there", apierrors.NewNotFound(resource, b.Role.Name), []string{"there is no ClusterRole spectro-vm-user"}},
		{"the namespace is not there", apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "team-a"), []string{"does not exist any more"}},
		{"made meanwhile", errTaken, []string{"left alone", "Plan again"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Step{Verb: Create, Binding: b, Err: tt.err}.String()
			if !strings.HasPrefix(got, "create RoleBinding team-a/vmdeck-devs: ") || !strings.HasSuffix(got, ".") {
				t.Errorf("not a sentence: %s", got)
			}
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q lacks %q", got, want)
				}
			}
			if Escalation(tt.err) != strings.HasPrefix(tt.name, "escalation") {
				t.Errorf("escalation: %v", Escalation(tt.err))
			}
		})
	}
}

func TestConcerning(t *testing.T) {
	w := sample()
	w.Bindings = append(w.Bindings, rbac.Binding{Namespace: "team-b", Name: "vmdeck-x", Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: "no-such-role"}, Rule: "x"})
	var got []string
	for _, e := range w.Concerning(Needs()) {
		got = append(got, fmt.Sprintf("%s %d %v", e.Binding, len(e.Grants), e.Known))
	}
	all := len(Needs())
	want := []string{
		fmt.Sprintf("ClusterRoleBinding admins %d true", all), "ClusterRoleBinding lists 0 true", fmt.Sprintf("RoleBinding team-a/devs %d true", all-5),
		"RoleBinding team-a/starters 2 true", "RoleBinding team-b/views 1 true", "RoleBinding team-b/vmdeck-x 0 false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestGapsIn(t *testing.T) {
	w := World{Gaps: []Gap{{What: "cluster roles", Text: "all"}, {What: "roles", Namespace: "a", Text: "roles in a"}}}
	for _, ns := range []string{"a", "b", "c", "d"} {
		w.Gaps = append(w.Gaps, Gap{What: "role bindings", Namespace: ns, Text: "bindings in " + ns})
	}
	for namespace, want := range map[string][]string{
		"":  {"all", "roles in a", "You may not list role bindings in 4 namespaces."},
		"a": {"all", "roles in a", "bindings in a"},
		"z": {"all"},
	} {
		if got := w.GapsIn(namespace); !slices.Equal(got, want) {
			t.Errorf("in %q: %q, want %q", namespace, got, want)
		}
	}
}
