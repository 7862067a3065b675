package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/text"
)

// options are how a run is to go.
type options struct {
	apply.Options
	stop bool // a failure on one cluster keeps the others from being begun
}

// run is a job that is carried out on one or more clusters. It belongs to the deck and goes on when its page is left. Its methods are safe for
// concurrent use.
type run struct {
	prepared
	options options
	began   time.Time
	shares  []*share // by cluster, in the order in which they were chosen
	cancel  context.CancelFunc
	over    chan struct{} // closed when all is told

	mu       sync.Mutex
	stopping bool          // the user has asked for it
	news     chan struct{} // closed with the next change
}

// share is one cluster's part in a run.
type share struct {
	*comparison
	out outcome // guarded by the run
}

// newRun makes the run of what was planned. Clusters where something stands in the way are part of it, so that the report names them.
func newRun(g *planning, o options) *run {
	r := &run{prepared: g.prep, options: o, began: time.Now(), over: make(chan struct{}), news: make(chan struct{})}
	for _, c := range g.parts {
		s := &share{comparison: c}
		switch {
		case c.obstacle() != "":
			s.out.status = unchanged
		case c.idle():
			s.out.status = idle
		}
		r.shares = append(r.shares, s)
	}
	return r
}

// clustersAtOnce is how many clusters are changed side by side. Where a failure is to keep the others from being begun, it is one.
const clustersAtOnce = 4

// carryOut does it all. It blocks.
func (r *run) carryOut(ctx context.Context) {
	slots := make(chan struct{}, clustersAtOnce)
	if r.options.stop {
		slots = make(chan struct{}, 1)
	}
	var all sync.WaitGroup
	for _, s := range r.shares {
		if r.statusOf(s) != pending {
			continue
		}
		slots <- struct{}{}
		if why := r.barred(ctx); why != "" {
			r.change(func() { s.out.status, s.out.err = unchanged, errors.New(why) })
			<-slots
			continue
		}
		all.Go(func() {
			defer func() { <-slots }()
			r.one(ctx, s)
		})
	}
	all.Wait()
}

// barred says why no further cluster is begun; empty: they are.
func (r *run) barred(ctx context.Context) string {
	if ctx.Err() != nil {
		return "the run was stopped before its turn"
	}
	if !r.options.stop {
		return ""
	}
	for _, s := range r.snapshot() {
		if s.out.status.bad() {
			return s.context + " failed before its turn"
		}
	}
	return ""
}

// one does the job on one cluster.
func (r *run) one(ctx context.Context, s *share) {
	r.change(func() { s.out.status, s.out.began = updating, time.Now() })
	report, err := s.cluster.Run(ctx, r.options.Options, func(e apply.Event) {
		r.change(func() { s.out.take(e, r.options.RollBack) })
	})
	s.cluster.rest()
	r.change(func() {
		s.out.report, s.out.err, s.out.ended, s.out.away = report, err, time.Now(), time.Time{}
		s.out.status = r.verdict(report, err)
	})
}

// verdict is how a run on one cluster has ended.
func (r *run) verdict(report *apply.Report, err error) status {
	var held *apply.HeldError
	_, refusal := isRefused(err)
	switch {
	case errors.As(err, &held):
		return heldUp
	case refusal:
		return refused
	case report == nil && r.stopping:
		return stopped
	case report == nil:
		return failed
	case report.Problem == nil && r.deed == removing:
		return removed
	case report.Problem == nil:
		return running
	}
	outcomes := map[apply.Outcome]bool{}
	for _, l := range report.Layers {
		outcomes[l.Outcome] = true
	}
	back := r.options.RollBack && r.deed != removing && outcomes[apply.Reverted] && !outcomes[apply.Broken]
	switch {
	case r.stopping && back:
		return stoppedBack
	case r.stopping:
		return stopped
	case back:
		return rolledBack
	}
	return failed
}

// change changes something and tells all who wait for news.
func (r *run) change(do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	do()
	close(r.news)
	r.news = make(chan struct{})
}

// stop ends the run at the next object of each cluster.
func (r *run) stop() {
	r.change(func() { r.stopping = true })
	r.cancel()
}

func (r *run) isStopping() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopping
}

// awaiting is closed with the next change.
func (r *run) awaiting() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.news
}

// ended tells whether everything is over.
func (r *run) ended() bool {
	select {
	case <-r.over:
		return true
	default:
		return false
	}
}

// snapshot is the run as it is. What was handed out is not changed: lists only grow.
func (r *run) snapshot() []share {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []share
	for _, s := range r.shares {
		out = append(out, *s)
	}
	return out
}

func (r *run) statusOf(s *share) status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return s.out.status
}

// overall is the status of all clusters together, with words for it.
func (r *run) overall() (status, string) {
	shares := r.snapshot()
	if len(shares) == 1 {
		s := shares[0].out.status
		return s, s.String()
	}
	count := func(is func(status) bool) int {
		return len(slices.DeleteFunc(slices.Clone(shares), func(s share) bool { return !is(s.out.status) }))
	}
	all := text.Count(len(shares), "cluster")
	if n := count(status.open); n > 0 {
		return updating, fmt.Sprintf("%s %d of %s", updating, n, all)
	}
	if n := count(status.bad); n > 0 {
		return failed, fmt.Sprintf("%s on %d of %s", failed, n, all)
	}
	good := running
	if r.deed == removing {
		good = removed
	}
	if n := count(func(s status) bool { return s == unchanged }); n > 0 {
		return differs, fmt.Sprintf("%s on %d of %s; %d not changed", good, len(shares)-n, all, n)
	}
	return good, fmt.Sprintf("%s on all %s", good, all)
}

// where names the clusters.
func (r *run) where() string {
	if len(r.shares) == 1 {
		return r.shares[0].context
	}
	return text.Count(len(r.shares), "cluster")
}
