package install

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"

	"vmdeck/testdata/cluster/internal/state"
)

// DemoNamespaces are the namespaces VMs are in. team-a is there from the start: identities are bound in it.
var DemoNamespaces = []string{state.DemoNamespace, "team-b", "platform", "build", "databases"}

func namespaces() []runtime.Object {
	var out []runtime.Object
	for _, n := range append([]string{state.KubeVirtNamespace}, DemoNamespaces...) {
		out = append(out, &corev1.Namespace{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
			ObjectMeta: metav1.ObjectMeta{Name: n},
		})
	}
	return out
}

// personaRoles names each user's cluster role. The list roles come on top.
var personaRoles = map[string]string{
	"vm-admin":   "spectro-vm-admin",
	"power-user": "spectro-vm-power-user",
	"user":       "spectro-vm-user",
	"viewer":     "spectro-vm-viewer",
}

var listRoles = []string{"spectro-list-namespaces", "spectro-list-vmtemplates"}

// identities are the personas' cluster roles and who has them. cluster-admin needs no binding (its group is
// system:masters), nobody gets none.
func (i *Installer) identities() ([]runtime.Object, error) {
	out, err := clusterRoles(i.personas)
	if err != nil {
		return nil, err
	}
	for user, role := range personaRoles {
		for _, r := range append([]string{role}, listRoles...) {
			out = append(out, &rbacv1.ClusterRoleBinding{
				TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRoleBinding"},
				ObjectMeta: metav1.ObjectMeta{Name: user + "-" + r},
				Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: r},
			})
		}
	}
	const user = "namespace-only"
	return append(out, &rbacv1.RoleBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{Name: user + "-" + personaRoles["power-user"], Namespace: state.DemoNamespace},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: personaRoles["power-user"]},
	}), nil
}

// clusterRoles reads the roles from YAML and makes sure that none is missing that is bound.
func clusterRoles(data []byte) ([]runtime.Object, error) {
	var out []runtime.Object
	found := map[string]bool{}
	for d := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 4096); ; {
		role := &rbacv1.ClusterRole{}
		err := d.Decode(role)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("personas.yaml: %w", err)
		}
		if role.Name == "" {
			continue // a document of comments
		}
		role.TypeMeta = metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRole"}
		found[role.Name] = true
		out = append(out, role)
	}
	for _, name := range personaRoles {
		if !found[name] {
			return nil, fmt.Errorf("personas.yaml has no cluster role %s", name)
		}
	}
	for _, name := range listRoles {
		if !found[name] {
			return nil, fmt.Errorf("personas.yaml has no cluster role %s", name)
		}
	}
	return out, nil
}
