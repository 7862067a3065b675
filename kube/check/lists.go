package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// unseen is what somebody does without who lacks a role that every user needs.
var unseen = map[string]string{
	rbac.RoleListNamespaces:  "which namespaces there are",
	rbac.RoleListVMTemplates: "the VM templates",
}

// checkLists asks the API server whether everybody who uses VMs has the two roles that every user needs cluster-wide.
func checkLists(ctx context.Context, e *env) []Result {
	w, rules, r, done := e.rights(ctx)
	switch {
	case done && r.Verdict == NotPermitted:
		return e.ownLists(ctx)
	case done:
		return one(r)
	}
	found := people(w, rules)
	if len(found) == 0 {
		return one(Result{Verdict: NotApplicable, Summary: "Nobody is bound to a role over VMs."})
	}
	skipped := max(len(found)-mostPeople, 0)
	found = found[:len(found)-skipped]
	var out []Result
	for _, role := range rbac.EveryUser() {
		lacking := make([]bool, len(found))
		failed := make([]error, len(found))
		e.each(len(found), func(i int) {
			lacking[i], failed[i] = e.lacks(ctx, w, found[i].Who(), role)
		})
		if err := errors.Join(failed...); err != nil {
			out = append(out, unread(firstOf(failed), "ask the API server who has "+role.Name))
			continue
		}
		result := listResult(role, freeName(w, rules, role.Name), found, lacking)
		if skipped > 0 {
			result.Evidence = append(result.Evidence, fmt.Sprintf("%d more subjects were not asked about", skipped))
		}
		out = append(out, result)
	}
	return out
}

// ownLists is what can be said by who may not read bindings: it is about themselves.
func (e *env) ownLists(ctx context.Context) []Result {
	var out []Result
	for _, role := range rbac.EveryUser() {
		r := Result{Object: role.Name, Verdict: Pass, Summary: fmt.Sprintf("You can see %s; who else can, you may not read.", unseen[role.Name])}
		d := e.cluster.Access().Ask(ctx, "", role.Rules().Permissions()...)
		switch d.Verdict {
		case rbac.Unknown:
			r = unread(d.Err, "ask whether you have "+role.Name)
			r.Object = role.Name
		case rbac.Denied:
			rule := rbac.BindingRule{
				Name: role.Name, RoleKind: rbac.KindClusterRole, RoleName: role.Name, ClusterWide: true, Subjects: []rbac.Subject{rbac.SubjectOf(e.me.User)},
			}
			r.Verdict, r.Summary = Warn, fmt.Sprintf("You cannot see %s.", unseen[role.Name])
			r.Missing, r.Grants = d.Missing, d.Grants
			r.Fix = Fix{
				Text: fmt.Sprintf("An administrator of the cluster binds %s cluster-wide to you.", role.Name), Command: bindCommand(rule), Open: EditRule{Rule: rule},
			}
		}
		out = append(out, r)
	}
	return out
}

// lacks asks the API server and, where the user may not ask about others, evaluates what could be read.
func (e *env) lacks(ctx context.Context, w binding.World, who rbac.Who, role rbac.Role) (bool, error) {
	list := role.Rules().Permissions()
	for _, perm := range list {
		verdict, err := binding.Review(ctx, e.cluster, who, "", perm)
		if kube.Classify(err) == kube.KindForbidden {
			return !w.In("", who).Rules.AllowsAll(list), nil
		}
		if err != nil || verdict != rbac.Allowed {
			return err == nil, err
		}
	}
	return false, nil
}

// freeName is a name for a new rule, as one may be there for other subjects.
func freeName(w binding.World, rules []binding.Stored, name string) string {
	taken := func(candidate string) bool {
		return slices.ContainsFunc(rules, func(r binding.Stored) bool { return r.Name == candidate }) ||
			slices.ContainsFunc(w.Bindings, func(b rbac.Binding) bool { return b.Rule == candidate || b.Name == "vmdeck-"+candidate })
	}
	candidate := name
	for n := 2; taken(candidate); n++ {
		candidate = fmt.Sprintf("%s-%d", name, n)
	}
	return candidate
}

func listResult(role rbac.Role, name string, found []person, lacking []bool) Result {
	r := Result{Object: role.Name, Verdict: Pass, Summary: fmt.Sprintf("Everybody who uses VMs can see %s.", unseen[role.Name])}
	rule := rbac.BindingRule{Name: name, RoleKind: rbac.KindClusterRole, RoleName: role.Name, ClusterWide: true}
	for i, p := range found {
		if !lacking[i] {
			continue
		}
		rule.Subjects = append(rule.Subjects, p.Subject)
		where := "has rights over VMs in single namespaces only"
		if p.wide {
			where = "has rights over VMs in all namespaces"
			r.Verdict = Fail
		}
		r.Evidence = append(r.Evidence, fmt.Sprintf("%s %s", p, where))
	}
	if len(rule.Subjects) == 0 {
		return r
	}
	if r.Verdict == Pass { // whoever works in namespaces they know does without, as in a cluster group
		r.Verdict = Warn
	}
	r.Summary = fmt.Sprintf("%s cannot see %s.", sentence(counted(len(rule.Subjects), "subject")), unseen[role.Name])
	r.Fix = Fix{
		Text: fmt.Sprintf("Bind %s cluster-wide to them.", role.Name), Command: bindCommand(rule), Open: EditRule{Rule: rule},
	}
	return r
}

func bindCommand(rule rbac.BindingRule) string {
	command := fmt.Sprintf("kubectl create clusterrolebinding vmdeck-%s --clusterrole=%s", rule.Name, rule.RoleName)
	for _, s := range rule.Subjects {
		command += " " + subjectFlag(s)
	}
	return command
}

// subjectFlag is a subject as kubectl create takes it.
func subjectFlag(s rbac.Subject) string {
	if s.Kind == rbacv1.ServiceAccountKind {
		return "--serviceaccount=" + quote(s.Namespace+":"+s.Name)
	}
	return "--" + strings.ToLower(s.Kind) + "=" + quote(s.Name)
}

func firstOf(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
