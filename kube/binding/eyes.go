package binding

import (
	"slices"
	"strings"
	"sync"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Eyes answers what somebody else may do. Decide answers from memory and notes what it was asked; Run, in a goroutine of the caller's,
// finds it out: in that identity where impersonating it is permitted, else by reviews about it, else from roles and bindings. It is
// safe for concurrent use.
type Eyes struct {
	cluster *kube.Cluster
	who     rbac.Who
	name    string
	wishes  chan struct{} // holds a value while Run has something to look at

	mu     sync.Mutex
	other  *kube.Cluster // speaks as the one looked as; nil: not permitted, or not tried yet
	tried  bool
	tryAt  time.Time // when to try impersonation, again
	places map[string]*sight
	world  World
	read   map[string]bool // the namespaces that world was read with
	readAt time.Time       // when to read again; zero: never read
	err    error           // why there is no other, or no world
	pauses kube.Backoff
}

// sight is what is known of one namespace.
type sight struct {
	asked     map[rbac.Permission]*asked
	evaluated bool         // reviews are not permitted here
	rights    *rbac.Rights // by world; nil: not reckoned yet
}

// asked is what one review said.
type asked struct {
	verdict rbac.Verdict
	err     error
	life    time.Duration // how long the answer is believed
	askAt   time.Time     // when to ask, again
	used    time.Time
}

// How long answers are believed. Gates are looked at with every key, and a right that was granted shall show soon; who sees which
// namespaces is a question for each of them.
const (
	gateLife = time.Minute
	seesLife = 5 * time.Minute
	tryLife  = 5 * time.Minute
	unused   = 10 * time.Minute // what nobody looks at any more is not asked again
)

// NewEyes makes the eyes of somebody. Let Run find out what they see.
func NewEyes(c *kube.Cluster, who rbac.Who) *Eyes {
	return &Eyes{cluster: c, who: who, name: nameOf(who), wishes: make(chan struct{}, 1), places: map[string]*sight{}}
}

// nameOf is what to call somebody in a sentence.
func nameOf(who rbac.Who) string {
	switch s := meant(who); s.Kind {
	case rbacv1.GroupKind:
		return "a member of " + s.Name
	case rbacv1.ServiceAccountKind:
		return "sa:" + s.Namespace + "/" + s.Name
	default:
		return s.Name
	}
}

// meant is the subject that stands for somebody in a binding: a group, where it is one of its members that nobody knows by name.
func meant(who rbac.Who) rbac.Subject {
	for _, g := range who.Groups {
		if group := (rbac.Subject{Kind: rbacv1.GroupKind, Name: g}); group.Who().User == who.User {
			return group
		}
	}
	return rbac.SubjectOf(who.User)
}

// Who is whose eyes they are.
func (e *Eyes) Who() rbac.Who { return e.who }

// Name is what to call that one in a sentence: "alice", "sa:team-a/builder", "a member of devs".
func (e *Eyes) Name() string { return e.name }

// Groups are those that one was given besides: neither what the API server adds by itself nor the one that Name tells.
func (e *Eyes) Groups() []string {
	told := append(rbac.WhoIs(e.who.User).Groups, meant(e.who).Name)
	return slices.DeleteFunc(slices.Clone(e.who.Groups), func(g string) bool { return slices.Contains(told, g) })
}

// Source says where the answers come from, the least reliable of those in use; known is unset before the first.
func (e *Eyes) Source() (s Source, known bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.other != nil {
		return Impersonated, true
	}
	for _, p := range e.places {
		if p.evaluated {
			return Evaluated, !e.readAt.IsZero()
		}
		for _, a := range p.asked {
			known = known || a.verdict != rbac.Unknown
		}
	}
	return Reviewed, known
}

// Blind says why nothing can be found out at all, with the permissions of which one would do; empty where something can.
func (e *Eyes) Blind() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.blind()
}

func (e *Eyes) blind() string {
	readable := len(e.world.Bindings) > 0 && len(e.world.Roles) > 0
	if e.other != nil || e.readAt.IsZero() || readable || len(e.world.Gaps) == 0 {
		return ""
	}
	kind := strings.ToLower(rbac.SubjectOf(e.who.User).Kind)
	return "needs impersonate " + kind + "s, create subjectaccessreviews, or list RBAC objects"
}

