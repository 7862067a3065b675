package apply

import (
	"context"
	"fmt"
	"strings"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	release "helm.sh/helm/v4/pkg/release/v1"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"

	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// capabilities are what charts may ask of the cluster.
func (s *session) capabilities() (*common.Capabilities, error) {
	version, err := s.discovery.ServerVersion()
	if err != nil {
		return nil, err
	}
	served, err := action.GetVersionSet(s.discovery)
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, err
	}
	return &common.Capabilities{
		APIVersions: served, HelmVersion: common.DefaultCapabilities.HelmVersion,
		KubeVersion: common.KubeVersion{Version: version.GitVersion, Major: version.Major, Minor: version.Minor},
	}, nil
}

// render runs a layer's templates as Helm will, with kinds that are yet to come counted as served. It returns the objects in the order of
// installation, and how many hooks there are.
func (p *planner) render(l layer, last *release.Release) (objects []*unstructured.Unstructured, hooks int, err error) {
	c, values := cloneChart(l.chart), pack.Merge(l.values, nil)
	if err := chartutil.ProcessDependencies(c, values); err != nil {
		return nil, 0, err
	}
	options := common.ReleaseOptions{Name: l.release, Namespace: l.namespace, Revision: 1, IsInstall: last == nil, IsUpgrade: last != nil}
	if last != nil {
		options.Revision = last.Version + 1
	}
	caps := *p.caps
	caps.APIVersions = append(common.VersionSet{}, p.caps.APIVersions...)
	for kind := range p.coming {
		gv, k := kind.ToAPIVersionAndKind()
		caps.APIVersions = append(caps.APIVersions, gv, gv+"/"+k)
	}
	if required := c.Metadata.KubeVersion; required != "" && !chartutil.IsCompatibleRange(required, caps.KubeVersion.String()) {
		return nil, 0, fmt.Errorf("it needs Kubernetes %s, and this cluster has %s", required, caps.KubeVersion.String())
	}
	top, err := util.ToRenderValues(c, values, options, &caps)
	if err != nil {
		return nil, 0, err
	}
	files, err := engine.RenderWithClientProvider(c, top, lookups{p})
	if err != nil {
		return nil, 0, err
	}
	for name := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			delete(files, name)
		}
	}
	hookList, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return nil, 0, err
	}
	for _, m := range manifests {
		some, err := parse(m.Content)
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", m.Name, err)
		}
		objects = append(objects, some...)
	}
	return objects, len(hookList), nil
}

// lookups answers templates that ask for live objects. Of a kind that is yet to come there are none.
type lookups struct{ *planner }

func (l lookups) GetClientFor(apiVersion, kind string) (dynamic.NamespaceableResourceInterface, bool, error) {
	gvk := schema.FromAPIVersionAndKind(apiVersion, kind)
	mapping, err := l.s.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		if namespaced, coming := l.coming[gvk]; coming {
			return nothing{}, namespaced, nil
		}
		return nil, false, err
	}
	return l.s.dynamic.Resource(mapping.Resource), mapping.Scope.Name() == meta.RESTScopeNameNamespace, nil
}

// nothing is a kind without objects.
type nothing struct {
	dynamic.NamespaceableResourceInterface
}

func (n nothing) Namespace(string) dynamic.ResourceInterface { return n }

func (nothing) Get(_ context.Context, name string, _ metav1.GetOptions, _ ...string) (*unstructured.Unstructured, error) {
	return nil, apierrors.NewNotFound(schema.GroupResource{}, name)
}

func (nothing) List(context.Context, metav1.ListOptions) (*unstructured.UnstructuredList, error) {
	return &unstructured.UnstructuredList{Object: map[string]any{"items": []any{}}}, nil
}
