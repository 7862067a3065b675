package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// stored is a store of rules that holds what a test put there.
type stored struct {
	rules []binding.Stored
	err   error
}

func (s stored) List(context.Context) ([]binding.Stored, error) { return s.rules, s.err }
func (s stored) Save(context.Context, rbac.BindingRule, string) (binding.Stored, error) {
	return binding.Stored{}, errors.New("a check writes nothing")
}
func (s stored) Delete(context.Context, binding.Stored) error {
	return errors.New("a check writes nothing")
}
func (s stored) Where() string { return "a test" }

func TestD2Bindings(t *testing.T) {
	runBroken(t, []broken{
		{"nobody bound", "bindings.personas", func(f *fake) { f.bindings = nil }, Fail, []string{"No user, group or service account"}},
		{"orphan of the catalogue", "bindings.orphans", func(f *fake) {
			delete(f.roles, rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RoleUser})
		}, Fail, []string{"1 binding to a role that does not exist", "RoleBinding team-a/users → ClusterRole spectro-vm-user", "vmdeck roles install"}},
		{"orphan of others", "bindings.orphans", func(f *fake) { f.bind("team-b", "gone", "it's old", "eve") }, Warn,
			[]string{`kubectl delete rolebinding 'it'\''s old' -n team-b`}},
		{"C1 without namespaces", "bindings.lists/" + rbac.RoleListNamespaces, func(f *fake) { f.unbind("lists") }, Fail,
			[]string{"2 subjects cannot see which namespaces", "User viewer has rights over VMs in all namespaces", "--clusterrole=spectro-list-namespaces --user=user --user=viewer"}},
		{"C1 the other stays", "bindings.lists/" + rbac.RoleListVMTemplates, func(f *fake) { f.unbind("lists") }, Pass, nil},
		{"C1 in namespaces only", "bindings.lists/" + rbac.RoleListVMTemplates, func(f *fake) {
			f.bind("team-b", rbac.RoleViewer, "more", "guest")
		}, Warn, []string{"User guest has rights over VMs in single namespaces only"}},
		{"C1 of oneself", "bindings.lists/" + rbac.RoleListNamespaces, func(f *fake) { f.user = rbac.WhoIs("nobody") }, Warn,
			[]string{"You cannot see which namespaces there are", "--user=nobody"}},
		{"C1 of oneself, in order", "bindings.lists/" + rbac.RoleListNamespaces, func(f *fake) { f.user = rbac.WhoIs("viewer") }, Pass, nil},
		{"no rules", "bindings.rules", func(*fake) {}, NotApplicable, nil},
	})
}

// TestC1FixHasAFreeName: the rule that a fix opens never takes the place of another.
func TestC1FixHasAFreeName(t *testing.T) {
	f := newFake()
	f.bind("", rbac.RoleListNamespaces, "vmdeck-"+rbac.RoleListNamespaces, "somebody")
	f.bind("team-b", rbac.RoleViewer, "more", "guest")
	r := f.only(t, "bindings.lists/"+rbac.RoleListNamespaces, Options{})
	if rule := r.Fix.Open.(EditRule).Rule; rule.Name != rbac.RoleListNamespaces+"-2" || len(rule.Validate()) > 0 || len(rule.Subjects) != 1 {
		t.Errorf("rule %+v", rule)
	}
}

