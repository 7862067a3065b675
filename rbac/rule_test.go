package rbac

import (
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
)

func user(name string) Subject  { return Subject{Kind: rbacv1.UserKind, Name: name} }
func group(name string) Subject { return Subject{Kind: rbacv1.GroupKind, Name: name} }
func account(namespace, name string) Subject {
	return Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}
}

// devs is a rule that is valid.
func devs(change func(*BindingRule)) BindingRule {
	r := BindingRule{
		Name: "devs", RoleKind: KindClusterRole, RoleName: RoleUser, Namespaces: []string{"/^team-/"},
		Subjects: []Subject{user("alice"), group("oidc:devs"), account("ci", "builder")},
	}
	if change != nil {
		change(&r)
	}
	return r
}

func TestRuleValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*BindingRule)
		field  string // of the only problem; empty: none
		text   string
	}{
		{"C3 users, groups and service accounts", nil, "", ""},
		{"C2 cluster-wide", func(r *BindingRule) { r.ClusterWide, r.Namespaces = true, nil }, "", ""},
		{"C2 a Role in namespaces", func(r *BindingRule) { r.RoleKind = KindRole }, "", ""},
		{"C4 names and patterns", func(r *BindingRule) { r.Namespaces = []string{"a", "~/^kube-/"} }, "", ""},
		{"C5 namespaces in a cluster group", func(r *BindingRule) { r.ClusterGroup = true }, "", ""},
		{"C5 cluster-wide in a cluster group", func(r *BindingRule) { r.ClusterGroup, r.ClusterWide, r.Namespaces = true, true, nil }, "ClusterWide", "reach the namespaces of everybody"},
		{"C5 list bindings in a cluster group", func(r *BindingRule) { r.ClusterGroup, r.Lists = true, true }, "Lists", RoleListNamespaces},
		{"no name", func(r *BindingRule) { r.Name = "" }, "Name", "needs a name"},
		{"wrong name", func(r *BindingRule) { r.Name = "my rule" }, "Name", "character 3"},
		{"no role kind", func(r *BindingRule) { r.RoleKind = "" }, "RoleKind", "ClusterRole or a Role"},
		{"no role", func(r *BindingRule) { r.RoleName = "" }, "RoleName", "Name the role"},
		{"C2 a Role cluster-wide", func(r *BindingRule) { r.RoleKind, r.ClusterWide, r.Namespaces = KindRole, true, nil }, "ClusterWide", "belongs to one namespace"},
		{"both ways", func(r *BindingRule) { r.ClusterWide = true }, "Namespaces", "takes no namespaces"},
		{"nowhere", func(r *BindingRule) { r.Namespaces = nil }, "Namespaces", "at least one"},
		{"C4 wrong pattern", func(r *BindingRule) { r.Namespaces = []string{"a", "/b(/"} }, "Namespaces", "character 3"},
		{"C3 nobody", func(r *BindingRule) { r.Subjects = nil }, "Subjects", "at least one"},
		{"C3 another kind", func(r *BindingRule) { r.Subjects[0].Kind = "Robot" }, "Subjects", `not "Robot"`},
		{"C3 no subject name", func(r *BindingRule) { r.Subjects[0].Name = "" }, "Subjects", "has no name"},
		{"C3 account without namespace", func(r *BindingRule) { r.Subjects[2].Namespace = "" }, "Subjects", "needs its namespace"},
		{"C3 user in a namespace", func(r *BindingRule) { r.Subjects[0].Namespace = "x" }, "Subjects", "in no namespace"},
		{"C3 twice", func(r *BindingRule) { r.Subjects[1] = r.Subjects[0] }, "Subjects", "twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			problems := devs(tt.change).Validate()
			if tt.field == "" {
				if len(problems) > 0 {
					t.Errorf("problems %v", problems)
				}
				return
			}
			if len(problems) != 1 || problems[0].Field != tt.field || !strings.Contains(problems[0].Text, tt.text) || !strings.HasSuffix(problems[0].Text, ".") {
				t.Errorf("problems %+v, want one of %s with %q", problems, tt.field, tt.text)
			}
			if _, err := NewPlan(devs(tt.change), World{}); err == nil {
				t.Error("it was planned all the same")
			}
		})
	}
}

func TestC4RuleWarnings(t *testing.T) {
	r := devs(func(r *BindingRule) {
		r.Namespaces = []string{"/^kube-s/", "team-a", "/^kube-s/"}
		r.Subjects = append(r.Subjects, group("system:authenticated"))
	})
	got := r.Warnings([]string{"team-a"})
	if len(got) != 2 || !strings.Contains(got[0], "kube-system") || !strings.Contains(got[1], "system:authenticated") {
		t.Errorf("warnings %q", got)
	}
}

func TestC3Subjects(t *testing.T) {
	tests := []struct {
		subject Subject
		who     Who
		want    bool
	}{
		{user("alice"), WhoIs("alice"), true},
		{user("alice"), WhoIs("bob", "alice"), false},
		{group("ops"), WhoIs("bob", "ops"), true},
		{group("system:authenticated"), WhoIs("bob"), true},
		{group("system:authenticated"), WhoIs("system:anonymous"), false},
		{group("system:serviceaccounts"), WhoIs("bob"), false},
		{group("system:serviceaccounts:ci"), account("ci", "builder").Who(), true},
		{group("system:serviceaccounts:ci"), account("cd", "builder").Who(), false},
		{account("ci", "builder"), account("ci", "builder").Who(), true},
		{account("ci", "builder"), account("cd", "builder").Who(), false},
		{user("system:serviceaccount:ci:builder"), account("ci", "builder").Who(), true},
		{group("ops"), group("ops").Who(), true},
		{Subject{Kind: "Robot", Name: "bob"}, WhoIs("bob", "bob"), false},
	}
	for _, tt := range tests {
		if got := tt.who.Is(tt.subject); got != tt.want {
			t.Errorf("%v is %s: %v, want %v", tt.who, tt.subject, got, tt.want)
		}
	}
	for _, s := range []Subject{user("alice"), account("ci", "builder")} {
		if got := SubjectOf(s.Who().User); got != s {
			t.Errorf("%s comes back as %s", s, got)
		}
		if got := SubjectsOf([]rbacv1.Subject{s.Object()}, "elsewhere"); !slices.Equal(got, []Subject{s}) {
			t.Errorf("%s is read back as %v", s, got)
		}
	}
	if got := SubjectsOf([]rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: "x"}}, "team-a"); got[0] != account("team-a", "x") {
		t.Errorf("an account without namespace is %s", got[0])
	}
}
