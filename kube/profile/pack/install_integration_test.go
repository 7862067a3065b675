package pack

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/kube"
	release "helm.sh/helm/v4/pkg/release/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	vmdeck "vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/rbac"
)

const (
	releaseTimeout = time.Minute
	templateKind   = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/vmtemplates.spectrocloud.com"
)

// getter gives Helm a connection.
type getter struct {
	config    *rest.Config
	discovery discovery.CachedDiscoveryInterface
	namespace string
}

func (g getter) ToRESTConfig() (*rest.Config, error) { return rest.CopyConfig(g.config), nil }
func (g getter) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	return g.discovery, nil
}
func (g getter) ToRESTMapper() (meta.RESTMapper, error) {
	return restmapper.NewShortcutExpander(restmapper.NewDeferredDiscoveryRESTMapper(g.discovery), g.discovery, nil), nil
}
func (g getter) ToRawKubeConfigLoader() clientcmd.ClientConfig {
	return clientcmd.NewDefaultClientConfig(clientcmdapi.Config{}, &clientcmd.ConfigOverrides{Context: clientcmdapi.Context{Namespace: g.namespace}})
}

// site is a namespace for a release of its own on the test cluster, with VM and golden-image namespaces that nothing else uses.
type site struct {
	*testing.T
	admin     *vmdeck.Cluster
	helm      *action.Configuration
	namespace string
	hadKind   bool // somebody else made the kind VmTemplate
}

func newSite(t *testing.T) *site {
	s := &site{T: t, admin: kubetest.Connect(t, "cluster-admin"), namespace: fmt.Sprintf("pack-%d", time.Now().UnixNano()%1e9)}
	config := s.admin.Config()
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	s.helm = action.NewConfiguration()
	if err := s.helm.Init(getter{config, memory.NewMemCacheClient(client), s.namespace}, s.namespace, "secret"); err != nil {
		t.Fatal(err)
	}
	s.hadKind = s.raw().Get().AbsPath(templateKind).Do(t.Context()).Error() == nil
	t.Cleanup(s.clean)
	return s
}

// clean takes away what uninstalling keeps on purpose, and the release where the test did not get that far.
func (s *site) clean() {
	ctx := context.Background()
	_ = s.uninstall()
	for _, name := range []string{s.namespace, s.namespace + "-vms", s.namespace + "-golden"} {
		_ = s.admin.Core().Namespaces().Delete(ctx, name, metav1.DeleteOptions{})
	}
	for _, role := range rbac.Catalogue() {
		if _, err := s.admin.RBAC().ClusterRoles().Create(ctx, role.Object, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			s.Errorf("bring back the cluster role %s: %v", role.Name, err)
		}
	}
	if s.hadKind {
		return
	}
	_ = s.raw().Delete().AbsPath(templateKind).Do(ctx).Error()
	kubetest.Await(s, releaseTimeout, "the kind VmTemplate to be gone", func() bool {
		return apierrors.IsNotFound(s.raw().Get().AbsPath(templateKind).Do(ctx).Error())
	})
}

func (s *site) raw() *rest.RESTClient { return s.admin.REST("apiextensions.k8s.io", "v1") }

func (s *site) values() Values {
	return Values{"charts": Values{vmo: Values{
		"vmEnabledNamespaces": []any{"default", s.namespace + "-vms"}, "goldenImagesNamespace": s.namespace + "-golden",
	}}}
}

func (s *site) install(p *Pack, values Values, wait kube.WaitStrategy) {
	s.Helper()
	install := action.NewInstall(s.helm)
	install.ReleaseName, install.Namespace, install.CreateNamespace = s.namespace, s.namespace, true
	install.WaitStrategy, install.Timeout = wait, releaseTimeout
	if _, err := install.RunWithContext(s.Context(), p.Chart(), values); err != nil {
		s.Fatal(err)
	}
}

func (s *site) uninstall() error {
	remove := action.NewUninstall(s.helm)
	remove.WaitStrategy, remove.Timeout = kube.StatusWatcherStrategy, releaseTimeout
	_, err := remove.Run(s.namespace)
	return err
}

