package binding

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// The API server's words for a refusal against privilege escalation (kubernetes pkg/registry/rbac/validation/rule.go).
var (
	escalation   = "is attempting to grant RBAC permissions not currently held"
	lackedRule   = regexp.MustCompile(`\{APIGroups:\[([^\]]*)\], Resources:\[([^\]]*)\](?:, ResourceNames:\[([^\]]*)\])?, Verbs:\[([^\]]*)\]\}`)
	lackedURL    = regexp.MustCompile(`\{NonResourceURLs:\[([^\]]*)\], Verbs:\[([^\]]*)\]\}`)
	mostLacked   = 3 // the rest is counted: a role may have dozens of rules
	unquoteNames = strings.NewReplacer(`" "`, ", ", `"`, "")
)

// Escalation tells whether the API server refused because nobody may hand out more rights than they have.
func Escalation(err error) bool {
	return kube.Classify(err) == kube.KindForbidden && strings.Contains(err.Error(), escalation)
}

// ExplainApply puts the failure of a step into a sentence. what reads like "create RoleBinding team-a/devs".
func ExplainApply(err error, what string, b rbac.Binding) string {
	switch {
	case Escalation(err):
		return fmt.Sprintf("%s: refused, because nobody may hand out rights that they lack themselves. You may write bindings, but the %s grants what you do not have: %s. "+
			"It takes an administrator, or the verb bind on %s %q for you.", what, b.Role, lacked(err.Error()), strings.ToLower(b.Role.Kind)+"s", b.Role.Name)
	case roleMissing(err, b):
		return fmt.Sprintf("%s: refused, because there is no %s: only who may hand out everything can bind a role that is not there.", what, b.Role)
	case errors.Is(err, errTaken):
		return fmt.Sprintf("%s: %v. Plan again to see it.", what, err)
	case kube.Classify(err) == kube.KindConflict:
		return fmt.Sprintf("%s: somebody has changed it since the plan was made; nothing was overwritten. Plan again.", what)
	}
	return kube.Explain(err, what)
}

// roleMissing tells whether the API server looked for the role in vain, to see whether its rights may be handed out. It says then that a
// binding of the role's name is not found.
func roleMissing(err error, b rbac.Binding) bool {
	var status apierrors.APIStatus
	if !apierrors.IsNotFound(err) || !errors.As(err, &status) {
		return false
	}
	d := status.Status().Details
	return d != nil && d.Name == b.Role.Name && d.Name != b.Name && strings.Contains(d.Kind, "role")
}

// lacked reads the rules out of the server's text: "get pods, update virtualmachines/start (subresources.kubevirt.io) and 7 more rules".
func lacked(text string) string {
	var rules []string
	for _, m := range lackedRule.FindAllStringSubmatch(text, -1) {
		rule := unquoteNames.Replace(m[4]) + " " + unquoteNames.Replace(m[2])
		if m[3] != "" {
			rule += " named " + unquoteNames.Replace(m[3])
		}
		if group := unquoteNames.Replace(m[1]); group != "" {
			rule += " (" + group + ")"
		}
		rules = append(rules, rule)
	}
	for _, m := range lackedURL.FindAllStringSubmatch(text, -1) {
		rules = append(rules, unquoteNames.Replace(m[2])+" "+unquoteNames.Replace(m[1]))
	}
	switch n := len(rules) - mostLacked; {
	case len(rules) == 0:
		return "the server does not say what"
	case n == 1:
		return strings.Join(rules[:mostLacked], "; ") + " and 1 more rule"
	case n > 1:
		return fmt.Sprintf("%s and %d more rules", strings.Join(rules[:mostLacked], "; "), n)
	}
	return strings.Join(rules, "; ")
}
