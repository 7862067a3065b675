// Package install puts KubeVirt into the API server, as virt-operator would: its custom resources, roles, webhooks and
// API services come from virt-operator's own constructors, only the way to virt-api is the test cluster's.
package install

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	virtv1 "kubevirt.io/api/core/v1"
	"kubevirt.io/client-go/log"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/install"
	"kubevirt.io/kubevirt/pkg/virt-operator/util"

	"vmdeck/testdata/cluster/internal/state"
)

// layout counts up whenever what is installed changes, so that an older cluster is brought up to date.
const layout = 1

// Installer installs into one cluster.
type Installer struct {
	folder   *state.Folder
	personas []byte
	kube     kubernetes.Interface
	dyn      dynamic.Interface
	strategy *install.Strategy
	ca       []byte
}

// New prepares an installation; personas is the YAML of the personas' cluster roles.
func New(f *state.Folder, personas []byte) (*Installer, error) {
	cfg, err := f.RESTConfig(state.Operator)
	if err != nil {
		return nil, err
	}
	i := &Installer{folder: f, personas: personas}
	if i.kube, err = kubernetes.NewForConfig(cfg); err != nil {
		return nil, err
	}
	if i.dyn, err = dynamic.NewForConfig(cfg); err != nil {
		return nil, err
	}
	if i.ca, err = os.ReadFile(f.Path("pki", "ca.crt")); err != nil {
		return nil, err
	}
	return i, nil
}

// Needed says whether the cluster lacks anything that Base and Routes install.
func (i *Installer) Needed(ctx context.Context) (bool, error) {
	cm, err := i.kube.CoreV1().ConfigMaps(metav1.NamespaceSystem).Get(ctx, fieldManager, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return cm.Data["installed"] != i.fingerprint(), nil
}

// Done remembers, in the cluster itself, that everything is installed.
func (i *Installer) Done(ctx context.Context) error {
	return apply(ctx, i.dyn, []runtime.Object{&corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{Name: fieldManager, Namespace: metav1.NamespaceSystem},
		Data:       map[string]string{"installed": i.fingerprint()},
	}})
}

func (i *Installer) fingerprint() string {
	h := sha256.New()
	json.NewEncoder(h).Encode([]any{layout, i.folder.Config.Mode, i.folder.Config.Ports, i.personas, i.ca, state.KubeVirtVersion})
	return hex.EncodeToString(h.Sum(nil))
}

// Base installs all that virt-api and virt-controller need before they start.
func (i *Installer) Base(ctx context.Context) error {
	cfg := &util.KubeVirtDeploymentConfig{
		Namespace:            state.KubeVirtNamespace,
		Registry:             "quay.io/kubevirt",
		KubeVirtVersion:      state.KubeVirtVersion,
		AdditionalProperties: map[string]string{},
	}
	log.Log.SetIOWriter(io.Discard) // it warns that there is no Prometheus
	var err error
	if i.strategy, err = install.GenerateCurrentInstallStrategy(cfg, "", state.KubeVirtNamespace); err != nil {
		return err
	}
	if err := i.withoutWebhooks(ctx); err != nil {
		return err
	}
	kv, err := components.NewKubeVirtCrd()
	if err != nil {
		return err
	}
	crds := []runtime.Object{kv}
	for _, c := range i.strategy.CRDs() {
		crds = append(crds, c)
	}
	if err := apply(ctx, i.dyn, append(crds, namespaces()...)); err != nil {
		return err
	}
	if err := i.established(ctx, len(crds)); err != nil {
		return err
	}

	var objects []runtime.Object
	add := func(list ...runtime.Object) { objects = append(objects, list...) }
	for _, o := range i.strategy.ServiceAccounts() {
		add(o)
	}
	for _, o := range i.strategy.ClusterRoles() {
		add(o)
	}
	for _, o := range i.strategy.ClusterRoleBindings() {
		add(o)
	}
	for _, o := range i.strategy.Roles() {
		add(o)
	}
	for _, o := range i.strategy.RoleBindings() {
		add(o)
	}
	for _, o := range i.strategy.Instancetypes() {
		add(o)
	}
	for _, o := range i.strategy.Preferences() {
		add(o)
	}
	personas, err := i.identities()
	if err != nil {
		return err
	}
	add(personas...)
	add(i.caConfigMap(components.KubeVirtCASecretName), i.caConfigMap(components.KubeVirtExportCASecretName))
	add(virtAPIService(), kubeVirt())
	add(deleteProtection()...)
	if err := apply(ctx, i.dyn, objects); err != nil {
		return err
	}
	if err := i.deployed(ctx); err != nil {
		return err
	}
	return i.nodes(ctx)
}

