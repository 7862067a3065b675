package binding

import (
	"errors"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/rbac"
)

func rule(verbs, groups, resources string, names ...string) rbacv1.PolicyRule {
	split := func(s string) []string { return strings.Split(s, ",") }
	return rbacv1.PolicyRule{Verbs: split(verbs), APIGroups: split(groups), Resources: split(resources), ResourceNames: names}
}

func TestB1DifferenceIsAboutMeaning(t *testing.T) {
	tests := []struct {
		name string
		a, b rbac.Rules
		want []string
	}{
		{"written otherwise", rbac.Rules{rule("get,list", "", "pods,nodes")}, rbac.Rules{rule("list", "", "nodes,pods"), rule("get", "", "pods"), rule("get", "", "nodes")}, nil},
		{"verbs of one resource are one line", rbac.Rules{rule("get,create", "kubevirt.io", "virtualmachines"), rule("delete", "kubevirt.io", "virtualmachines")}, rbac.Rules{rule("get", "kubevirt.io", "virtualmachines")}, []string{"create, delete virtualmachines (kubevirt.io)"}},
		{"a star covers", rbac.Rules{rule("get", "kubevirt.io", "virtualmachines/start")}, rbac.Rules{rule("*", "*", "*")}, nil},
		{"nothing but a star covers a star", rbac.Rules{rule("*", "kubevirt.io", "virtualmachines")}, rbac.Rules{rule("get,list,watch,create,update,patch,delete,deletecollection", "kubevirt.io", "virtualmachines")}, []string{"* virtualmachines (kubevirt.io)"}},
		{"names narrow", rbac.Rules{rule("get", "", "pods")}, rbac.Rules{rule("get", "", "pods", "a")}, []string{"get pods"}},
		{"a name is named", rbac.Rules{rule("bind", rbac.GroupRBAC, "clusterroles", "x", "y")}, rbac.Rules{rule("bind", rbac.GroupRBAC, "clusterroles", "x")}, []string{"bind clusterroles (rbac.authorization.k8s.io) named y"}},
		{"paths", rbac.Rules{{Verbs: []string{"get", "post"}, NonResourceURLs: []string{"/version"}}}, rbac.Rules{{Verbs: []string{"get"}, NonResourceURLs: []string{"*"}}}, []string{"post /version"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Difference(tt.a, tt.b); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A difference is empty exactly when no permission that the rules spell out is refused by the others.
func TestDifferenceAgreesWithEvaluation(t *testing.T) {
	some := func(all ...string) *rapid.Generator[[]string] { return rapid.SliceOfN(rapid.SampledFrom(all), 1, 3) }
	verbs, groups, resources := some("get", "list", "*"), some("", "kubevirt.io", "*"), some("pods", "vms", "vms/start", "*/start", "*")
	rules := rapid.Custom(func(r *rapid.T) rbac.Rules {
		return rbac.Rules(rapid.SliceOfN(rapid.Custom(func(r *rapid.T) rbacv1.PolicyRule {
			return rbacv1.PolicyRule{Verbs: verbs.Draw(r, "verbs"), APIGroups: groups.Draw(r, "groups"), Resources: resources.Draw(r, "resources")}
		}), 0, 3).Draw(r, "rules"))
	})
	rapid.Check(t, func(r *rapid.T) {
		a, b := rules.Draw(r, "a"), rules.Draw(r, "b")
		if len(Difference(a, a)) > 0 {
			r.Fatalf("%v differs from itself: %q", a, Difference(a, a))
		}
		same := len(Difference(a, b)) == 0
		for _, p := range a.Permissions() {
			if same && !b.Allows(p) {
				r.Fatalf("%v is said to be in %v, which refuses %s", a, b, p)
			}
		}
	})
}

func TestB1Standing(t *testing.T) {
	w := sample()
	viewer, _ := rbac.Lookup(rbac.RoleViewer)
	ref := rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RoleViewer}
	if got := w.Stand(viewer); got != Same {
		t.Errorf("the catalogue's own rules: %v", got)
	}
	w.Roles[ref] = append(slices.Clone(viewer.Rules()), rule("get", "", "secrets"))
	if got := w.Stand(viewer); got != Differs {
		t.Errorf("with a rule more: %v", got)
	}
	delete(w.Roles, ref)
	if got := w.Stand(viewer); got != Missing {
		t.Errorf("not there: %v", got)
	}
	w.Gaps = []Gap{{What: "cluster roles"}}
	if got := w.Stand(viewer); got != StandingUnknown {
		t.Errorf("unreadable: %v", got)
	}
}

func TestB1EffectsOfOtherRules(t *testing.T) {
	w := sample()
	ref := func(name string) rbac.RoleRef { return rbac.RoleRef{Kind: rbac.KindClusterRole, Name: name} }
	got := roleEffects(w.Objects, map[rbac.RoleRef]rbac.Rules{
		ref(rbac.RoleUser):   {rule("list", "kubevirt.io", "virtualmachines")},
		ref("no-such-role"):  {rule("list", "kubevirt.io", "virtualmachines")},
		ref(rbac.RoleViewer): w.Roles[ref(rbac.RoleViewer)],
	}, Needs())
	var said []string
	for _, e := range got {
		said = append(said, e.String())
	}
	lost := "loses start, start-paused, stop, force-stop, restart, force-restart, pause, unpause, soft-reboot, reset"
	want := []string{"ServiceAccount ci/bot in team-a: " + lost, "User alice in team-a: " + lost, "User carol in team-b: gains see"}
	if !slices.Equal(said, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}

func TestOwnersOfRoles(t *testing.T) {
	managed := func(manager, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, FieldsV1: &metav1.FieldsV1{Raw: []byte(fields)}}
	}
	role := &rbacv1.ClusterRole{}
	role.ManagedFields = []metav1.ManagedFieldsEntry{
		managed("vmdeck", `{"f:rules":{}}`), managed("kubectl-edit", `{"f:rules":{}}`), managed("labeller", `{"f:metadata":{}}`), managed("kubectl-edit", `{"f:rules":{}}`),
	}
	if got := ownerOf(role); got != "kubectl-edit" {
		t.Errorf("owner %q", got)
	}
	role.Annotations = map[string]string{helmRelease: "vmo", helmNamespace: "vm-system"}
	if got := ownerOf(role); got != "Helm release vm-system/vmo" {
		t.Errorf("owner %q", got)
	}
}

func TestRoleStepsInWords(t *testing.T) {
	viewer, _ := rbac.Lookup(rbac.RoleViewer)
	resource := schema.GroupResource{Group: rbac.GroupRBAC, Resource: "clusterroles"}
	conflict := apierrors.NewConflict(resource, viewer.Name, errors.New(`Apply failed with 1 conflict: conflict with "helm" using rbac.authorization.k8s.io/v1: .rules`))
	helm := RoleChange{Role: viewer, Owner: "Helm release vm-system/vmo"}
	for _, tt := range []struct {
		name string
		step RoleStep
		want string
	}{
		{"dry run", RoleStep{Verb: Create, DryRun: true}, "create ClusterRole spectro-vm-viewer: the server would accept it."},
		{"done", RoleStep{Verb: Change}, "done, and read back"},
		{"field manager", RoleStep{Verb: Change, Err: conflict}, "left alone, because its rules are kept by helm"},
		{"Helm", RoleStep{Verb: Change, Change: helm, Err: conflict}, "kept by Helm release vm-system/vmo (field manager helm)"},
		{"changed meanwhile", RoleStep{Verb: Change, Err: apierrors.NewConflict(resource, viewer.Name, errors.New("the object has been modified"))}, "somebody has changed it since it was read"},
		{"aggregated", RoleStep{Verb: Change, Err: errAggregated}, "aggregationRule"},
		{"overruled", RoleStep{Verb: Change, Err: ErrOverruled}, "grants something else"},
		{"escalation", RoleStep{Verb: Create, Err: apierrors.NewForbidden(resource, viewer.Name, errors.New(`user "x" (groups=[]) is attempting to grant RBAC permissions not currently held:
{APIGroups:["kubevirt.io"], Resources:["virtualmachines"], Verbs:["get"]}`))}, `do not have: get virtualmachines (kubevirt.io). It takes a cluster administrator, or the verb escalate on clusterroles "spectro-vm-viewer"`},
		{"forbidden", RoleStep{Verb: Create, Err: apierrors.NewForbidden(resource, viewer.Name, errors.New("no"))}, "not permitted"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.step.Change.Role.Name == "" {
				tt.step.Change.Role = viewer
			}
			if got := tt.step.String(); !strings.Contains(got, tt.want) {
				t.Errorf("said %q, want %q", got, tt.want)
			}
		})
	}
	if !(RoleStep{Err: conflict}).Conflict() || (RoleStep{Err: errAggregated}).Conflict() {
		t.Error("only a conflict of field managers can be overwritten")
	}
}
