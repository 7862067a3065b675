package pack

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/fake"
	virtv1 "kubevirt.io/api/core/v1"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	"sigs.k8s.io/yaml"
)

// vmTemplate is the VmTemplate as the chart's objects use it.
type vmTemplate struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		DisplayName string                                     `json:"displayName"`
		Description string                                     `json:"description"`
		Running     bool                                       `json:"running"`
		Template    *virtv1.VirtualMachineInstanceTemplateSpec `json:"template"`
	} `json:"spec"`
}

var kinds = map[string]func() any{
	"v1/ConfigMap":       func() any { return &corev1.ConfigMap{} },
	"v1/Namespace":       func() any { return &corev1.Namespace{} },
	"v1/Service":         func() any { return &corev1.Service{} },
	"v1/ServiceAccount":  func() any { return &corev1.ServiceAccount{} },
	"apps/v1/Deployment": func() any { return &appsv1.Deployment{} },
	"rbac.authorization.k8s.io/v1/ClusterRole":        func() any { return &rbacv1.ClusterRole{} },
	"rbac.authorization.k8s.io/v1/ClusterRoleBinding": func() any { return &rbacv1.ClusterRoleBinding{} },
	"rbac.authorization.k8s.io/v1/Role":               func() any { return &rbacv1.Role{} },
	"rbac.authorization.k8s.io/v1/RoleBinding":        func() any { return &rbacv1.RoleBinding{} },
	"kubevirt.io/v1/KubeVirt":                         func() any { return &virtv1.KubeVirt{} },
	"cdi.kubevirt.io/v1beta1/CDI":                     func() any { return &cdiv1.CDI{} },
	"spectrocloud.com/v1/VmTemplate":                  func() any { return &vmTemplate{} },
}

// rendered are objects by "Kind namespace/name".
type rendered map[string]any

func (r rendered) keys(kind string) string {
	var out []string
	for key := range r {
		if rest, ok := strings.CutPrefix(key, kind+" "); ok {
			out = append(out, rest)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func object[T any](t *testing.T, r rendered, key string) T {
	t.Helper()
	o, ok := r[key].(T)
	if !ok {
		t.Fatalf("%s was not rendered", key)
	}
	return o
}

// live is what a cluster has already.
type live struct {
	served  []string // group/version/Kind besides the built-in ones
	objects []*unstructured.Unstructured
}

// GetClientFor answers the chart's lookups.
func (l live) GetClientFor(apiVersion, kind string) (dynamic.NamespaceableResourceInterface, bool, error) {
	gv, err := schema.ParseGroupVersion(apiVersion)
	if err != nil {
		return nil, false, err
	}
	lists := map[schema.GroupVersionResource]string{}
	var objects []runtime.Object
	for _, o := range l.objects {
		objects = append(objects, o)
	}
	resource := gv.WithResource(strings.ToLower(kind) + "s")
	lists[resource] = kind + "List"
	scheme := runtime.NewScheme()
	return fake.NewSimpleDynamicClientWithCustomListKinds(scheme, lists, objects...).Resource(resource), kind == "KubeVirt", nil
}

func existing(apiVersion, kind, namespace, name, release string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(apiVersion)
	o.SetKind(kind)
	o.SetNamespace(namespace)
	o.SetName(name)
	if release != "" {
		o.SetAnnotations(map[string]string{"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": "vm-dashboard"})
	}
	return o
}

// render runs the chart's templates as Helm does for a release "demo" in vm-dashboard, and decodes every object strictly.
func render(t *testing.T, p *Pack, values Values, l live) rendered {
	t.Helper()
	caps := common.DefaultCapabilities.Copy()
	caps.APIVersions = append(slices.Clone(caps.APIVersions), l.served...)
	top, err := util.ToRenderValues(p.Chart(), values, common.ReleaseOptions{Name: "demo", Namespace: "vm-dashboard", Revision: 1, IsInstall: true}, caps)
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.RenderWithClientProvider(p.Chart(), top, l)
	if err != nil {
		t.Fatal(err)
	}
	out := rendered{}
	for name, text := range files {
		if strings.HasSuffix(name, ".tpl") {
			continue
		}
		for document := range strings.SplitSeq("\n"+text, "\n---\n") {
			var meta struct {
				metav1.TypeMeta `json:",inline"`
				Metadata        metav1.ObjectMeta `json:"metadata"`
			}
			if err := yaml.Unmarshal([]byte(document), &meta); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, document)
			}
			if meta.Kind == "" {
				continue
			}
			fresh := kinds[meta.APIVersion+"/"+meta.Kind]
			if fresh == nil {
				t.Fatalf("%s: %s/%s is not expected", name, meta.APIVersion, meta.Kind)
			}
			o := fresh()
			if err := yaml.UnmarshalStrict([]byte(document), o); err != nil {
				t.Errorf("%s: %v\n%s", name, err, document)
			}
			key := strings.TrimSuffix(fmt.Sprintf("%s %s/%s", meta.Kind, meta.Metadata.Namespace, meta.Metadata.Name), "/")
			if meta.Metadata.Namespace == "" {
				key = meta.Kind + " " + meta.Metadata.Name
			}
			if out[key] != nil {
				t.Errorf("%s stands twice", key)
			}
			out[key] = o
		}
	}
	return out
}