// Decide answers from what is known; it does no I/O and never blocks. What is not known, or known for too long, is asked by Run. An
// error is Unknown, never a denial.
func (e *Eyes) Decide(namespace string, perms []rbac.Permission) rbac.Decision {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.other == nil {
		return e.decide(namespace, perms, gateLife)
	}
	d := e.other.Access().Decide(namespace, perms)
	switch {
	case kube.Classify(d.Err) == kube.KindForbidden: // the permission to impersonate is gone
		e.lose()
		return e.pending(namespace, perms, nil)
	case d.Verdict == rbac.Unknown:
		return e.pending(namespace, perms, d.Err)
	}
	return d
}

// lose has everything found out in another way, as the permission to impersonate is gone.
func (e *Eyes) lose() {
	e.other, e.tried, e.tryAt = nil, false, time.Time{}
	e.wish()
}

// Sees tells whether that one may list the VMs of a namespace.
func (e *Eyes) Sees(namespace string) rbac.Verdict {
	e.mu.Lock()
	defer e.mu.Unlock()
	everywhere := e.decide("", seeing, seesLife)
	if everywhere.Allowed() || everywhere.Verdict == rbac.Unknown && everywhere.Err == nil && !e.place("").evaluated {
		return everywhere.Verdict // asking about each namespace can wait for this answer
	}
	return e.decide(namespace, seeing, seesLife).Verdict
}

var seeing = []rbac.Permission{rbac.On("list", rbac.GroupKubeVirt, "virtualmachines")}

// decide answers from single reviews, or from the world where those are not permitted.
func (e *Eyes) decide(namespace string, perms []rbac.Permission, life time.Duration) rbac.Decision {
	if !e.tried {
		return e.pending(namespace, perms, e.err)
	}
	p := e.place(namespace)
	if p.evaluated {
		return e.evaluate(p, namespace, perms)
	}
	var denied, open []rbac.Permission
	var err error
	for _, perm := range perms {
		a := p.note(perm, life)
		if !a.askAt.After(a.used) {
			e.wish()
		}
		switch {
		case a.err != nil, a.verdict == rbac.Unknown:
			open = append(open, perm)
			if err == nil {
				err = a.err
			}
		case a.verdict == rbac.Denied:
			denied = append(denied, perm)
		}
	}
	switch {
	case len(denied) > 0:
		return rbac.Deny(namespace, denied...)
	case len(open) > 0:
		return e.pending(namespace, open, err)
	}
	return rbac.Allow(namespace)
}

// note returns what is known of a permission, to be asked when that is nothing.
func (p *sight) note(perm rbac.Permission, life time.Duration) *asked {
	a := p.asked[perm]
	if a == nil {
		a = &asked{life: life}
		p.asked[perm] = a
	}
	a.used = time.Now()
	return a
}

func (e *Eyes) evaluate(p *sight, namespace string, perms []rbac.Permission) rbac.Decision {
	if e.readAt.IsZero() || e.err != nil && time.Now().After(e.readAt) {
		return e.pending(namespace, perms, e.err)
	}
	if p.rights == nil {
		rights := e.world.In(namespace, e.who)
		p.rights = &rights
	}
	d := e.world.judge(*p.rights, namespace, perms)
	if why := e.blind(); why != "" && d.Verdict == rbac.Unknown {
		d.Reason = "not known: " + why
	}
	return d
}

func (e *Eyes) pending(namespace string, perms []rbac.Permission, err error) rbac.Decision {
	d := rbac.Pending(namespace, perms, err)
	d.Reason = "still asking whether " + e.name + " may"
	if err != nil {
		d.Reason = kube.Explain(err, "not known whether "+e.name+" may")
	}
	return d
}

func (e *Eyes) place(namespace string) *sight {
	p := e.places[namespace]
	if p == nil {
		p = &sight{asked: map[rbac.Permission]*asked{}}
		e.places[namespace] = p
	}
	return p
}

func (e *Eyes) wish() {
	select {
	case e.wishes <- struct{}{}:
	default:
	}
}

// Reread has everything asked and read anew; until then what is known stands.
func (e *Eyes) Reread() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.other != nil {
		e.other.Access().InvalidateAll()
	} else {
		e.tryAt = time.Time{}
	}
	for _, p := range e.places {
		for _, a := range p.asked {
			a.askAt = time.Time{}
		}
		p.evaluated = false
	}
	e.read = nil
	e.wish()
}
