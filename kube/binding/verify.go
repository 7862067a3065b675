package binding

import (
	"context"
	"fmt"
	"sync"
	"time"

	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Check is one thing that a plan promised, with the API server's answer.
type Check struct {
	Subject   rbac.Subject
	Namespace string
	Need      string // its ID
	Want, Got rbac.Verdict
	Err       error // why there is no answer
}

// OK tells whether the server says what the plan promised.
func (c Check) OK() bool { return c.Want == c.Got }

// Verification is what came of asking.
type Verification struct {
	Checks []Check
	// Skipped is how many more there were than are asked.
	Skipped int
}

// Failed are the checks whose answer is another than promised, or that have none.
func (v Verification) Failed() []Check {
	var out []Check
	for _, c := range v.Checks {
		if !c.OK() {
			out = append(out, c)
		}
	}
	return out
}

// Sentences says what failed. A right that was promised and is not there is a failure. One that was to go and is still there comes from
// elsewhere, which is worth a note, as is what could not be asked.
func (v Verification) Sentences() (unkept, notes []string) {
	unasked := 0
	for _, check := range v.Failed() {
		place := "everywhere"
		if check.Namespace != "" {
			place = "in " + check.Namespace
		}
		switch {
		case check.Got == rbac.Unknown:
			unasked++
		case check.Want == rbac.Allowed:
			unkept = append(unkept, fmt.Sprintf("The bindings are made, but the server says that the %s may not %s %s.", check.Subject, check.Need, place))
		default:
			notes = append(notes, fmt.Sprintf("The %s may still %s %s: something else than these bindings gives it.", check.Subject, check.Need, place))
		}
	}
	if unasked > 0 {
		notes = append(notes, fmt.Sprintf("%d of the rights that were given or taken could not be verified: that takes the right to create subjectaccessreviews.", unasked))
	}
	return unkept, notes
}

const (
	mostChecks   = 500                    // of a plan for hundreds of namespaces a part shows as much
	settleWithin = 10 * time.Second       // the authorizer reads bindings from a cache that follows a little later
	settlePause  = 100 * time.Millisecond // before the first question is asked again; doubled each time
)

// Verify asks the API server, by access reviews, whether the subjects of a plan that was carried out have gained and lost what it
// promised. A subject may have kept a right that was to go: another authorizer, or a group that only the server knows of, gives it.
func Verify(ctx context.Context, c *kube.Cluster, plan rbac.Plan, needs []rbac.Need) Verification {
	perms := map[string][]rbac.Permission{}
	for _, n := range needs {
		perms[n.ID] = n.Perms
	}
	var v Verification
	for _, e := range plan.Effects(needs) {
		for _, part := range []struct {
			ids  []string
			want rbac.Verdict
		}{{e.Gained, rbac.Allowed}, {e.Kept, rbac.Allowed}, {e.Lost, rbac.Denied}} {
			for _, id := range part.ids {
				if len(v.Checks) == mostChecks {
					v.Skipped++
					continue
				}
				v.Checks = append(v.Checks, Check{Subject: e.Subject, Namespace: e.Namespace, Need: id, Want: part.want})
			}
		}
	}
	client, err := reviewer(c)
	if err != nil {
		for i := range v.Checks {
			v.Checks[i].Err = err
		}
		return v
	}
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	slots := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i := range v.Checks {
		wg.Go(func() { v.Checks[i].ask(ctx, c, client, perms[v.Checks[i].Need], slots) })
	}
	wg.Wait()
	return v
}

// ask repeats the question until the answer is as wished or time is up. A refusal to answer is final.
func (k *Check) ask(ctx context.Context, c *kube.Cluster, client authorizationclient.AuthorizationV1Interface, perms []rbac.Permission, slots chan struct{}) {
	for pause := settlePause; ; pause *= 2 {
		slots <- struct{}{}
		d, err := reviewAll(ctx, c, client, k.Subject.Who(), k.Namespace, perms)
		<-slots
		if err == nil || ctx.Err() == nil || k.Got == rbac.Unknown {
			k.Got, k.Err = d.Verdict, err
		}
		if k.OK() || k.Err != nil {
			return
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}
