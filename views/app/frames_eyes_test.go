package app

import (
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// subject reads "User alice" and the like.
func subject(kind, name string) rbac.Subject { return rbac.Subject{Kind: kind, Name: name} }

// rule is a policy rule in one group.
func rule(group string, resources []string, verbs ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: resources, Verbs: verbs}
}

var (
	readsBindings = rule(rbac.GroupRBAC, []string{"roles", "clusterroles", "rolebindings", "clusterrolebindings"}, "list")
	reviews       = rule("authorization.k8s.io", []string{"subjectaccessreviews"}, "create")
	impersonates  = rule("", []string{"users", "groups", "serviceaccounts"}, "impersonate")
	bindsRoles    = rule(rbac.GroupRBAC, []string{"rolebindings"}, "create", "bind")
)

// company is a cluster with roles and bindings: oscar operates VMs everywhere; alice uses VMs in team-a and sees those of team-b; devs
// see those of team-b; root may do everything. Whoever logs in has the rules besides.
func company(login string, rules ...rbacv1.PolicyRule) func(api *fakeapi.Server) {
	return func(api *fakeapi.Server) {
		api.Put(fakeapi.Catalogue()...)
		everything := rule("*", []string{"*"}, "*")
		api.Put(fakeapi.ClusterRole("everything", everything), fakeapi.ClusterRole("extra", rules...))
		api.Put(
			fakeapi.Bound("", "root", "everything", subject("User", "root")),
			fakeapi.Bound("", "operators", rbac.RolePowerUser, subject("User", "oscar")),
			fakeapi.Bound("", "lists", rbac.RoleListNamespaces, subject("User", "oscar"), subject("Group", "system:authenticated")),
			fakeapi.Bound("", "extra", "extra", subject("User", login)),
			fakeapi.Bound("team-a", "alice-uses", rbac.RoleUser, subject("User", "alice")),
			fakeapi.Bound("team-b", "views", rbac.RoleViewer, subject("User", "alice"), subject("Group", "devs")),
		)
		api.Login(login)
	}
}

func as(words string) func(w *world) {
	return func(w *world) {
		w.Type(":as " + words)
		press("enter")(w)
		w.Pass(2 * time.Second)
	}
}

func TestFramesOfEyes(t *testing.T) {
	impersonated := setting{prepare: company("oscar", impersonates)}
	drive.Goldens(t, inWorld, []frame{
		{Name: "list-impersonated", Setting: impersonated, Do: both(on("db-replica"), as("alice"))},
		{Name: "list-reviewed", Setting: setting{prepare: company("oscar", reviews)}, Do: both(on("nightly-batch"), as("alice"))},
		{Name: "list-evaluated", Setting: setting{prepare: company("oscar", readsBindings)}, Do: both(on("db-replica"), as("alice"))},
		{Name: "list-blind", Setting: setting{prepare: company("oscar")}, Do: both(on("db-replica"), as("alice"))},
		{Name: "menu", Setting: impersonated, Do: both(on("db-replica"), as("alice"), press("a"))},
		{Name: "pressed", Setting: impersonated, Do: both(on("db-replica"), as("alice"), press("s"))},
		{Name: "denied", Setting: impersonated, Do: both(on("build-runner-1"), as("alice"), press("m"))},
		{Name: "details", Setting: impersonated, Do: both(on("db-replica"), as("alice"), press("enter"))},
		{Name: "whom", Setting: setting{prepare: company("oscar", readsBindings)}, Do: both(typing(":as"), press("enter"), pass(time.Second))},
		{Name: "whom-typed", Setting: setting{prepare: company("oscar")}, Do: both(typing(":as"), press("enter"), pass(time.Second), typing("alice devs"))},
		{Name: "group", Setting: setting{prepare: company("oscar", impersonates, readsBindings)}, Do: both(typing(":as"), press("enter"), pass(time.Second), typing("devs"), press("enter"), pass(time.Second))},
	})
}

func TestFramesOfExplanations(t *testing.T) {
	alice := setting{prepare: company("alice")}
	reader := setting{prepare: company("alice", readsBindings, bindsRoles)}
	drive.Goldens(t, inWorld, []frame{
		{Name: "complete", Setting: reader, Do: on("build-runner-1", "m")},
		{Name: "yaml", Setting: reader, Do: on("build-runner-1", "m", "tab", "tab", "tab", "enter")},
		{Name: "little-readable", Setting: alice, Do: on("build-runner-1", "m")},
		{Name: "allowed", Setting: reader, Do: both(on("db-replica"), typing(":why start"), press("enter"), pass(time.Second))},
		{Name: "allowed-but-off", Setting: alice, Do: both(on("db-replica"), typing(":why stop"), press("enter"), pass(time.Second))},
		{Name: "choose", Setting: alice, Do: both(on("db-replica"), typing(":why"), press("enter"))},
	})
}
