package check

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

var listBindings = []rbac.Permission{
	rbac.On("list", rbac.GroupRBAC, "clusterrolebindings"), rbac.On("list", rbac.GroupRBAC, "rolebindings"),
}

// rights reads roles, bindings and rules for a check that needs all of them. done means that it cannot go on.
func (e *env) rights(ctx context.Context) (w binding.World, rules []binding.Stored, r Result, done bool) {
	w, err := e.world.of(ctx)
	if err != nil {
		return w, nil, unread(err, "read the cluster's roles and bindings", listBindings...), true
	}
	if r, ok := blind(w, "cluster roles", "cluster role bindings", "role bindings"); !ok {
		return w, nil, r, true
	}
	// Without rules the bindings still say who is meant to have what; that rules cannot be read is said by their own check.
	rules, _ = e.rules.of(ctx)
	return w, rules, Result{}, false
}

// checkPersonas looks for anybody who may use VMs at all: before there are bindings nobody can, the administrator included.
func checkPersonas(ctx context.Context, e *env) []Result {
	w, rules, r, done := e.rights(ctx)
	if done {
		return one(r)
	}
	found := people(w, rules)
	if len(found) == 0 {
		return one(Result{
			Verdict: Fail, Summary: "No user, group or service account is bound to any role over VMs.",
			Fix: Fix{Text: "Make the first binding rule: who gets which role where.", Open: EditRule{Rule: rbac.BindingRule{
				RoleKind: rbac.KindClusterRole, RoleName: rbac.RolePowerUser, Lists: true,
			}}},
		})
	}
	names := make([]string, len(found))
	for i, p := range found {
		names[i] = p.String()
	}
	return one(Result{Verdict: Pass, Summary: counted(len(found), "subject") + " may use VMs by binding or rule.", Evidence: []string{some(names, 12)}})
}

// checkOrphans looks for bindings whose role is not there: they grant nothing, and whoever makes a role of that name fills them.
func checkOrphans(ctx context.Context, e *env) []Result {
	w, _, r, done := e.rights(ctx)
	if done {
		return one(r)
	}
	if r, ok := rolesRead(w); !ok {
		return one(r)
	}
	var ours, others []rbac.Binding
	for _, b := range w.Bindings {
		_, known := w.Roles[b.Role]
		_, catalogue := rbac.Lookup(b.Role.Name)
		switch {
		case known || strings.HasPrefix(b.Role.Name, "system:"):
		case catalogue || b.Rule != "":
			ours = append(ours, b)
		default:
			others = append(others, b)
		}
	}
	orphans := append(ours, others...)
	if len(orphans) == 0 {
		return one(Result{Verdict: Pass, Summary: "Every binding's role exists."})
	}
	first := orphans[0]
	r = Result{Verdict: Warn, Summary: counted(len(orphans), "binding") + " to a role that does not exist."}
	r.Fix = Fix{Text: "Make the role, or delete the binding.", Command: deletion(first), Open: ShowBindings{Query: first.Name}}
	if len(ours) > 0 {
		r.Verdict = Fail
		if _, catalogue := rbac.Lookup(first.Role.Name); catalogue {
			r.Fix = Fix{Text: "Install the role that is missing.", Command: "vmdeck roles install", Open: InstallRoles{Names: []string{first.Role.Name}}}
		}
	}
	for _, b := range orphans {
		r.Evidence = append(r.Evidence, fmt.Sprintf("%s → %s", b, b.Role))
	}
	return one(r)
}

func rolesRead(w binding.World) (Result, bool) {
	for _, g := range w.Gaps {
		if g.What == "roles" {
			return denied("list roles", rbac.On("list", rbac.GroupRBAC, "roles")), false
		}
	}
	return Result{}, true
}

func deletion(b rbac.Binding) string {
	command := "kubectl delete " + strings.ToLower(b.Kind()) + " " + quote(b.Name)
	if b.Namespace != "" {
		command += " -n " + b.Namespace
	}
	return command
}

// checkRules plans every stored rule: a plan that is not empty means that somebody has other rights than was decided.
func checkRules(ctx context.Context, e *env) []Result {
	rules, err := e.rules.of(ctx)
	switch {
	case errors.Is(err, binding.ErrNotInstalled):
		return one(Result{Verdict: NotApplicable, Summary: "The cluster keeps no binding rules: bindings stand by themselves."})
	case err != nil:
		return one(unread(err, "list binding rules", rbac.On("list", rbac.GroupVMDeck, "rolebindingrules")))
	case len(rules) == 0:
		return one(Result{Verdict: NotApplicable, Summary: "There are no binding rules."})
	}
	w, err := e.world.of(ctx)
	if err != nil {
		return one(unread(err, "read the cluster's roles and bindings", listBindings...))
	}
	if r, ok := blind(w, "cluster role bindings", "role bindings", "namespaces"); !ok {
		return one(r)
	}
	var out []Result
	for _, rule := range rules {
		out = append(out, drift(rule, w))
	}
	return out
}

func drift(rule binding.Stored, w binding.World) Result {
	r := Result{Object: rule.Name}
	edit := EditRule{Rule: rule.BindingRule, Version: rule.Version, Exists: true}
	broken := rule.Err
	var plan rbac.Plan
	if broken == nil {
		plan, broken = rbac.NewPlan(rule.BindingRule, w.World)
	}
	switch {
	case broken != nil:
		r.Verdict, r.Summary = Fail, fmt.Sprintf("The rule %s cannot be used.", rule.Name)
		r.Evidence = []string{sentence(broken.Error())}
		r.Fix = Fix{Text: "Put the rule right.", Open: edit}
	case !plan.Empty():
		r.Verdict, r.Evidence = Fail, plan.Lines()
		r.Summary = fmt.Sprintf("The bindings of the rule %s are not as it says: %s.", rule.Name, planned(plan))
		r.Fix = Fix{Text: "Apply the rule again.", Command: "vmdeck bindings sync", Open: edit}
	case len(plan.Conflicts) > 0:
		r.Verdict, r.Evidence = Warn, plan.Lines()
		r.Summary = fmt.Sprintf("Somebody else's bindings stand in the way of the rule %s.", rule.Name)
		r.Fix = Fix{Text: "Rename the rule, or remove the binding that is in its way.", Open: ShowBindings{Query: plan.Conflicts[0].Existing.Name}}
	default:
		r.Verdict, r.Evidence = Pass, plan.Notes
		r.Summary = fmt.Sprintf("The bindings of the rule %s are as it says: %d.", rule.Name, len(plan.Unchanged))
	}
	return r
}

func planned(p rbac.Plan) string {
	var parts []string
	for _, part := range []struct {
		n    int
		word string
	}{{len(p.Create), "missing"}, {len(p.Change), "changed"}, {len(p.Remove), "too many"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.word))
		}
	}
	return strings.Join(parts, ", ")
}