func TestD2Rules(t *testing.T) {
	rule := rbac.BindingRule{
		Name: "devs", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser, Namespaces: []string{"/^team-/"}, Subjects: []rbac.Subject{rbac.SubjectOf("dev")},
	}
	made := func(f *fake, subject string) {
		for _, ns := range []string{"team-a", "team-b"} {
			f.bind(ns, rule.RoleName, "vmdeck-devs", subject)
			f.bindings[len(f.bindings)-1].Rule = "devs"
		}
	}
	for name, tt := range map[string]struct {
		store   stored
		breakIt func(*fake)
		id      string
		verdict Verdict
		words   []string
	}{
		"as it says":    {stored{rules: []binding.Stored{{BindingRule: rule}}}, func(f *fake) { made(f, "dev") }, "/devs", Pass, []string{"as it says: 2"}},
		"missing":       {stored{rules: []binding.Stored{{BindingRule: rule}}}, func(*fake) {}, "/devs", Fail, []string{"2 missing", "+ RoleBinding team-a/vmdeck-devs", "vmdeck bindings sync"}},
		"changed":       {stored{rules: []binding.Stored{{BindingRule: rule}}}, func(f *fake) { made(f, "mallory") }, "/devs", Fail, []string{"2 changed"}},
		"new namespace": {stored{rules: []binding.Stored{{BindingRule: rule}}}, func(f *fake) { made(f, "dev"); f.namespaces = append(f.namespaces, "team-c") }, "/devs", Fail, []string{"1 missing"}},
		"conflict": {stored{rules: []binding.Stored{{BindingRule: rule}}}, func(f *fake) {
			made(f, "dev")
			f.bindings[len(f.bindings)-1].Rule = ""
		}, "/devs", Warn, []string{"stand in the way", "was not made by vmdeck"}},
		"broken":      {stored{rules: []binding.Stored{{BindingRule: rbac.BindingRule{Name: "devs"}, Err: errors.New("no role")}}}, func(*fake) {}, "/devs", Fail, []string{"cannot be used", "No role"}},
		"invalid":     {stored{rules: []binding.Stored{{BindingRule: rbac.BindingRule{Name: "devs"}}}}, func(*fake) {}, "/devs", Fail, []string{"cannot be used"}},
		"empty":       {stored{}, func(*fake) {}, "", NotApplicable, nil},
		"not there":   {stored{err: binding.ErrNotInstalled}, func(*fake) {}, "", NotApplicable, nil},
		"not to read": {stored{err: errors.New("the disk is away")}, func(*fake) {}, "", Fail, []string{"the disk is away"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			tt.breakIt(f)
			want(t, f.only(t, "bindings.rules"+tt.id, Options{Rules: tt.store}), tt.verdict, tt.words...)
		})
	}
}

// TestD2Access: the matrix is the API server's answer, and is held against what the persona is meant to have.
func TestD2Access(t *testing.T) {
	role := rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RoleUser}
	const id = "access.personas/User user"
	runBroken(t, []broken{
		{"as meant", id, func(*fake) {}, Pass, nil},
		{"another authorizer", id, func(f *fake) {
			f.extra = func(who rbac.Who, ns string, p rbac.Permission) bool {
				return who.User == "user" && ns == "team-a" && p.Verb == "delete"
			}
		}, Warn, []string{"surplus in team-a: cancel-migration, delete", "spectro-vm-user by RoleBinding team-a/users"}},
		{"a drifted role that grants too much", id, func(f *fake) {
			f.roles[role] = f.roles[rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RolePowerUser}]
		}, Warn,
			[]string{"may do more", "surplus in team-a: migrate"}},
		{"a drifted role that grants too little", id, func(f *fake) { f.roles[role] = f.roles[role][1:] }, Fail, []string{"lacks rights", "missing in team-a: see"}},
		{"a second binding", id, func(f *fake) { f.bind("team-b", rbac.RoleAdmin, "oops", "user") }, Pass, nil}, // a persona too
		{"a role besides", id, func(f *fake) {
			f.roles[rbac.RoleRef{Kind: rbac.KindClusterRole, Name: "edit"}] = rbac.Rules{{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}}
			f.bind("team-b", "edit", "oops", "user")
		}, Warn, []string{"surplus in team-b: see"}},
		{"both", id, func(f *fake) {
			f.roles[role] = append(f.roles[role][1:], rbac.Rules{{Verbs: []string{"create"}, APIGroups: []string{"*"}, Resources: []string{"*"}}}...)
		}, Fail, []string{"lacks", "besides", "missing in", "surplus in"}},
		{"none", "access.personas", func(f *fake) { f.bindings = nil }, NotApplicable, nil},
		{"not permitted", "access.personas", func(f *fake) { f.user = rbac.WhoIs("viewer") }, NotPermitted, []string{"spectro-vm-admin may"}},
	})
	t.Run("a rule's promise", func(t *testing.T) {
		rule := rbac.BindingRule{Name: "devs", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser, Namespaces: []string{"team-b"}, Subjects: []rbac.Subject{rbac.SubjectOf("dev")}}
		r := newFake().only(t, "access.personas/User dev", Options{Rules: stored{rules: []binding.Stored{{BindingRule: rule}}}})
		want(t, r, Fail, "missing in team-b: see, start", "spectro-vm-user by the rule devs")
	})
}

