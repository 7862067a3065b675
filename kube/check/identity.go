package check

import (
	"context"
	"fmt"
	"strings"

	"vmdeck.dev/vmdeck/rbac"
)

// checkIdentity says who the API server takes the user for: bindings have to name exactly that.
func checkIdentity(_ context.Context, e *env) []Result {
	r := Result{Verdict: Pass, How: []string{"POST /apis/authentication.k8s.io/v1/selfsubjectreviews"}}
	r.Summary = fmt.Sprintf("The API server knows you as %s.", e.me.User)
	for _, g := range e.me.Groups {
		r.Evidence = append(r.Evidence, "group "+g)
	}
	if e.me.User == "system:anonymous" {
		r.Verdict, r.Summary = Fail, "The API server does not know you: the login is anonymous."
		r.Fix = Fix{Text: "Log in as your cluster asks for, or choose another context."}
	}
	return one(r)
}

// checkOIDC looks whether the API server trusts the identity provider that was chosen. A managed control plane does not show its flags.
func checkOIDC(ctx context.Context, e *env) []Result {
	s, r, done := e.setupFor(ctx)
	switch {
	case done:
		return one(r)
	case s.IdentityProvider != IdentityTenant && s.IdentityProvider != IdentityKubernetes:
		return one(Result{Verdict: NotApplicable, Summary: "Nothing is configured that needs OIDC on the API server."})
	}
	var list struct {
		Items []struct {
			Spec struct {
				Containers []struct{ Command, Args []string }
			}
		}
	}
	err := e.get(ctx, "/api/v1/namespaces/kube-system/pods", &list, "labelSelector", "component=kube-apiserver")
	if err != nil {
		return one(unread(err, "read the API server's flags", rbac.On("list", rbac.GroupCore, "pods")))
	}
	issuer, structured, seen := "", false, len(list.Items) > 0
	for _, pod := range list.Items {
		for _, c := range pod.Spec.Containers {
			for _, flag := range append(c.Command, c.Args...) {
				if value, ok := strings.CutPrefix(flag, "--oidc-issuer-url="); ok {
					issuer = value
				}
				structured = structured || strings.HasPrefix(flag, "--authentication-config=")
			}
		}
	}
	return one(e.oidc(ctx, s, issuer, structured, seen))
}

func (e *env) oidc(ctx context.Context, s Setup, issuer string, structured, seen bool) Result {
	set := Fix{Text: "Set oidc-issuer-url, oidc-client-id, oidc-username-claim and oidc-groups-claim on the API server."}
	switch {
	case !seen:
		return Result{Verdict: Warn, Summary: fmt.Sprintf("The identity provider is %s; whether the API server trusts it cannot be seen here.", s.IdentityProvider),
			Fix: Fix{Text: "Log in with a kubeconfig user of that provider, and look at who you are.", Command: "vmdeck validate --only identity"}}
	case structured:
		return Result{Verdict: Warn, Summary: "The API server reads its identity providers from a file, which cannot be seen here.", Fix: set}
	case issuer == "":
		return Result{Verdict: Fail, Summary: fmt.Sprintf("The identity provider is %s, but the API server trusts no OIDC issuer.", s.IdentityProvider), Fix: set}
	case s.Issuer != "" && strings.TrimSuffix(s.Issuer, "/") != strings.TrimSuffix(issuer, "/"):
		return Result{Verdict: Fail, Summary: "The API server trusts another OIDC issuer than was configured.",
			Evidence: []string{"configured: " + s.Issuer, "trusted: " + issuer}, Fix: set}
	}
	if err := reach(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration"); err != nil {
		return Result{Verdict: Warn, Summary: fmt.Sprintf("The API server trusts %s, which does not answer from here.", issuer), Evidence: []string{sentence(err.Error())},
			Fix: Fix{Text: "Open the way to the identity provider; users log in there."}}
	}
	return Result{Verdict: Pass, Summary: fmt.Sprintf("The API server trusts %s, which answers.", issuer)}
}