// templates lists the VmTemplates on the cluster that belong to the release.
func (s *site) templates() string {
	s.Helper()
	data, err := s.raw().Get().AbsPath("/apis/spectrocloud.com/v1/vmtemplates").Param("labelSelector", "app.kubernetes.io/instance="+s.namespace).DoRaw(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	list, err := ParseValues(string(data))
	if err != nil {
		s.Fatal(err)
	}
	var names []string
	for _, item := range list["items"].([]any) {
		name, _ := Lookup(item.(Values), Path{"metadata", "name"})
		names = append(names, name.(string))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// status says what Helm's storage has: "2 1.1.0 deployed".
func (s *site) status() string {
	s.Helper()
	last, err := s.helm.Releases.Last(s.namespace)
	if err != nil {
		return err.Error()
	}
	r := last.(*release.Release)
	return fmt.Sprintf("%d %s %s", r.Version, r.Chart.Metadata.Version, r.Info.Status)
}

func (s *site) expect(status, templates string) {
	s.Helper()
	if have := s.status(); have != status {
		s.Errorf("Helm says %q, want %q", have, status)
	}
	if have := s.templates(); have != templates {
		s.Errorf("the cluster has the templates %q, want %q", have, templates)
	}
}

// role tells whether a cluster role is there, and whether Helm made it.
func (s *site) role(name string) (there, helms bool) {
	s.Helper()
	role, err := s.admin.RBAC().ClusterRoles().Get(s.Context(), name, metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		s.Fatal(err)
	}
	return err == nil, role.Annotations["meta.helm.sh/release-name"] == s.namespace
}

func TestIntegrationInstallUpgradeRollBackUninstall(t *testing.T) {
	s := newSite(t)
	ctx := t.Context()
	// The test cluster has all roles already. One is taken away, so that the pack makes that one and leaves the others alone.
	if err := s.admin.RBAC().ClusterRoles().Delete(ctx, rbac.RoleViewer, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}

	s.install(public(t, vmo, "1.0.0"), s.values(), kube.StatusWatcherStrategy)
	s.expect("1 1.0.0 deployed", "alpine cirros ubuntu-2204")
	if there, helms := s.role(rbac.RoleViewer); !there || !helms {
		t.Errorf("the missing role: there %v, made by Helm %v", there, helms)
	}
	if there, helms := s.role(rbac.RoleUser); !there || helms {
		t.Errorf("the role of others: there %v, taken over %v", there, helms)
	}
	role, err := s.admin.RBAC().ClusterRoles().Get(ctx, rbac.RoleViewer, metav1.GetOptions{})
	if want, _ := rbac.Lookup(rbac.RoleViewer); err != nil || !reflect.DeepEqual(role.Rules, want.Object.Rules) {
		t.Errorf("the role's rules on the cluster are not the catalogue's: %v", err)
	}

	upgrade := action.NewUpgrade(s.helm)
	upgrade.Namespace, upgrade.WaitStrategy, upgrade.Timeout = s.namespace, kube.StatusWatcherStrategy, releaseTimeout
	if _, err := upgrade.RunWithContext(ctx, s.namespace, public(t, vmo, "1.1.0").Chart(), s.values()); err != nil {
		t.Fatal(err)
	}
	s.expect("2 1.1.0 deployed", "alpine cirros fedora ubuntu-2204")

	back := action.NewRollback(s.helm)
	back.ServerSideApply = "auto" // as the release was made; unlike the other actions this one has no default
	back.Version, back.WaitStrategy, back.Timeout = 1, kube.StatusWatcherStrategy, releaseTimeout
	if err := back.Run(s.namespace); err != nil {
		t.Fatal(err)
	}
	s.expect("3 1.0.0 deployed", "alpine cirros ubuntu-2204")

	if err := s.uninstall(); err != nil {
		t.Fatal(err)
	}
	if have := s.templates(); have != "" {
		t.Errorf("the templates %s are left", have)
	}
	if there, _ := s.role(rbac.RoleViewer); there {
		t.Error("the pack's own role is left")
	}
	if there, _ := s.role(rbac.RoleUser); !there {
		t.Error("the role of others is gone")
	}
	for _, name := range []string{s.namespace + "-vms", s.namespace + "-golden"} {
		namespace, err := s.admin.Core().Namespaces().Get(ctx, name, metav1.GetOptions{})
		if err != nil || namespace.DeletionTimestamp != nil {
			t.Errorf("the namespace %s is not kept: %v", name, err)
		}
	}
}

// A template that the schema of the kind refuses is refused by the server too, and one with the fields of KubeVirt keeps them.
func TestIntegrationTemplateKind(t *testing.T) {
	s := newSite(t)
	s.install(public(t, vmo, "1.0.0"), s.values(), kube.StatusWatcherStrategy)
	create := func(spec string) error {
		body := fmt.Sprintf(`{"apiVersion":"spectrocloud.com/v1","kind":"VmTemplate","metadata":{"name":"%s-probe"},"spec":%s}`, s.namespace, spec)
		return s.raw().Post().AbsPath("/apis/spectrocloud.com/v1/vmtemplates").Param("dryRun", "All").Param("fieldValidation", "Strict").
			SetHeader("Content-Type", "application/json").Body([]byte(body)).Do(t.Context()).Error()
	}
	for spec, want := range map[string]string{
		`{"template":{"spec":{"domain":{"devices":{}}}}}`:                                     "",
		`{"runStrategy":"Halted","template":{"spec":{"domain":{"devices":{}},"volumes":[]}}}`: "",
		`{"displayName":"x"}`:      "spec.template: Required value",
		`{"template":{"spec":{}}}`: "spec.template.spec.domain: Required value",
		`{"running":true,"runStrategy":"Halted","template":{"spec":{"domain":{}}}}`: "running and runStrategy exclude each other",
		`{"runStrategy":"Sometimes","template":{"spec":{"domain":{}}}}`:             `spec.runStrategy: Unsupported value: "Sometimes"`,
		`{"discription":"x","template":{"spec":{"domain":{}}}}`:                     `unknown field "spec.discription"`,
	} {
		switch err := create(spec); {
		case want == "" && err != nil:
			t.Errorf("%s: %v", spec, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
	}
}

// Nothing runs deployments on the test cluster, so it is not waited for their pods: the server takes every object, and gives it back.
func TestIntegrationDashboardAndProxy(t *testing.T) {
	for name, values := range map[string]Values{
		dashboard: {},
		proxy:     {"manifests": Values{proxy: Values{"server": "proxy.example.com", "subdomain": "demo"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			versions, err := Public().Versions(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			s.install(public(t, name, versions[0]), values, kube.HookOnlyStrategy)
			if have, want := s.status(), "1 "+versions[0]+" deployed"; have != want {
				t.Errorf("Helm says %q, want %q", have, want)
			}
			deployment := s.admin.REST("apps", "v1").Get().AbsPath("/apis/apps/v1/namespaces", s.namespace, "deployments", name)
			if err := deployment.Do(t.Context()).Error(); err != nil {
				t.Error(err)
			}
			if err := s.uninstall(); err != nil {
				t.Fatal(err)
			}
			if err := deployment.Do(t.Context()).Error(); !apierrors.IsNotFound(err) {
				t.Errorf("after uninstalling: %v", err)
			}
		})
	}
}
