package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// Matrix is what somebody may do where: actions × namespaces.
type Matrix struct {
	Subject string
	Places  []Place
	// From is what gives the rights that are meant: "spectro-vm-user by RoleBinding team-a/devs".
	From []string
}

// Place is one column: a namespace or, with an empty name, all of them.
type Place struct {
	Namespace string
	Cells     []Cell
}

// Cell is one action in one place.
type Cell struct {
	Need string // its ID
	Got  rbac.Verdict
	// Known tells whether there is something that they are meant to be allowed; Want what.
	Known, Want bool
}

func (p Place) name() string {
	if p.Namespace == "" {
		return "all namespaces"
	}
	return p.Namespace
}

func (p Place) allowed() []string {
	var out []string
	for _, c := range p.Cells {
		if c.Got == rbac.Allowed {
			out = append(out, c.Need)
		}
	}
	return out
}

// may tells whether an action is allowed anywhere.
func (m Matrix) may(need string) bool {
	return slices.ContainsFunc(m.Places, func(p Place) bool { return slices.Contains(p.allowed(), need) })
}

// where names the places where VMs can be seen.
func (m Matrix) where() string {
	var names []string
	for _, p := range m.Places {
		if slices.Contains(p.allowed(), "see") {
			if p.Namespace == "" {
				return "in all namespaces"
			}
			names = append(names, p.Namespace)
		}
	}
	return "in " + some(names, 5)
}

// against marks what is meant in each place, and returns lines on what is missing and what is too much.
func (m *Matrix) against(meant func(namespace string) (rbac.Rules, []string)) (missing, surplus []string) {
	needs := binding.Needs()
	for i := range m.Places {
		place := &m.Places[i]
		rules, from := meant(place.Namespace)
		for _, f := range from {
			if !slices.Contains(m.From, f) {
				m.From = append(m.From, f)
			}
		}
		var less, more []string
		for j := range place.Cells {
			c := &place.Cells[j]
			c.Known, c.Want = true, rules.AllowsAll(needs[j].Perms)
			everywhere := i > 0 && m.Places[0].Cells[j].Got == rbac.Allowed // told of already
			switch {
			case c.Want && c.Got != rbac.Allowed:
				less = append(less, c.Need)
			case !c.Want && c.Got == rbac.Allowed && !everywhere:
				more = append(more, c.Need)
			}
		}
		if len(less) > 0 {
			missing = append(missing, fmt.Sprintf("in %s: %s", place.name(), strings.Join(less, ", ")))
		}
		if len(more) > 0 {
			surplus = append(surplus, fmt.Sprintf("in %s: %s", place.name(), strings.Join(more, ", ")))
		}
	}
	return missing, surplus
}

// matrix asks the API server about every permission that the actions take, each once in a place. What is allowed cluster-wide, the
// first place, is allowed in every namespace and not asked again. A nil who is the connection's user.
func (e *env) matrix(ctx context.Context, who *rbac.Who, places []string) (Matrix, error) {
	needs := binding.Needs()
	perms := map[rbac.Permission]bool{}
	for _, n := range needs {
		for _, p := range n.Perms {
			perms[p] = true
		}
	}
	open := slices.Collect(maps.Keys(perms))
	var m Matrix
	wide := map[rbac.Permission]bool{}
	for i, namespace := range places {
		allowed := maps.Clone(wide)
		verdicts, errs := make([]rbac.Verdict, len(open)), make([]error, len(open))
		e.each(len(open), func(k int) {
			if !allowed[open[k]] {
				verdicts[k], errs[k] = e.review(ctx, who, namespace, open[k])
			}
		})
		if err := firstOf(errs); err != nil {
			return m, err
		}
		for k, p := range open {
			allowed[p] = allowed[p] || verdicts[k] == rbac.Allowed
		}
		if i == 0 {
			wide = allowed
		}
		place := Place{Namespace: namespace}
		for _, n := range needs {
			c := Cell{Need: n.ID, Got: rbac.Allowed}
			if slices.ContainsFunc(n.Perms, func(p rbac.Permission) bool { return !allowed[p] }) {
				c.Got = rbac.Denied
			}
			place.Cells = append(place.Cells, c)
		}
		m.Places = append(m.Places, place)
	}
	return m, nil
}

// review asks about somebody: about oneself, about others or, where that is not permitted, in their identity.
func (e *env) review(ctx context.Context, who *rbac.Who, namespace string, p rbac.Permission) (rbac.Verdict, error) {
	if who == nil {
		d := e.cluster.Access().Ask(ctx, namespace, p)
		return d.Verdict, d.Err
	}
	verdict, err := binding.Review(ctx, e.cluster, *who, namespace, p)
	if kube.Classify(err) != kube.KindForbidden {
		return verdict, err
	}
	inTheirName, other := e.reviewAs(ctx, *who, namespace, p)
	if kube.Classify(other) == kube.KindForbidden {
		return rbac.Unknown, err
	}
	return inTheirName, other
}
