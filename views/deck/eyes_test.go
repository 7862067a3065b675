package deck

import (
	"testing"
	"testing/synctest"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func TestMain(m *testing.M) { drive.Main(m) }

// company is a server at which nina logs in, with rules everywhere and more of them in team-a. alice uses VMs in team-a.
func company(everywhere, inTeamA []rbacv1.PolicyRule) *fakeapi.Server {
	api := fakeapi.New()
	nina, alice := rbac.Subject{Kind: "User", Name: "nina"}, rbac.Subject{Kind: "User", Name: "alice"}
	api.Put(fakeapi.Catalogue()...)
	api.Put(fakeapi.Namespace("team-a", "Active"), fakeapi.Namespace("team-b", "Active"))
	api.Put(fakeapi.ClusterRole("everywhere", everywhere...), fakeapi.ClusterRole("some", inTeamA...),
		fakeapi.Bound("", "everywhere", "everywhere", nina), fakeapi.Bound("team-a", "some", "some", nina), fakeapi.Bound("team-a", "uses", rbac.RoleUser, alice))
	api.Login("nina")
	return api
}

// looking runs a test with a deck that looks as somebody, after it had the time to find out what is asked.
func looking(t *testing.T, api *fakeapi.Server, who rbac.Who, test func(t *testing.T, d *Deck)) {
	t.Helper()
	drive.Bubble(t, func(t *testing.T) {
		cluster := api.Connect(t, kube.Target{Context: "demo", User: "nina"})
		d := Open(t.Context(), cluster, Options{Theme: theme.New(theme.Options{}), Scope: vm.Scope{All: true}})
		t.Cleanup(func() { d.Close(); d.wg.Wait() })
		d.LookThrough(&who)
		test(t, d)
	})
}

// decided asks until there is an answer, or none is to be had.
func decided(d *Deck, namespace, need string) rbac.Decision {
	n, _ := binding.FindNeed(need)
	for range 4 {
		d.Gate.Access.Decide(namespace, n.Perms)
		time.Sleep(time.Second)
		synctest.Wait()
	}
	return d.Gate.Access.Decide(namespace, n.Perms)
}

// Where only the namespace's own reviews are permitted the rest is evaluated, and nothing is made up.
func TestEyesOfANamespaceAdministrator(t *testing.T) {
	local := rbacv1.PolicyRule{APIGroups: []string{"authorization.k8s.io"}, Resources: []string{"localsubjectaccessreviews"}, Verbs: []string{"create"}}
	looking(t, company(nil, []rbacv1.PolicyRule{local}), rbac.WhoIs("alice"), func(t *testing.T, d *Deck) {
		if got := decided(d, "team-a", "start"); !got.Allowed() {
			t.Errorf("start in team-a: %v %q", got.Verdict, got.Reason)
		}
		if got := decided(d, "team-a", "delete"); got.Verdict != rbac.Denied || got.Reason != "needs delete virtualmachines in team-a" {
			t.Errorf("delete in team-a: %v %q", got.Verdict, got.Reason)
		}
		if source, known := d.Eyes().Source(); source != binding.Reviewed || !known {
			t.Errorf("the source is %v, known %v", source, known)
		}
		got := decided(d, "team-b", "start")
		if want := "not known: needs impersonate users, create subjectaccessreviews, or list RBAC objects"; got.Verdict != rbac.Unknown || got.Reason != want || got.Err != nil {
			t.Errorf("start in team-b: %v %q", got.Verdict, got.Reason)
		}
		if source, _ := d.Eyes().Source(); source != binding.Evaluated {
			t.Errorf("the source is %v", source)
		}
	})
}

// What some bindings grant is known, though others cannot be read; what they do not grant is not said to be denied.
func TestEyesThatSeeAPart(t *testing.T) {
	roles := rbacv1.PolicyRule{APIGroups: []string{rbac.GroupRBAC}, Resources: []string{"clusterroles"}, Verbs: []string{"list"}}
	part := rbacv1.PolicyRule{APIGroups: []string{rbac.GroupRBAC}, Resources: []string{"rolebindings", "roles"}, Verbs: []string{"list"}}
	looking(t, company([]rbacv1.PolicyRule{roles}, []rbacv1.PolicyRule{part}), rbac.WhoIs("alice"), func(t *testing.T, d *Deck) {
		if got := decided(d, "team-a", "start"); !got.Allowed() {
			t.Errorf("start: %v %q", got.Verdict, got.Reason)
		}
		if got := decided(d, "team-a", "delete"); got.Verdict != rbac.Unknown || got.Err != nil || got.Reason == "" {
			t.Errorf("delete: %v %q", got.Verdict, got.Reason)
		}
		if blind := d.Eyes().Blind(); blind != "" {
			t.Errorf("blind: %s", blind)
		}
	})
}

func TestEyesHaveAName(t *testing.T) {
	for want, s := range map[string]rbac.Subject{
		"alice": {Kind: "User", Name: "alice"}, "a member of devs": {Kind: "Group", Name: "devs"},
		"sa:ci/bot": {Kind: "ServiceAccount", Namespace: "ci", Name: "bot"},
	} {
		looking(t, company(nil, nil), s.Who(), func(t *testing.T, d *Deck) {
			if got := d.Eyes().Name(); got != want || d.Gate.As != want {
				t.Errorf("%v is called %q, in the gate %q", s, got, d.Gate.As)
			}
		})
	}
}

func TestEyesAreGivenBack(t *testing.T) {
	looking(t, company(nil, nil), rbac.WhoIs("alice"), func(t *testing.T, d *Deck) {
		own := d.own
		other := rbac.WhoIs("bob")
		d.LookThrough(&other)
		if d.Gate.As != "bob" || d.Keeper.ReadOnly != "nothing is changed while you look as bob" {
			t.Errorf("as %q, %q", d.Gate.As, d.Keeper.ReadOnly)
		}
		d.LookThrough(nil)
		if d.Eyes() != nil || d.Gate != own.gate || d.Operator != own.operator || d.Keeper != own.keeper {
			t.Error("something is still bob's")
		}
		if d.Gate.As != "" || d.Keeper.ReadOnly != "" || d.Gate.Access != vm.Decider(d.Cluster.Access()) {
			t.Error("what was the user's own was changed")
		}
	})
}

// The permission to impersonate may go while somebody is impersonated; then it is found out in another way.
func TestEyesWhenImpersonationEnds(t *testing.T) {
	speaks := rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"users"}, Verbs: []string{"impersonate"}}
	reviews := rbacv1.PolicyRule{APIGroups: []string{"authorization.k8s.io"}, Resources: []string{"subjectaccessreviews"}, Verbs: []string{"create"}}
	api := company([]rbacv1.PolicyRule{speaks}, nil)
	looking(t, api, rbac.WhoIs("alice"), func(t *testing.T, d *Deck) {
		if got := decided(d, "team-a", "start"); !got.Allowed() {
			t.Errorf("start: %v %q", got.Verdict, got.Reason)
		}
		if source, _ := d.Eyes().Source(); source != binding.Impersonated {
			t.Errorf("the source is %v", source)
		}
		api.Put(fakeapi.ClusterRole("everywhere", reviews))
		decided(d, "team-a", "start")
		time.Sleep(6 * time.Minute) // what was permitted is not believed any longer
		if got := decided(d, "team-a", "start"); !got.Allowed() {
			t.Errorf("start: %v %q", got.Verdict, got.Reason)
		}
		if source, known := d.Eyes().Source(); source != binding.Reviewed || !known {
			t.Errorf("the source is %v, known %v", source, known)
		}
	})
}
