package binding

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

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
	case errors.Is(err, errTaken):
		return fmt.Sprintf("%s: %v. Plan again to see it.", what, err)
	case kube.Classify(err) == kube.KindConflict:
		return fmt.Sprintf("%s: somebody has changed it since the plan was made; nothing was overwritten. Plan again.", what)
	}
	return kube.Explain(err, what)
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