// established waits until every custom resource is served.
func (i *Installer) established(ctx context.Context, want int) error {
	crds := i.dyn.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, 60*time.Second, true, func(ctx context.Context) (bool, error) {
		list, err := crds.List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, nil
		}
		n := 0
		for _, c := range list.Items {
			if conditionTrue(&c, "Established") {
				n++
			}
		}
		return n >= want, nil
	})
	if err != nil {
		return fmt.Errorf("KubeVirt's custom resources are not served: %w", err)
	}
	return nil
}

// conditionTrue of an object whose conditions are in the usual place.
func conditionTrue(u *unstructured.Unstructured, kind string) bool {
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, c := range conditions {
		if m, ok := c.(map[string]any); ok && m["type"] == kind && m["status"] == "True" {
			return true
		}
	}
	return false
}

// caConfigMap is where KubeVirt's programs look for the authority they trust.
func (i *Installer) caConfigMap(name string) runtime.Object {
	return &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: state.KubeVirtNamespace},
		Data:       map[string]string{components.CABundleKey: string(i.ca)},
	}
}

// virtAPIService leads the API server to virt-api on this machine: an endpoint must not be a loopback address, an
// external name may be one (k8s.io/apiserver/pkg/util/proxy, ResolveCluster).
func virtAPIService() runtime.Object {
	return &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metav1.ObjectMeta{Name: components.VirtApiServiceName, Namespace: state.KubeVirtNamespace},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "localhost"},
	}
}

// kubeVirt is the KubeVirt CR: the features that are useful to look at in a demo, and live update of running VMs.
func kubeVirt() runtime.Object {
	rollout := virtv1.VMRolloutStrategyLiveUpdate
	kv := &virtv1.KubeVirt{
		TypeMeta:   metav1.TypeMeta{APIVersion: virtv1.GroupVersion.String(), Kind: "KubeVirt"},
		ObjectMeta: metav1.ObjectMeta{Name: "kubevirt", Namespace: state.KubeVirtNamespace},
	}
	kv.Spec.Configuration.VMRolloutStrategy = &rollout
	kv.Spec.Configuration.DeveloperConfiguration = &virtv1.DeveloperConfiguration{
		UseEmulation: true,
		FeatureGates: []string{"Snapshot", "HotplugVolumes", "VMExport", "ExpandDisks", "HostDisk", "DownwardMetrics", "VSOCK"},
	}
	kv.Spec.WorkloadUpdateStrategy.WorkloadUpdateMethods = []virtv1.WorkloadUpdateMethod{virtv1.WorkloadUpdateMethodLiveMigrate}
	return kv
}

// deployed writes the status virt-operator would. Without a phase the CR is ignored, without an architecture no VMI can
// be created (pkg/virt-config/configuration.go).
func (i *Installer) deployed(ctx context.Context) error {
	patch := fmt.Sprintf(`{"status":{"phase":"Deployed","defaultArchitecture":"amd64","observedKubeVirtVersion":%q,`+
		`"targetKubeVirtVersion":%q,"operatorVersion":%q,"observedKubeVirtRegistry":"quay.io/kubevirt",`+
		`"conditions":[{"type":"Available","status":"True","reason":"AllComponentsReady","message":"All components are ready."},`+
		`{"type":"Created","status":"True","reason":"AllResourcesCreated","message":"All resources were created."}]}}`,
		state.KubeVirtVersion, state.KubeVirtVersion, state.KubeVirtVersion)
	_, err := i.dyn.Resource(virtv1.GroupVersion.WithResource("kubevirts")).Namespace(state.KubeVirtNamespace).
		Patch(ctx, "kubevirt", types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: fieldManager}, "status")
	if err != nil {
		return fmt.Errorf("cannot write the KubeVirt CR's status: %w", err)
	}
	return nil
}
