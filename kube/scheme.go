package kube

import (
	"sync"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	backupv1 "kubevirt.io/api/backup/v1alpha1"
	clonev1 "kubevirt.io/api/clone/v1beta1"
	virtv1 "kubevirt.io/api/core/v1"
	exportv1 "kubevirt.io/api/export/v1"
	exportv1beta1 "kubevirt.io/api/export/v1beta1"
	instancetypev1 "kubevirt.io/api/instancetype/v1beta1"
	migrationsv1 "kubevirt.io/api/migrations/v1alpha1"
	poolv1 "kubevirt.io/api/pool/v1beta1"
	snapshotv1 "kubevirt.io/api/snapshot/v1beta1"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// NewScheme returns a scheme with the kinds that vmdeck decodes: KubeVirt's and CDI's, core, RBAC, and
// the Status and option kinds every client needs.
func NewScheme() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, rbacv1.AddToScheme, virtv1.AddToScheme, snapshotv1.AddToScheme, clonev1.AddToScheme,
		exportv1.AddToScheme, exportv1beta1.AddToScheme, poolv1.AddToScheme, instancetypev1.AddToScheme,
		migrationsv1.AddToScheme, backupv1.AddToScheme, cdiv1.AddToScheme,
	} {
		if err := add(s); err != nil {
			panic(err) // two kinds under one name: a fault of the program, seen by every test
		}
	}
	metav1.AddToGroupVersion(s, schema.GroupVersion{Version: "v1"})
	return s
}

var scheme = sync.OnceValue(NewScheme)

var codecs = sync.OnceValue(func() serializer.CodecFactory { return serializer.NewCodecFactory(scheme()) })

var parameterCodec = sync.OnceValue(func() runtime.ParameterCodec { return runtime.NewParameterCodec(scheme()) })

// ParameterCodec encodes ListOptions, GetOptions and the like for RESTClient's VersionedParams.
func ParameterCodec() runtime.ParameterCodec { return parameterCodec() }
