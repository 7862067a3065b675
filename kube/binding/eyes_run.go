package binding

import (
	"context"
	"sync"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Run finds out what Decide and Sees have noted until the context ends, and asks again when answers in use get old. It calls changed
// after each change of what they answer, from goroutines of its own, which have ended when Run returns.
func (e *Eyes) Run(ctx context.Context, changed func()) {
	var wg sync.WaitGroup
	defer wg.Wait()
	stop := func() {}
	defer func() { stop() }()
	for ctx.Err() == nil {
		other, settled := e.try(ctx)
		if other != nil {
			stop()
			own, cancel := context.WithCancel(ctx)
			stop = cancel
			wg.Go(func() { other.Access().Run(own, changed) })
		}
		if settled { // until now nothing was noted: what is asked depends on it
			changed()
		}
		asked := e.ask(ctx)
		if e.look(ctx) || asked {
			changed()
		}
		timer := time.NewTimer(e.pause())
		select {
		case <-ctx.Done():
		case <-e.wishes:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// try finds out whether the user may speak as somebody else; it returns the connection that is new, and whether that was not known before.
func (e *Eyes) try(ctx context.Context) (other *kube.Cluster, settled bool) {
	e.mu.Lock()
	due := e.other == nil && !e.tryAt.After(time.Now())
	e.mu.Unlock()
	if !due {
		return nil, false
	}
	other, err := as(ctx, e.cluster, e.who)
	if err == nil {
		_, err = other.WhoAmI(ctx)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	before := e.tried
	switch kube.Classify(err) {
	case kube.KindNone, kube.KindNotFound: // servers before 1.28 do not say who one is, but refuse whom one may not impersonate
		e.other, e.tried, e.err = other, true, nil
		return other, true
	case kube.KindForbidden:
		e.tried, e.err, e.tryAt = true, nil, time.Now().Add(tryLife)
	default:
		e.err, e.tryAt = err, time.Now().Add(e.pauses.After(err))
	}
	return nil, e.tried != before
}

// question is one permission that is due.
type question struct {
	namespace string
	perm      rbac.Permission
}

func (e *Eyes) due() []question {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []question
	now := time.Now()
	if !e.tried {
		return nil
	}
	for namespace, p := range e.places {
		for perm, a := range p.asked {
			if !p.evaluated && !a.askAt.After(now) && now.Sub(a.used) < unused {
				out = append(out, question{namespace, perm})
			}
		}
	}
	return out
}

// ask asks what is due, a few questions at a time, and reports whether an answer is another than before.
func (e *Eyes) ask(ctx context.Context) bool {
	due := e.due()
	queue := make(chan question, len(due))
	for _, q := range due {
		queue <- q
	}
	close(queue)
	var wg sync.WaitGroup
	var mu sync.Mutex
	differs := false
	for range min(readers, len(due)) {
		wg.Go(func() {
			for q := range queue {
				if e.answer(e.review(ctx, q)) {
					mu.Lock()
					differs = true
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return differs
}

// reply is the answer to a question.
type reply struct {
	question
	other   *kube.Cluster // that was asked; nil: the user's own connection was
	verdict rbac.Verdict
	err     error
}

// review asks one question, in that identity or about it.
func (e *Eyes) review(ctx context.Context, q question) reply {
	e.mu.Lock()
	r := reply{question: q, other: e.other}
	e.mu.Unlock()
	if r.other != nil {
		d := r.other.Access().Ask(ctx, q.namespace, q.perm)
		r.verdict, r.err = d.Verdict, d.Err
	} else {
		r.verdict, r.err = Review(ctx, e.cluster, e.who, q.namespace, q.perm)
	}
	return r
}

// answer takes an answer in. Where reviews are not permitted the namespace is evaluated from then on.
func (e *Eyes) answer(r reply) (differs bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, now := e.place(r.namespace), time.Now()
	a := p.asked[r.perm]
	switch kind := kube.Classify(r.err); {
	case kind == kube.KindCanceled:
		return false
	case kind == kube.KindForbidden && r.other != nil:
		if e.other == r.other {
			e.lose()
		}
		return true
	case kind == kube.KindForbidden:
		differs, p.evaluated = !p.evaluated, true
	case r.err != nil:
		differs = a.err == nil
		a.err, a.askAt = r.err, now.Add(e.pauses.After(r.err))
	default:
		differs = a.verdict != r.verdict || a.err != nil
		a.verdict, a.err, a.askAt = r.verdict, nil, now.Add(a.life)
		e.pauses.Reset()
	}
	return differs
}

// look reads roles and bindings for the namespaces that are evaluated, and reports whether it did.
func (e *Eyes) look(ctx context.Context) bool {
	e.mu.Lock()
	var namespaces []string
	fresh := e.readAt.After(time.Now())
	for namespace, p := range e.places {
		if p.evaluated {
			namespaces = append(namespaces, namespace)
			fresh = fresh && e.read[namespace]
		}
	}
	e.mu.Unlock()
	if len(namespaces) == 0 || fresh {
		return false
	}
	world, err := Read(ctx, e.cluster, namespaces...)
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil {
		e.err, e.tryAt = err, time.Now().Add(e.pauses.After(err))
		return true
	}
	e.err, e.world, e.readAt, e.read = nil, world, time.Now().Add(gateLife), map[string]bool{}
	for _, namespace := range namespaces {
		e.read[namespace] = true
	}
	for _, p := range e.places {
		p.rights = nil
	}
	return true
}

// pause is how long nothing has to be asked.
func (e *Eyes) pause() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	now, pause := time.Now(), gateLife
	soonest := func(at time.Time) { pause = min(pause, max(at.Sub(now), kube.MinBackoff)) }
	if e.other == nil {
		soonest(e.tryAt)
	}
	for _, p := range e.places {
		for _, a := range p.asked {
			if !p.evaluated && now.Sub(a.used) < unused {
				soonest(a.askAt)
			}
		}
	}
	return pause
}
