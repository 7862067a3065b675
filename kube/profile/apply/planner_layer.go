package apply

import (
	"context"
	"fmt"
	"slices"

	release "helm.sh/helm/v4/pkg/release/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// home sees to the namespace of a release.
func (p *planner) home(layer layer, out *LayerPlan) {
	there, err := p.hasNamespace(layer.namespace)
	switch o := (Object{Version: "v1", Kind: "Namespace", Name: layer.namespace}); {
	case err != nil:
		p.plan.refuse(layer.release, o, kube.Explain(err, "look for the namespace "+layer.namespace))
	case !there && !p.plan.makes(o): // the first layer that needs it makes it
		if p.rights(layer.release, "", "namespaces", "", "create") {
			out.Steps = append(out.Steps, Step{Verb: Create, Object: o})
		}
	}
}

// hasNamespace asks once. Somebody who may not read namespaces will learn from the dry runs whether it is there.
func (p *planner) hasNamespace(name string) (bool, error) {
	if there, asked := p.namespaces[name]; asked {
		return there, nil
	}
	_, err := p.s.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}).Get(p.s.ctx, name, metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsForbidden(err) {
		return false, err
	}
	p.namespaces[name] = !apierrors.IsNotFound(err)
	return p.namespaces[name], nil
}

// rights asks for permissions and refuses where they are missing.
func (p *planner) rights(layer, namespace, resource, group string, verbs ...string) bool {
	var perms []rbac.Permission
	for _, verb := range verbs {
		perms = append(perms, rbac.On(verb, group, resource))
	}
	ctx, cancel := context.WithTimeout(p.s.ctx, kube.CallTimeout)
	defer cancel()
	d := p.s.cluster.Access().Ask(ctx, namespace, perms...)
	if d.Verdict == rbac.Denied {
		p.plan.refuse(layer, Object{}, fmt.Sprintf("it %s. Ask an administrator for a role that grants it.", d.Reason))
	}
	return d.Verdict != rbac.Denied
}

// mayLock sees to the permissions that the lock takes.
func (p *planner) mayLock() {
	p.rights("", lockNamespace, "leases", leases.Group, "create", "get", "update", "delete")
}

// leaving plans the end of releases that are not in the profile any more, the last installed first.
func (p *planner) leaving(layers []layer) {
	for _, h := range slices.Backward(p.plan.before) {
		stays := slices.ContainsFunc(layers, func(l layer) bool { return l.release == h.name && l.namespace == h.namespace })
		if stays || !h.installed() {
			continue
		}
		p.leave(h)
	}
}

// leave plans the end of one release.
func (p *planner) leave(h history) {
	last := h.last()
	out := LayerPlan{Release: h.name, Namespace: h.namespace, Title: h.name, From: chartVersion(last), State: Leaving}
	p.rights(h.name, h.namespace, "secrets", "", "get", "list", "update", "delete")
	p.dropped(h.name, h.namespace, last.Manifest, nil, &out)
	slices.Reverse(out.Steps)
	p.plan.Layers = append(p.plan.Layers, out)
}

func chartVersion(r *release.Release) string {
	if r == nil || r.Chart == nil || r.Chart.Metadata == nil {
		return ""
	}
	return r.Chart.Metadata.Version
}
