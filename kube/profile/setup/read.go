package setup

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/rbac"
)

// Where releases go if nobody chose otherwise.
const (
	usualPlace = "vm-dashboard"
	proxyPlace = "spectro-proxy"
)

// Read reads what was set up, with a handful of requests. It looks where the packs go by themselves, and where an object that only an
// administrator of the cluster can make says that they went: whoever may write ConfigMaps elsewhere must not send others to a proxy.
func Read(ctx context.Context, c *kube.Cluster) State {
	s := in(ctx, c, usualPlace)
	if s.Known == None || s.Known == Forbidden {
		if namespace := elsewhere(ctx, c); namespace != "" {
			s = in(ctx, c, namespace)
		}
	}
	if s.Known != Found {
		return s
	}
	if s.Access == Proxied {
		s.Proxy = address(ctx, c, s.Namespace)
	}
	s.Profile, s.ProfileErr = maker(ctx, c, s)
	return s
}

// in reads the settings in a namespace: those of the first pack that has left some.
func in(ctx context.Context, c *kube.Cluster, namespace string) State {
	var s State
	for _, name := range packs {
		settings, err := get(ctx, c, namespace, name)
		if err == nil {
			return of(settings)
		}
		if s = s.without(err); s.Known == Unreachable {
			break
		}
	}
	return s
}

// without is what a request for settings that failed means, after others. One that may not be read counts more than one that is not there.
func (s State) without(err error) State {
	switch kube.Classify(err) {
	case kube.KindNotFound:
		if s.Known == Unread {
			s.Known = None
		}
	case kube.KindForbidden:
		s.Known, s.Err = Forbidden, err
	default:
		s.Known, s.Err = Unreachable, err
	}
	return s
}

func of(m *corev1.ConfigMap) State {
	return State{
		Known: Found, Access: word(accessWords, m.Data["access"]), IdentityProvider: word(identityWords, m.Data["identityProvider"]),
		Issuer: m.Data["oidc-issuer-url"], Client: m.Data["oidc-client-id"],
		Namespaces: strings.FieldsFunc(m.Data["vmEnabledNamespaces"], func(r rune) bool { return r == ',' }),
		Pack:       m.Name, PackVersion: strings.TrimPrefix(m.Labels["helm.sh/chart"], m.Name+"-"), Release: m.Labels["app.kubernetes.io/instance"], Namespace: m.Namespace,
	}
}

func get(ctx context.Context, c *kube.Cluster, namespace, name string) (*corev1.ConfigMap, error) {
	ctx, cancel := context.WithTimeout(ctx, kube.CallTimeout)
	defer cancel()
	m, err := c.Core().ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
	c.Health().Report(err)
	return m, err
}

// elsewhere is the namespace of the release that made the cluster roles, where it is not the usual one.
func elsewhere(ctx context.Context, c *kube.Cluster) string {
	ctx, cancel := context.WithTimeout(ctx, kube.CallTimeout)
	defer cancel()
	role, err := c.RBAC().ClusterRoles().Get(ctx, rbac.RoleViewer, metav1.GetOptions{})
	if err != nil {
		return ""
	}
	if namespace := role.Annotations["meta.helm.sh/release-namespace"]; namespace != usualPlace {
		return namespace
	}
	return ""
}

// address is the public address of the API server at the proxy; empty where it cannot be read.
func address(ctx context.Context, c *kube.Cluster, beside string) string {
	for _, namespace := range []string{proxyPlace, beside} {
		if m, err := get(ctx, c, namespace, proxy+"-address"); err == nil {
			return m.Data["kubernetes"]
		}
	}
	return ""
}

// maker finds the profile that made the release which the settings are from. That takes more rights than to read them.
func maker(ctx context.Context, c *kube.Cluster, s State) (profile.Ref, error) {
	uses, err := profile.InUse(ctx, c, profile.Ref{})
	for _, u := range uses {
		if u.Release == s.Release && u.Namespace == s.Namespace {
			return u.Ref, nil
		}
	}
	return profile.Ref{}, err
}
