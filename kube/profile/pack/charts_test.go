package pack

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	virtv1 "kubevirt.io/api/core/v1"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/rbac"
)

var withKubeVirt = []string{"kubevirt.io/v1/KubeVirt", "cdi.kubevirt.io/v1beta1/CDI"}

func TestHelmLintFindsNothing(t *testing.T) {
	packs, err := Public().Packs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range packs {
		for _, version := range s.Versions {
			p := public(t, s.Name, version)
			dir := filepath.Join(t.TempDir(), p.Name)
			for _, f := range p.Chart().Raw {
				file := filepath.Join(dir, filepath.FromSlash(f.Name))
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, message := range lint.RunAll(dir, nil, "vm-dashboard").Messages {
				if message.Severity > support.InfoSev {
					t.Errorf("%s %s: %v", p.Name, version, message)
				}
			}
		}
	}
}

func TestRolesAreTheCatalogue(t *testing.T) {
	for _, version := range []string{"1.0.0", "1.1.0"} {
		p := public(t, vmo, version)
		objects := render(t, p, p.Defaults(), live{})
		if have, want := objects.keys("ClusterRole"), strings.Join(rbac.Names(), " "); have != want {
			t.Errorf("%s has the roles %s, want %s", version, have, want)
		}
		for _, role := range rbac.Catalogue() {
			if have := objects["ClusterRole "+role.Name]; !reflect.DeepEqual(have, any(role.Object)) {
				t.Errorf("%s: the role %s is not that of the catalogue", version, role.Name)
			}
		}
		none := render(t, p, Set(p.Defaults(), Path{"charts", vmo, "roles", "create"}, false), live{})
		if have := none.keys("ClusterRole"); have != "" {
			t.Errorf("without roles there are %s", have)
		}
	}
}

func TestWhatOthersMadeIsLeftAlone(t *testing.T) {
	p := public(t, vmo, "1.0.0")
	objects := render(t, p, p.Defaults(), live{served: append(slices.Clone(withKubeVirt), "spectrocloud.com/v1/VmTemplate"), objects: []*unstructured.Unstructured{
		existing("rbac.authorization.k8s.io/v1", "ClusterRole", "", rbac.RoleViewer, ""),
		existing("rbac.authorization.k8s.io/v1", "ClusterRole", "", rbac.RoleUser, "other"),
		existing("rbac.authorization.k8s.io/v1", "ClusterRole", "", rbac.RoleAdmin, "demo"),
		existing("v1", "Namespace", "", "virtual-machines", ""),
		existing("v1", "Namespace", "", "vmo-golden-images", "demo"),
		existing("kubevirt.io/v1", "KubeVirt", "elsewhere", "kv", ""),
		existing("cdi.kubevirt.io/v1beta1", "CDI", "", "cdi", "demo"),
		existing("spectrocloud.com/v1", "VmTemplate", "", "alpine", ""),
	}})
	for kind, want := range map[string]string{
		"ClusterRole": "spectro-list-namespaces spectro-list-vmtemplates spectro-vm-admin spectro-vm-power-user",
		"Namespace":   "vmo-golden-images", "KubeVirt": "", "CDI": "cdi", "VmTemplate": "cirros ubuntu-2204",
	} {
		if have := objects.keys(kind); have != want {
			t.Errorf("%s: %q, want %q", kind, have, want)
		}
	}
}

func TestKubeVirtAndCDI(t *testing.T) {
	p := public(t, vmo, "1.1.0")
	bare := render(t, p, p.Defaults(), live{})
	if have := bare.keys("KubeVirt") + bare.keys("CDI"); have != "" {
		t.Errorf("without the operators there are %s", have)
	}
	at := Path{"charts", vmo, "kubevirt", "kubevirtResource", "config", "additionalConfig"}
	values := Set(p.Defaults(), at, Values{"migrations": Values{"allowAutoConverge": true}, "evictionStrategy": "None"})
	objects := render(t, p, values, live{served: withKubeVirt})
	kv := object[*virtv1.KubeVirt](t, objects, "KubeVirt kubevirt/kubevirt")
	config := kv.Spec.Configuration
	for _, gate := range []string{"LiveMigration", "Snapshot", "HotplugVolumes"} {
		if !slices.Contains(config.DeveloperConfiguration.FeatureGates, gate) {
			t.Errorf("the gate %s is not open", gate)
		}
	}
	if *config.EvictionStrategy != virtv1.EvictionStrategyLiveMigrate || *config.VMRolloutStrategy != virtv1.VMRolloutStrategyLiveUpdate ||
		config.MigrationConfiguration == nil || !*config.MigrationConfiguration.AllowAutoConverge ||
		!slices.Equal(kv.Spec.WorkloadUpdateStrategy.WorkloadUpdateMethods, []virtv1.WorkloadUpdateMethod{virtv1.WorkloadUpdateMethodLiveMigrate}) {
		t.Errorf("KubeVirt's configuration is %+v", config)
	}
	cdi := object[*cdiv1.CDI](t, objects, "CDI cdi")
	for _, meta := range []metav1.ObjectMeta{kv.ObjectMeta, cdi.ObjectMeta, object[*corev1.Namespace](t, objects, "Namespace virtual-machines").ObjectMeta} {
		if meta.Annotations["helm.sh/resource-policy"] != "keep" {
			t.Errorf("uninstalling would delete %s", meta.Name)
		}
	}
	off := Set(Set(values, Path{"charts", vmo, "kubevirt", "enabled"}, false), Path{"charts", vmo, "cdi", "enabled"}, false)
	objects = render(t, p, off, live{served: withKubeVirt})
	if have := objects.keys("KubeVirt") + objects.keys("CDI"); have != "" {
		t.Errorf("switched off, there are %s", have)
	}
}

func TestNamespaces(t *testing.T) {
	p := public(t, vmo, "1.0.0")
	at := Path{"charts", vmo, "vmEnabledNamespaces"}
	objects := render(t, p, Set(p.Defaults(), at, []any{"default", "team-a", "vmo-golden-images", "vm-dashboard", "kube-system"}), live{})
	if have := objects.keys("Namespace"); have != "team-a vmo-golden-images" {
		t.Errorf("namespaces %s", have)
	}
	binding := object[*rbacv1.RoleBinding](t, objects, "RoleBinding vmo-golden-images/vmo-cdi-clone-source")
	if have := said(binding.Subjects, func(s rbacv1.Subject) string { return s.Kind + " " + s.Namespace + "/" + s.Name }); !strings.Contains(have, "ServiceAccount team-a/default") || len(binding.Subjects) != 5 {
		t.Errorf("who may clone: %s", have)
	}
}

func TestSampleTemplatesAreVirtualMachines(t *testing.T) {
	for version, want := range map[string]string{"1.0.0": "alpine cirros ubuntu-2204", "1.1.0": "alpine cirros fedora ubuntu-2204"} {
		p := public(t, vmo, version)
		objects := render(t, p, p.Defaults(), live{})
		if have := objects.keys("VmTemplate"); have != want {
			t.Errorf("%s has the templates %s, want %s", version, have, want)
		}
		for name := range strings.SplitSeq(want, " ") {
			v := object[*vmTemplate](t, objects, "VmTemplate "+name)
			spec := v.Spec.Template.Spec
			if v.Spec.DisplayName == "" || v.Spec.Description == "" || spec.Domain.Memory.Guest == nil || spec.Volumes[0].ContainerDisk == nil {
				t.Errorf("%s: %+v", name, v.Spec)
			}
			for i, disk := range spec.Domain.Devices.Disks {
				if disk.Name != spec.Volumes[i].Name {
					t.Errorf("%s: disk %s has no volume", name, disk.Name)
				}
			}
		}
	}
}

func TestTemplateKindIsDefinedStrictly(t *testing.T) {
	files := public(t, vmo, "1.0.0").CRDs()
	if len(files) != 1 {
		t.Fatalf("%d kinds", len(files))
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(files[0].YAML, &crd); err != nil {
		t.Fatal(err)
	}
	v := crd.Spec.Versions[0]
	if crd.Name != "vmtemplates.spectrocloud.com" || crd.Spec.Scope != apiextensionsv1.ClusterScoped || v.Name != "v1" || !v.Storage || len(v.AdditionalPrinterColumns) < 4 {
		t.Errorf("the kind is %+v", crd.Spec)
	}
	structural(t, crd.Spec.Names.Kind, *v.Schema.OpenAPIV3Schema)
}

// structural holds the rule that every level of a schema has a type, without which the API server prunes nothing.
func structural(t *testing.T, at string, s apiextensionsv1.JSONSchemaProps) {
	if s.Type == "" {
		t.Errorf("%s has no type", at)
	}
	for name, below := range s.Properties {
		structural(t, at+"."+name, below)
	}
	if s.Items != nil {
		structural(t, at+"[]", *s.Items.Schema)
	}
}

func TestAccessAndIdentityReachTheCluster(t *testing.T) {
	for _, p := range []*Pack{public(t, vmo, "1.1.0"), public(t, dashboard, "3.1.0")} {
		for _, c := range []struct {
			access, identity string
			want             map[string]string
		}{
			{"proxied", "palette", map[string]string{"access": "private", "identityProvider": "palette", "serviceType": "ClusterIP"}},
			{"direct", "palette", map[string]string{"access": "direct", "identityProvider": "palette", "serviceType": "LoadBalancer"}},
			{"proxied", "tenant", map[string]string{"access": "private", "identityProvider": "tenant", "serviceType": "ClusterIP", "oidc-issuer-url": "https://x", "oidc-client-id": "c", "oidc-username-claim": "email", "oidc-groups-claim": "groups"}},
			{"direct", "kubernetes", map[string]string{"access": "direct", "identityProvider": "none", "serviceType": "LoadBalancer", "oidc-issuer-url": "https://x", "oidc-client-id": "c", "oidc-username-claim": "email", "oidc-groups-claim": "groups"}},
		} {
			values := Merge(p.Defaults(), Values{"clientConfig": Values{"oidc-issuer-url": "https://x", "oidc-client-id": "c"}})
			values = choose(t, p, choose(t, p, values, "Access", c.access), "Identity Provider", c.identity)
			objects := render(t, p, values, live{})
			if p.Name == vmo {
				c.want["vmEnabledNamespaces"] = "default,virtual-machines"
			}
			if have := object[*corev1.ConfigMap](t, objects, "ConfigMap vm-dashboard/"+p.Name).Data; !reflect.DeepEqual(have, c.want) {
				t.Errorf("%s, %s and %s: %v", p.Name, c.access, c.identity, have)
			}
			if p.Name == dashboard {
				if have := object[*corev1.Service](t, objects, "Service vm-dashboard/vm-dashboard"); string(have.Spec.Type) != c.want["serviceType"] {
					t.Errorf("%s: the service is a %s", c.access, have.Spec.Type)
				}
			}
		}
	}
}

func TestDashboardActsWithTheRolesGiven(t *testing.T) {
	p := public(t, dashboard, "3.1.0")
	objects := render(t, p, p.Defaults(), live{})
	if have := objects.keys("ClusterRoleBinding"); have != "demo-spectro-list-namespaces demo-spectro-list-vmtemplates demo-spectro-vm-viewer" {
		t.Errorf("bindings %s", have)
	}
	deployment := object[*appsv1.Deployment](t, objects, "Deployment vm-dashboard/spectro-vm-dashboard")
	service := object[*corev1.Service](t, objects, "Service vm-dashboard/vm-dashboard")
	for key, value := range service.Spec.Selector {
		if deployment.Spec.Template.Labels[key] != value {
			t.Errorf("the service selects %s=%s, which the pods do not have", key, value)
		}
	}
}

func TestProxyConfiguration(t *testing.T) {
	p := public(t, proxy, "1.0.0")
	values := Merge(p.Defaults(), Values{"manifests": Values{proxy: Values{
		"server": "proxy.example.com", "subdomain": "demo", "tokenSecret": "frp", "vmDashboardIntegration": Values{"enabled": true},
	}}})
	objects := render(t, p, values, live{})
	want := `serverAddr = "proxy.example.com"
serverPort = 443
loginFailExit = false
transport.protocol = "wss"
auth.method = "token"
auth.token = "{{ .Envs.FRP_TOKEN }}"

[[proxies]]
name = "demo-kubernetes"
type = "https"
subdomain = "demo"
localIP = "kubernetes.default.svc"
localPort = 443

[[proxies]]
name = "demo-vm-dashboard"
type = "http"
subdomain = "vm-demo"
localIP = "vm-dashboard.vm-dashboard.svc"
localPort = 80
`
	if have := object[*corev1.ConfigMap](t, objects, "ConfigMap vm-dashboard/spectro-proxy").Data["frpc.toml"]; strings.TrimSpace(have) != strings.TrimSpace(want) {
		t.Errorf("frpc.toml is\n%s", have)
	}
	if env := object[*appsv1.Deployment](t, objects, "Deployment vm-dashboard/spectro-proxy").Spec.Template.Spec.Containers[0].Env; len(env) != 1 || env[0].ValueFrom.SecretKeyRef.Name != "frp" {
		t.Errorf("the token comes from %v", env)
	}
	plain := render(t, p, Merge(p.Defaults(), Values{"manifests": Values{proxy: Values{"server": "p", "subdomain": "d"}}}), live{})
	if have := object[*corev1.ConfigMap](t, plain, "ConfigMap vm-dashboard/spectro-proxy").Data["frpc.toml"]; strings.Contains(have, "auth.") || strings.Contains(have, "vm-d") {
		t.Errorf("what nobody asked for is in\n%s", have)
	}
}

// Everybody may read the settings, and with that nothing else.
func TestSettingsAreForEverybody(t *testing.T) {
	for _, c := range []struct{ name, version, object string }{
		{vmo, "1.0.0", vmo}, {vmo, "1.1.0", vmo}, {dashboard, "3.1.0", dashboard}, {proxy, "1.0.0", "spectro-proxy-address"},
	} {
		p := public(t, c.name, c.version)
		values := p.Defaults()
		if c.name == proxy {
			values = Merge(values, Values{"manifests": Values{proxy: Values{"server": "example.com", "subdomain": "demo"}}})
		}
		objects := render(t, p, values, live{})
		settings := object[*corev1.ConfigMap](t, objects, "ConfigMap vm-dashboard/"+c.object)
		if c.name == proxy && settings.Data["kubernetes"] != "demo.example.com" {
			t.Errorf("the proxy's addresses are %v", settings.Data)
		}
		role := object[*rbacv1.Role](t, objects, "Role vm-dashboard/"+c.name+"-settings")
		want := []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, ResourceNames: []string{c.object}, Verbs: []string{"get", "list", "watch"}}}
		if !reflect.DeepEqual(role.Rules, want) {
			t.Errorf("%s: the rules are %v", c.name, role.Rules)
		}
		binding := object[*rbacv1.RoleBinding](t, objects, "RoleBinding vm-dashboard/"+c.name+"-settings")
		have := said(binding.Subjects, func(s rbacv1.Subject) string { return s.Kind + " " + s.Name })
		if have != "Group system:authenticated" || binding.RoleRef.Kind != "Role" || binding.RoleRef.Name != role.Name {
			t.Errorf("%s: %s may %s", c.name, have, binding.RoleRef.Name)
		}
	}
}
