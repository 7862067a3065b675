package rbac

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The cluster roles of the catalogue: four personas and the two that every user needs cluster-wide.
const (
	RoleAdmin           = "spectro-vm-admin"
	RolePowerUser       = "spectro-vm-power-user"
	RoleUser            = "spectro-vm-user"
	RoleViewer          = "spectro-vm-viewer"
	RoleListNamespaces  = "spectro-list-namespaces"
	RoleListVMTemplates = "spectro-list-vmtemplates"
)

// Annotations and label on the catalogue's objects.
const (
	AnnotationTitle        = "vmdeck.dev/title"
	AnnotationDescription  = "vmdeck.dev/description"
	AnnotationRestrictions = "vmdeck.dev/restrictions"  // separated by "; "
	AnnotationPaletteRoles = "vmdeck.dev/palette-roles" // separated by "; "
	AnnotationReading      = "vmdeck.dev/reading"
	LabelCatalogue         = "vmdeck.dev/catalogue" // "persona" or "every-user"
)

// Role is one cluster role of the catalogue with what a person has to know to choose it.
//
// Palette publishes what its roles are for but not their rules, so the rules here are a reconstruction.
// Where the published statements disagree or are silent the stricter reading is taken; Reading says what
// was decided and why, and stands on the object as an annotation too.
type Role struct {
	Name         string
	Title        string
	Description  string
	Restrictions []string // what it cannot do; empty means none
	// PaletteRoles are the Palette roles that go with it, all of them together.
	PaletteRoles []string
	Reading      string
	// Persona is set for the roles of which a user gets one, unset for those that every user needs.
	Persona bool
	Object  *rbacv1.ClusterRole
}

// Rules are the role's policy rules.
func (r Role) Rules() Rules { return Rules(r.Object.Rules) }

// Catalogue returns all roles, the least powerful first. Every call returns fresh objects.
func Catalogue() []Role {
	roles := []Role{
		listNamespacesRole(), listVMTemplatesRole(), viewerRole(), userRole(), powerUserRole(), adminRole(),
	}
	for i := range roles {
		roles[i].Object = object(roles[i])
	}
	return roles
}

// Personas returns the four roles of which a user is given one, the least powerful first.
func Personas() []Role { return selected(func(r Role) bool { return r.Persona }) }

// EveryUser returns the roles that each user needs by a cluster role binding, whatever the persona.
func EveryUser() []Role { return selected(func(r Role) bool { return !r.Persona }) }

// Lookup returns the catalogue's role of that name.
func Lookup(name string) (Role, bool) {
	for _, r := range Catalogue() {
		if r.Name == name {
			return r, true
		}
	}
	return Role{}, false
}

// Names returns the names of all roles of the catalogue, sorted.
func Names() []string {
	return []string{RoleListNamespaces, RoleListVMTemplates, RoleAdmin, RolePowerUser, RoleUser, RoleViewer}
}

// Granting names the catalogue's roles that each grant all the permissions, the least powerful first. A
// role with permissions on cluster-scoped resources grants those only by a ClusterRoleBinding.
func Granting(perms ...Permission) []string {
	if len(perms) == 0 {
		return nil
	}
	var names []string
	for _, g := range granting {
		if g.rules.AllowsAll(perms) {
			names = append(names, g.name)
		}
	}
	return names
}

type namedRules struct {
	name  string
	rules Rules
}

// granting keeps the rules that Granting reads, as it is asked whenever a screen is drawn.
var granting = func() []namedRules {
	var out []namedRules
	for _, r := range Catalogue() {
		out = append(out, namedRules{r.Name, r.Rules()})
	}
	return out
}()

func selected(keep func(Role) bool) []Role {
	return slices.DeleteFunc(Catalogue(), func(r Role) bool { return !keep(r) })
}

// object completes the ClusterRole that carries the rules with name, labels and annotations.
func object(r Role) *rbacv1.ClusterRole {
	kind := "every-user"
	if r.Persona {
		kind = "persona"
	}
	annotations := map[string]string{AnnotationTitle: r.Title, AnnotationDescription: r.Description}
	for key, value := range map[string]string{
		AnnotationRestrictions: strings.Join(r.Restrictions, "; "),
		AnnotationPaletteRoles: strings.Join(r.PaletteRoles, "; "),
		AnnotationReading:      r.Reading,
	} {
		if value != "" {
			annotations[key] = value
		}
	}
	return &rbacv1.ClusterRole{
		TypeMeta: metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRole"},
		ObjectMeta: metav1.ObjectMeta{
			Name:        r.Name,
			Labels:      map[string]string{"app.kubernetes.io/part-of": "vmdeck", LabelCatalogue: kind},
			Annotations: annotations,
		},
		Rules: r.Object.Rules,
	}
}
