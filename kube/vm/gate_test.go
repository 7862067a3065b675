package vm

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// fakeAccess gives one answer to everything and remembers what it was asked.
type fakeAccess struct {
	decision  rbac.Decision
	mu        sync.Mutex
	namespace string
	perms     []rbac.Permission
}

func (f *fakeAccess) Decide(namespace string, perms []rbac.Permission) rbac.Decision {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.namespace, f.perms = namespace, perms
	return f.decision
}

func TestGateLooksAtCausesInOrder(t *testing.T) {
	pause := Find("pause")
	perms := pause.Needs(nil)
	var (
		denied  = rbac.Deny("team", perms...)
		asking  = rbac.Pending("team", perms, nil)
		failing = rbac.Pending("team", perms, errors.New("reviews are not served"))
		allowed = rbac.Allow("team")
	)
	on := &Row{Namespace: "team", HasVM: true, HasInstance: true, Phase: "Running"}
	off := &Row{Namespace: "team", HasVM: true}
	tests := []struct {
		name     string
		readOnly string
		state    kube.State
		decision rbac.Decision
		row      *Row
		want     Cause
		reason   string
	}{
		{"all in the way", "view only", kube.Lost, denied, off, ReadOnly, "view only"},
		{"lost", "", kube.Lost, denied, off, Connection, "the API server does not answer; what you see may be out of date"},
		{"expired", "", kube.Expired, denied, off, Connection, "the login is no longer accepted"},
		{"denied", "", kube.Live, denied, off, Permission, "needs update virtualmachineinstances/pause in team"},
		{"asking", "", kube.Live, asking, off, Asking, asking.Reason},
		{"state", "", kube.Live, allowed, off, State, "not running"},
		{"on", "", kube.Live, allowed, on, On, ""},
		{"throttled is still connected", "", kube.Throttled, allowed, on, On, ""},
		{"before the first answer", "", kube.Connecting, asking, on, Asking, asking.Reason},
		{"an error is no denial", "", kube.Live, failing, on, On, ""},
		{"an error leaves the state rule", "", kube.Live, failing, off, State, "not running"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			access := &fakeAccess{decision: tt.decision}
			gate := Gate{
				Access: access, ReadOnly: tt.readOnly,
				Health: func() kube.HealthStatus { return kube.HealthStatus{State: tt.state} },
				Facts:  func() Facts { return Facts{} },
			}
			got := gate.Check(pause, tt.row)
			if got.Cause != tt.want || got.Reason != tt.reason || got.Off() != (tt.want != On) {
				t.Errorf("got cause %d, %q; want %d, %q", got.Cause, got.Reason, tt.want, tt.reason)
			}
			if asked := tt.want != ReadOnly && tt.want != Connection; asked != (access.perms != nil) {
				t.Errorf("permissions asked: %v", access.perms)
			} else if asked && (access.namespace != "team" || !slices.Equal(access.perms, perms) || got.Decision.Verdict != tt.decision.Verdict) {
				t.Errorf("asked for %v in %s, decision %v", access.perms, access.namespace, got.Decision)
			}
		})
	}
}

func TestGateNeverOpensForSomebodyElse(t *testing.T) {
	pause := Find("pause")
	perms := pause.Needs(nil)
	on := &Row{Namespace: "team", HasVM: true, HasInstance: true, Phase: "Running"}
	off := &Row{Namespace: "team", HasVM: true}
	tests := []struct {
		name     string
		decision rbac.Decision
		row      *Row
		want     Cause
		reason   string
		offered  bool
	}{
		{"allowed", rbac.Allow("team"), on, Looking, "alice may; nothing is done while you look as alice", true},
		{"allowed, but the state", rbac.Allow("team"), off, State, "not running", false},
		{"denied", rbac.Deny("team", perms...), on, Permission, "needs update virtualmachineinstances/pause in team", false},
		{"asking", rbac.Decision{Reason: "asking"}, on, Asking, "asking", false},
		{"an error is not known", rbac.Decision{Reason: "no answer", Err: errors.New("no answer")}, on, Asking, "no answer", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			gate := Gate{
				Access: &fakeAccess{decision: tt.decision}, As: "alice", ReadOnly: "view only",
				Health: func() kube.HealthStatus { return kube.HealthStatus{State: kube.Live} }, Facts: func() Facts { return Facts{} },
			}
			got := gate.Check(pause, tt.row)
			if got.Cause != tt.want || got.Reason != tt.reason || !got.Off() || got.Offered() != tt.offered {
				t.Errorf("got cause %d, %q, off %v, offered %v", got.Cause, got.Reason, got.Off(), got.Offered())
			}
		})
	}
}

func TestGatePassesFactsToTheRule(t *testing.T) {
	row := &Row{HasInstance: true, Phase: "Running", LivenessProbe: AgentPingProbe}
	facts := Facts{}
	gate := Gate{
		Access: &fakeAccess{decision: rbac.Allow("")},
		Health: func() kube.HealthStatus { return kube.HealthStatus{State: kube.Live} },
		Facts:  func() Facts { return facts },
	}
	if v := gate.Check(Find("pause"), row); v.Cause != State {
		t.Errorf("before 1.9: %+v", v)
	}
	facts.PauseWithAgentPing = true
	if v := gate.Check(Find("pause"), row); v.Off() {
		t.Errorf("with 1.9: %+v", v)
	}
}

func TestGateAsksForWhatTheRowNeeds(t *testing.T) {
	access := &fakeAccess{decision: rbac.Allow("")}
	gate := Gate{
		Access: access, Health: func() kube.HealthStatus { return kube.HealthStatus{State: kube.Live} }, Facts: func() Facts { return Facts{} },
	}
	gate.Check(Find("delete"), &Row{Namespace: "a", HasVM: true})
	if got := access.perms[0].Resource; got != "virtualmachines" {
		t.Errorf("delete of a VM needs %s", got)
	}
	gate.Check(Find("delete"), &Row{Namespace: "a", HasInstance: true})
	if got := access.perms[0].Resource; got != "virtualmachineinstances" {
		t.Errorf("delete of a stray instance needs %s", got)
	}
}
