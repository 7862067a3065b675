package rbac

import (
	"fmt"
	"slices"
	"strings"
)

// Verdict is what is known about whether something is permitted. The zero value is Unknown: what has not
// been answered is neither offered as possible nor reported as forbidden.
type Verdict int

// The three verdicts.
const (
	Unknown Verdict = iota
	Allowed
	Denied
)

// String returns the verdict in lower case, as audit log and screen show it.
func (v Verdict) String() string {
	switch v {
	case Allowed:
		return "allowed"
	case Denied:
		return "denied"
	}
	return "unknown"
}

// BindingRef names a binding that gives the user a role.
type BindingRef struct {
	Kind      string // RoleBinding or ClusterRoleBinding
	Namespace string // empty for a ClusterRoleBinding
	Name      string
	RoleKind  string // Role or ClusterRole
	Role      string
	Subject   string // the subject that matched: "User alice", "Group ops", "ServiceAccount ns/name"
}

// String reads "RoleBinding team-a/devs → ClusterRole edit (Group devs)".
func (b BindingRef) String() string {
	name := b.Name
	if b.Namespace != "" {
		name = b.Namespace + "/" + b.Name
	}
	return fmt.Sprintf("%s %s → %s %s (%s)", b.Kind, name, b.RoleKind, b.Role, b.Subject)
}

// Decision says whether an action is permitted and, when it is not, why and what would change that.
type Decision struct {
	Verdict Verdict
	// Namespace is where the action would happen; empty means cluster-wide.
	Namespace string
	// Missing lists the permissions that are denied, or for Unknown those still without an answer.
	Missing []Permission
	// Grants names the catalogue roles that would grant all that is missing, the least powerful first.
	Grants []string
	// Bindings are the user's bindings that apply here, where they could be read.
	Bindings []BindingRef
	// Reason is one sentence fragment for the screen: "needs update virtualmachines/migrate in team-a".
	// It is empty when the action is allowed.
	Reason string
	// Err is why there is no answer; set only with Unknown. An error is never a denial.
	Err error
}

// Allowed tells whether the action is known to be permitted.
func (d Decision) Allowed() bool { return d.Verdict == Allowed }

// Allow is the decision that permits.
func Allow(namespace string) Decision { return Decision{Verdict: Allowed, Namespace: namespace} }

// Deny is the decision that refuses for want of permissions, with its reason and granting roles.
func Deny(namespace string, missing ...Permission) Decision {
	return Decision{
		Verdict: Denied, Namespace: namespace, Missing: missing, Grants: Granting(missing...),
		Reason: "needs " + list(missing) + " " + where(namespace),
	}
}

// Pending is the decision before the API server has answered. A non-nil err says why it has not.
func Pending(namespace string, open []Permission, err error) Decision {
	d := Decision{Namespace: namespace, Missing: open, Err: err}
	if err != nil {
		d.Reason = fmt.Sprintf("could not find out whether you may %s %s: %v", list(open), where(namespace), err)
	} else {
		d.Reason = fmt.Sprintf("still asking whether you may %s %s", list(open), where(namespace))
	}
	return d
}

// Combine joins the decisions on the parts of one action: a denial decides, then a missing answer; all
// must allow for the whole to be allowed. No decisions at all are Allowed: nothing was needed. The
// namespace is kept where all agree.
func Combine(parts ...Decision) Decision {
	out := Decision{Verdict: Allowed}
	var reasons []string
	for _, d := range parts {
		if rank(d.Verdict) > rank(out.Verdict) {
			reasons, out.Missing, out.Err = nil, nil, nil
			out.Verdict = d.Verdict
		}
		out.Bindings = appendNew(out.Bindings, d.Bindings)
		if d.Verdict != out.Verdict || d.Verdict == Allowed {
			continue
		}
		out.Missing = appendNew(out.Missing, d.Missing)
		reasons = appendNew(reasons, []string{d.Reason})
		if out.Err == nil {
			out.Err = d.Err
		}
	}
	out.Namespace = commonNamespace(parts)
	out.Reason = strings.Join(reasons, "; ")
	if out.Verdict == Denied {
		out.Grants = Granting(out.Missing...)
	}
	return out
}

// rank orders verdicts by how much they decide when combined.
func rank(v Verdict) int {
	switch v {
	case Denied:
		return 2
	case Unknown:
		return 1
	}
	return 0
}

func commonNamespace(parts []Decision) string {
	if len(parts) == 0 {
		return ""
	}
	ns := parts[0].Namespace
	for _, d := range parts {
		if d.Namespace != ns {
			return ""
		}
	}
	return ns
}

func appendNew[T comparable](to, from []T) []T {
	for _, x := range from {
		if !slices.Contains(to, x) {
			to = append(to, x)
		}
	}
	return to
}

func list(perms []Permission) string {
	names := make([]string, len(perms))
	for i, p := range perms {
		names[i] = p.Short()
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func where(namespace string) string {
	if namespace == "" {
		return "cluster-wide"
	}
	return "in " + namespace
}
