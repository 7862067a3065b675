package rbac

import (
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

// Rules are policy rules that add up: what any of them grants is granted. The matching is that of
// Kubernetes' RBAC authorizer (kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go), including its sharp
// edges: "virtualmachines/*" matches nothing, "*/start" matches the start of every resource, and "*"
// covers resources and all their subresources.
type Rules []rbacv1.PolicyRule

// Allows tells whether any rule grants the permission.
func (rs Rules) Allows(p Permission) bool {
	return slices.ContainsFunc(rs, func(r rbacv1.PolicyRule) bool { return ruleAllows(&r, p) })
}

// AllowsAll tells whether every permission is granted, by whichever rules.
func (rs Rules) AllowsAll(perms []Permission) bool { return len(rs.Missing(perms)) == 0 }

// Missing lists the permissions that no rule grants, in the order given.
func (rs Rules) Missing(perms []Permission) []Permission {
	var missing []Permission
	for _, p := range perms {
		if !rs.Allows(p) {
			missing = append(missing, p)
		}
	}
	return missing
}

// AllowsURL tells whether any rule grants the verb (lower case HTTP method) on a path that is not a
// resource, such as "/version". A rule's path may end in "*".
func (rs Rules) AllowsURL(verb, path string) bool {
	return slices.ContainsFunc(rs, func(r rbacv1.PolicyRule) bool {
		return hasOrAll(r.Verbs, verb) && slices.ContainsFunc(r.NonResourceURLs, func(u string) bool {
			return u == path || u == rbacv1.NonResourceAll ||
				strings.HasSuffix(u, "*") && strings.HasPrefix(path, strings.TrimRight(u, "*"))
		})
	})
}

func ruleAllows(r *rbacv1.PolicyRule, p Permission) bool {
	return hasOrAll(r.Verbs, p.Verb) && hasOrAll(r.APIGroups, p.Group) && resourceMatches(r.Resources, p) &&
		(len(r.ResourceNames) == 0 || slices.Contains(r.ResourceNames, p.Name))
}

func resourceMatches(resources []string, p Permission) bool {
	path := p.ResourcePath()
	for _, r := range resources {
		if r == rbacv1.ResourceAll || r == path || p.Subresource != "" && r == "*/"+p.Subresource {
			return true
		}
	}
	return false
}

func hasOrAll(list []string, want string) bool {
	return slices.Contains(list, want) || slices.Contains(list, "*")
}

// RuleSet is the API server's account of what a user may do in one namespace.
type RuleSet struct {
	Rules Rules
	// Incomplete is set when an authorizer other than RBAC (a webhook, say) cannot list its rules.
	Incomplete bool
	// EvaluationError tells what the server could not evaluate, such as a binding to a role that is gone.
	EvaluationError string
}

// RuleSetFrom builds the rule set from the status of a SelfSubjectRulesReview.
func RuleSetFrom(status authorizationv1.SubjectRulesReviewStatus) RuleSet {
	rules := make(Rules, 0, len(status.ResourceRules)+len(status.NonResourceRules))
	for _, r := range status.ResourceRules {
		rules = append(rules, rbacv1.PolicyRule{
			Verbs: r.Verbs, APIGroups: r.APIGroups, Resources: r.Resources, ResourceNames: r.ResourceNames,
		})
	}
	for _, r := range status.NonResourceRules {
		rules = append(rules, rbacv1.PolicyRule{Verbs: r.Verbs, NonResourceURLs: r.NonResourceURLs})
	}
	return RuleSet{Rules: rules, Incomplete: status.Incomplete, EvaluationError: status.EvaluationError}
}

// Allows tells whether a listed rule grants the permission. False means denied only for a set that is
// complete; Verdict makes that distinction.
func (s RuleSet) Allows(p Permission) bool { return s.Rules.Allows(p) }

// Verdict judges a permission. An incomplete set proves nothing, since the authorizer that could not
// list its rules may allow more and may veto as well; a set with an evaluation error proves what it
// grants but not what it lacks. Unknown means that an access review has to be asked.
func (s RuleSet) Verdict(p Permission) Verdict {
	switch {
	case s.Incomplete:
		return Unknown
	case s.Rules.Allows(p):
		return Allowed
	case s.EvaluationError != "":
		return Unknown
	}
	return Denied
}
