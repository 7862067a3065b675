package kube

import (
	"reflect"
	"time"

	"vmdeck.dev/vmdeck/rbac"
)

// place is what Access knows about one namespace; Access.mu guards it.
type place struct {
	rules   rbac.RuleSet
	rulesAt time.Time // zero: never answered
	single  map[rbac.Permission]answer
	wanted  map[rbac.Permission]bool // permissions that rules may not settle: each takes a review of its own

	due     bool          // something is to be asked
	doubted bool          // a real call was refused: what is allowed is not believed
	busy    chan struct{} // closed when the asking that is under way has ended; nil: none is
	used    time.Time     // when Decide last looked here
	denies  bool          // Decide has answered with a denial
	err     error         // of the last attempt
	retryAt time.Time
	backoff Backoff

	bindings     bindingList
	wantBindings bool
}

// answer is what one access review said.
type answer struct {
	verdict rbac.Verdict
	at      time.Time
}

func (s answer) fresh(now time.Time) bool {
	return s.verdict != rbac.Unknown && now.Sub(s.at) < believedFor(s.verdict)
}

func believedFor(v rbac.Verdict) time.Duration {
	if v == rbac.Allowed {
		return allowedFor
	}
	return deniedFor
}

func newPlace() *place {
	return &place{single: map[rbac.Permission]answer{}, wanted: map[rbac.Permission]bool{}, due: true}
}

// judge looks a permission up and arranges for it to be asked when the answer is missing or old.
func (p *place) judge(perm rbac.Permission, now time.Time) rbac.Verdict {
	s := p.lookup(perm)
	switch {
	case s.verdict == rbac.Unknown:
		p.due, p.wanted[perm] = true, true
	case p.doubted && s.verdict == rbac.Allowed:
		p.due = true
		return rbac.Unknown
	case !s.fresh(now):
		p.due = true
		if p.err != nil {
			return rbac.Unknown
		}
	}
	if s.verdict == rbac.Denied {
		p.denies = true
	}
	return s.verdict
}

func (p *place) lookup(perm rbac.Permission) answer {
	if !p.rulesAt.IsZero() {
		if v := p.rules.Verdict(perm); v != rbac.Unknown {
			return answer{v, p.rulesAt}
		}
	}
	return p.single[perm]
}

// explainDenials has the user's bindings read, which tell where the rights that there are come from.
func (p *place) explainDenials(now time.Time) {
	if !p.bindings.fresh(now) {
		p.due, p.wantBindings = true, true
	}
}

func (p *place) expire() {
	p.due, p.rulesAt, p.retryAt, p.bindings.at = true, p.rulesAt.Add(-allowedFor), time.Time{}, time.Time{}
	for perm, s := range p.single {
		s.at = s.at.Add(-allowedFor)
		p.single[perm] = s
	}
}

// wait says how long nothing has to be asked: 0 now, negative until Decide looks here again.
func (p *place) wait(now time.Time) time.Duration {
	switch {
	case p.due:
		return max(p.retryAt.Sub(now), 0)
	case now.Sub(p.used) > unusedAfter:
		return -1
	}
	life := allowedFor
	if p.denies {
		life = deniedFor
	}
	return max(p.rulesAt.Add(life).Sub(now), 0)
}

// rulesDue says whether the rules are old enough to be asked for again.
func (p *place) rulesDue(now time.Time) bool {
	return p.rulesAt.IsZero() || now.Sub(p.rulesAt) >= deniedFor
}

// reviewsDue lists the permissions that need an access review, given the rules.
func (p *place) reviewsDue(rules rbac.RuleSet, now time.Time) []rbac.Permission {
	var perms []rbac.Permission
	for perm := range p.wanted {
		if rules.Verdict(perm) == rbac.Unknown && !p.single[perm].fresh(now) {
			perms = append(perms, perm)
		}
	}
	return perms
}

// findings are what one round of asking brought.
type findings struct {
	rules    *rbac.RuleSet // nil: not asked, or not answered
	single   map[rbac.Permission]rbac.Verdict
	bindings *bindingList
	err      error
}

// settle takes findings in and tells whether Decide may answer otherwise now. After an error the old answers stay, and the next
// attempt waits.
func (p *place) settle(f findings, now time.Time) (differs bool) {
	differs = p.doubted || (p.err == nil) != (f.err == nil)
	if f.rules != nil {
		differs = differs || p.rulesAt.IsZero() || !reflect.DeepEqual(p.rules, *f.rules)
		p.rules, p.rulesAt = *f.rules, now
	}
	for perm, v := range f.single {
		differs = differs || p.single[perm].verdict != v
		p.single[perm] = answer{v, now}
	}
	if f.bindings != nil {
		differs = differs || !reflect.DeepEqual(p.bindings.refs, f.bindings.refs)
		p.bindings, p.wantBindings = *f.bindings, false
	}
	if Classify(f.err) == KindCanceled {
		p.due = true // whoever asked has given up, which says nothing about the server
		return differs
	}
	p.err = f.err
	if f.err != nil {
		p.due, p.retryAt = true, now.Add(p.backoff.After(f.err))
		return differs
	}
	p.doubted, p.retryAt = false, time.Time{}
	p.backoff.Reset()
	return differs
}
