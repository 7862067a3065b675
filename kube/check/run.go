package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/rbac"
)

// Options say what to check, for whom and how hard.
type Options struct {
	// Only has groups and IDs of checks; none means all.
	Only []string
	// Who is whose rights are looked at and as whom templates are tried; nil: the connection's user.
	Who *rbac.Who
	// Subjects are looked at besides; with none and no Who, those that rules or bindings give a persona.
	Subjects []rbac.Subject
	// Namespaces are where rights are looked at and templates tried; none: where the subjects have bindings.
	Namespaces []string
	// Rules is where binding rules are kept; nil: in the cluster.
	Rules binding.Store
	// Setup says what was configured; nil: as far as the cluster shows.
	Setup Source
	// Profiles is where cluster profiles are kept; nil: in the cluster.
	Profiles profile.Store
	// Parallel is how many requests may be under way at once; 0: DefaultParallel.
	Parallel int
}

// DefaultParallel is how many requests are under way at most.
const DefaultParallel = 8

// checkWithin is the deadline of a check. Each of its requests has a shorter one of its own.
const checkWithin = time.Minute

// Event tells an observer of a check that was begun or, with its results, is done.
type Event struct {
	Check   *Check
	Ended   bool
	Results []Result
	// Done of Total checks have ended.
	Done, Total int
}

// Unknown are those of the names that are neither a group nor a check.
func Unknown(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return slices.Contains(Groups(), name) || slices.ContainsFunc(checks, func(c *Check) bool { return c.ID == name })
	})
}

// Run makes the checks side by side. It fails when nothing can be found out at all: the API server does not answer, or does not
// accept the login. observe hears of each check, one call at a time from goroutines of Run's, and may be nil. Where the context ends
// early, the checks that had not ended are missing from the report and the error is the context's.
func Run(ctx context.Context, c *kube.Cluster, o Options, observe func(Event)) (Report, error) {
	if o.Parallel <= 0 {
		o.Parallel = DefaultParallel
	}
	started := time.Now()
	if unknown := Unknown(o.Only); len(unknown) > 0 {
		return Report{}, fmt.Errorf("there is no group or check %s; the groups are %s", strings.Join(unknown, ", "), strings.Join(Groups(), ", "))
	}
	through, err := limited(ctx, c, make(chan struct{}, o.Parallel))
	if err != nil {
		return Report{}, err
	}
	if o.Rules == nil {
		o.Rules = binding.ClusterStore(through)
	}
	if o.Profiles == nil {
		o.Profiles = profile.ClusterStore(through)
	}
	if o.Setup == nil {
		o.Setup = FromProfiles{Profiles: o.Profiles}
	}
	report := Report{Context: c.Target().Context, Time: started}
	if report.User, err = whoAmI(ctx, through); err != nil {
		return Report{}, err
	}
	if report.As = o.Who; report.As != nil && report.As.User == "" {
		return Report{}, errors.New("somebody whose rights are to be checked needs a name")
	}
	chosen := slices.DeleteFunc(slices.Clone(checks), func(k *Check) bool {
		return len(o.Only) > 0 && !slices.Contains(o.Only, k.Group) && !slices.Contains(o.Only, k.ID)
	})
	reading, cancel := context.WithCancel(ctx)
	e := newEnv(reading, through, o, report.User)
	results := runAll(ctx, e, chosen, observe)
	cancel() // what nobody waits for any more
	e.reading.Wait()
	report.Results, report.Took = slices.Concat(results...), time.Since(started)
	report.Next = next(report.Results)
	return report, ctx.Err()
}

// whoAmI is the first request: it tells whether the server answers and accepts the login. A server too old to say who one is has
// answered.
func whoAmI(ctx context.Context, c *kube.Cluster) (kube.Identity, error) {
	me, err := c.WhoAmI(ctx)
	switch kube.Classify(err) {
	case kube.KindNone:
		return me, nil
	case kube.KindForbidden, kube.KindNotFound:
		return kube.Identity{User: c.Target().User}, nil
	}
	return kube.Identity{}, errors.New(kube.Explain(err, "ask the API server who you are"))
}

func runAll(ctx context.Context, e *env, chosen []*Check, observe func(Event)) [][]Result {
	results := make([][]Result, len(chosen))
	var mu sync.Mutex
	done := 0
	tell := func(k *Check, ended bool, found []Result) {
		mu.Lock()
		defer mu.Unlock()
		if ended {
			done++
		}
		if observe != nil {
			observe(Event{Check: k, Ended: ended, Results: found, Done: done, Total: len(chosen)})
		}
	}
	var wg sync.WaitGroup
	turn := make(chan struct{}, e.options.Parallel) // more checks at once would wait for slots until their requests' deadlines
	for i, k := range chosen {
		turn <- struct{}{}
		wg.Go(func() {
			defer func() { <-turn }()
			tell(k, false, nil)
			if found := k.do(ctx, e); ctx.Err() == nil {
				results[i] = found
				tell(k, true, found)
			}
		})
	}
	wg.Wait()
	return results
}

// do makes a check and completes its results.
func (k *Check) do(ctx context.Context, e *env) []Result {
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	ctx, requests := withTrail(ctx)
	started := time.Now()
	results := k.run(ctx, e)
	for i := range results {
		r := &results[i]
		r.ID, r.Check, r.Group, r.Title, r.Proves = k.ID, k.ID, k.Group, k.Title, k.Proves
		if r.Object != "" {
			r.ID += "/" + r.Object
		}
		if r.How == nil {
			r.How = requests.lines()
		}
		r.Took = time.Since(started)
	}
	return results
}
