package vm

import (
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Cause says what kind of reason an action is off for.
type Cause int

// The causes, in the order in which they are looked at.
const (
	On         Cause = iota // the action may be tried
	ReadOnly                // vmdeck was told to change nothing
	Connection              // the API server does not answer, so what the screen shows may be stale
	Permission              // the user lacks a permission
	Asking                  // whether the user may is not known yet
	State                   // it makes no sense in the VM's state
	Looking                 // somebody else, as whom the user looks, might try it; nothing is done
)

// Verdict is the answer to whether an action may be tried on a row.
type Verdict struct {
	Cause    Cause
	Reason   string        // one sentence fragment: "start: <reason>"; empty when On
	Decision rbac.Decision // what is known of the permissions
}

// Off says whether the action is off.
func (v Verdict) Off() bool { return v.Cause != On }

// Offered says whether the action is to be shown as one that can be tried: it can, or somebody could as whom the user looks.
func (v Verdict) Offered() bool { return v.Cause == On || v.Cause == Looking }

// Decider answers permission questions from memory; kube.Access is one.
type Decider interface {
	Decide(namespace string, perms []rbac.Permission) rbac.Decision
}

// Gate decides whether actions may be tried. It does no I/O and may be asked for every key bar that is drawn.
type Gate struct {
	Access   Decider
	ReadOnly string // why nothing may be changed; empty: it may
	// As names somebody as whom the user looks: Access answers what that one may do, and nothing is ever On. Empty: nobody else.
	As     string
	Health func() kube.HealthStatus
	Facts  func() Facts
}

// Check judges one action on one row.
func (g *Gate) Check(a *Action, r *Row) Verdict {
	v := g.Permit(func(access Decider) rbac.Decision { return access.Decide(r.Namespace, a.Needs(r)) })
	if v.Offered() {
		if reason := a.Off(r, g.Facts()); reason != "" {
			return Verdict{Cause: State, Reason: reason, Decision: v.Decision}
		}
	}
	return v
}

// Permit judges what is no action on a row, such as making a VM: whether anything may be changed, and whether decide permits this.
func (g *Gate) Permit(decide func(Decider) rbac.Decision) Verdict {
	if g.ReadOnly != "" && g.As == "" { // nothing is done as somebody else in any case, and what is asked is what that one may
		return Verdict{Cause: ReadOnly, Reason: g.ReadOnly}
	}
	if reason := g.disconnected(); reason != "" {
		return Verdict{Cause: Connection, Reason: reason}
	}
	decision := decide(g.Access)
	switch {
	case decision.Verdict == rbac.Denied:
		return Verdict{Cause: Permission, Reason: decision.Reason, Decision: decision}
	case decision.Verdict == rbac.Unknown && (decision.Err == nil || g.As != ""):
		return Verdict{Cause: Asking, Reason: decision.Reason, Decision: decision}
	}
	// Where the reviews themselves fail the server must decide: an error is no denial.
	if g.As != "" {
		return Verdict{Cause: Looking, Reason: g.As + " may; " + g.looking(), Decision: decision}
	}
	return Verdict{Decision: decision}
}

func (g *Gate) looking() string { return "nothing is done while you look as " + g.As }

// disconnected says why nothing may be tried while the connection is down.
func (g *Gate) disconnected() string {
	switch status := g.Health(); status.State {
	case kube.Lost:
		return "the API server does not answer; what you see may be out of date"
	case kube.Expired:
		return "the login is no longer accepted"
	default:
		return ""
	}
}