// TestD2AccessOfSomebody: a user by name, in other namespaces than those of the bindings; without a persona there is nothing to compare.
func TestD2AccessOfSomebody(t *testing.T) {
	f := newFake()
	who := rbac.WhoIs("user", "devs")
	r := f.only(t, "access.personas/User user", Options{Who: &who, Namespaces: []string{"team-a", "team-b"}})
	want(t, r, Pass)
	if m := r.Matrix; len(m.Places) != 3 || !slices.Contains(m.Places[1].allowed(), "start") || len(m.Places[2].allowed()) > 0 || !m.Places[1].Cells[0].Want {
		t.Errorf("matrix %+v", m)
	}
	own := f.only(t, "access.own", Options{Who: &who})
	want(t, own, Pass, "user may use VMs in team-a", "team-a: see, start")
	eve := rbac.WhoIs("eve")
	want(t, f.only(t, "access.personas/User eve", Options{Who: &eve}), Pass, "has no persona")
	want(t, f.only(t, "access.own", Options{Who: &eve}), Fail, "eve may not do anything")
	group := rbac.Subject{Kind: "Group", Name: "devs"}
	want(t, f.only(t, "access.personas/Group devs", Options{Subjects: []rbac.Subject{group}}), Pass, "has no persona")
}

// TestD2ReviewsByImpersonation: who may not ask about others may perhaps speak for them.
func TestD2ReviewsByImpersonation(t *testing.T) {
	f := newFake()
	f.user = rbac.WhoIs("helper")
	read := rbac.Rules{{Verbs: []string{"list"}, APIGroups: []string{rbac.GroupRBAC}, Resources: []string{"*"}}}
	f.roles[rbac.RoleRef{Kind: rbac.KindClusterRole, Name: "helper"}] = read
	f.bind("", "helper", "helper", "helper")
	want(t, f.only(t, "access.personas", Options{}), NotPermitted, "ask the API server what User user may do")
	f.roles[rbac.RoleRef{Kind: rbac.KindClusterRole, Name: "helper"}] = append(read, rbac.Rules{{Verbs: []string{"impersonate"}, APIGroups: []string{""}, Resources: []string{"users"}}}...)
	r := f.only(t, "access.personas/User user", Options{})
	want(t, r, Pass)
	if how := strings.Join(r.How, "\n"); !strings.Contains(how, "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews as user") {
		t.Errorf("how:\n%s", how)
	}
}

// TestManyPeople: on a large cluster the number of requests stays within bounds, and it is said what was left out.
func TestManyPeople(t *testing.T) {
	f := newFake()
	for i := range mostPeople + 7 {
		f.bind("team-b", rbac.RoleViewer, fmt.Sprintf("b-%d", i), fmt.Sprintf("u-%d", i))
	}
	report := f.run(t, Options{Only: []string{"access.personas"}})
	last := report.Results[len(report.Results)-1]
	if len(report.Results) != mostPeople+1 || report.Failed(true) {
		t.Errorf("%d results", len(report.Results))
	}
	want(t, last, NotApplicable, "9 subjects more were not looked at")
}

// TestSystemSubjectsAreNoUsers: Kubernetes' own groups and controllers are not told to get list bindings.
func TestSystemSubjectsAreNoUsers(t *testing.T) {
	f := newFake()
	f.bindings = nil
	for _, s := range []rbac.Subject{{Kind: "Group", Name: "system:masters"}, {Kind: "ServiceAccount", Namespace: "kubevirt", Name: "controller"},
		{Kind: "ServiceAccount", Namespace: "team-a", Name: "operator"}} {
		f.bindings = append(f.bindings, rbac.Binding{Name: s.Name, Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: "all"}, Subjects: []rbac.Subject{s}})
	}
	f.roles[rbac.RoleRef{Kind: rbac.KindClusterRole, Name: "all"}] = rbac.Rules{{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}}
	want(t, f.only(t, "bindings.personas", Options{}), Fail)
	f.bind("team-a", rbac.RoleUser, "ci", "system:serviceaccount:team-a:ci")
	want(t, f.only(t, "bindings.personas", Options{}), Pass, "ServiceAccount team-a/ci")
}
