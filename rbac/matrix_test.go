package rbac

import (
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var someNeeds = []Need{
	{ID: "list", Perms: verbs([]string{"list"}, GroupKubeVirt, "virtualmachines")},
	{ID: "start", Perms: update("virtualmachines/start")},
	{ID: "migrate", Perms: update("virtualmachines/migrate")},
	{ID: "evacuate", Perms: update("virtualmachines/evacuate/cancel")},
	{ID: "templates", Perms: verbs(write, GroupTemplates, "vmtemplates")},
}

func TestB1MatrixOfTheCatalogue(t *testing.T) {
	want := map[string]string{
		RoleListNamespaces: "", RoleListVMTemplates: "", RoleViewer: "list", RoleUser: "list start",
		RolePowerUser: "list start migrate evacuate", RoleAdmin: "list start migrate evacuate templates",
	}
	m := NewMatrix(someNeeds, CatalogueRules())
	if len(m.Roles) != len(want) {
		t.Fatalf("%d roles, want %d", len(m.Roles), len(want))
	}
	for _, row := range m.Roles {
		var got []string
		for i, need := range m.Needs {
			if row.Grants(i) {
				got = append(got, need.ID)
			}
		}
		if strings.Join(got, " ") != want[row.Role.Name] {
			t.Errorf("%s grants %v, want %s", row.Role, got, want[row.Role.Name])
		}
		if row.Some() != (want[row.Role.Name] != "") {
			t.Errorf("%s grants some: %v", row.Role, row.Some())
		}
	}
}

// A custom role joins the table by its rules, even under a name of the catalogue.
func TestB3MatrixOfCustomRoles(t *testing.T) {
	custom := &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Namespace: "team-a", Name: RoleAdmin},
		Rules:      []rbacv1.PolicyRule{rule([]string{"update"}, []string{GroupSubresources}, []string{"virtualmachines/start", "virtualmachines/evacuate/cancel"})},
	}
	all := &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "everything"},
		Rules:      []rbacv1.PolicyRule{rule([]string{"*"}, []string{"*"}, []string{"*"})},
	}
	m := NewMatrix(someNeeds, []RoleRules{FromRole(custom), FromClusterRole(all)})
	if got := m.Roles[0].Role.String(); got != "Role team-a/"+RoleAdmin {
		t.Errorf("the first is %s", got)
	}
	if got := Granted(someNeeds, custom.Rules); !slices.Equal(got, []string{"start"}) {
		t.Errorf("the custom role grants %v", got)
	}
	if got := m.Roles[0].Missing[3]; !slices.Equal(got, verbs([]string{"update"}, GroupSubresources, "virtualmachines/evacuate")) {
		t.Errorf("of the deep subresource it lacks %v", got)
	}
	if got := Granted(someNeeds, all.Rules); len(got) != len(someNeeds) {
		t.Errorf("the role of all rights grants %v", got)
	}
}

// The roles carry the Palette roles that go with them, in the words of the requirement.
func TestB2PaletteRoles(t *testing.T) {
	want := map[string]string{
		RoleAdmin:     "Cluster Admin or Editor + Cluster Profile Admin or Editor + Virtual Machine Admin",
		RolePowerUser: "Cluster Viewer + Virtual Machine Power User",
		RoleUser:      "Cluster Viewer + Virtual Machine User",
		RoleViewer:    "Cluster Viewer + Virtual Machine Viewer",
	}
	for _, role := range Personas() {
		if got := strings.Join(role.PaletteRoles, " + "); got != want[role.Name] {
			t.Errorf("%s goes with %s, want %s", role.Name, got, want[role.Name])
		}
	}
}
