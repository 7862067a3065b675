package check

import (
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Report is what came of a run, in the order of Checks.
type Report struct {
	Context string
	User    kube.Identity
	As      *rbac.Who // whose rights were looked at; nil: the user's own
	Time    time.Time
	Took    time.Duration
	Results []Result
	// Next is the one step that helps most; nil: there is nothing to do.
	Next *Step
}

// Step is what to do next.
type Step struct {
	Result string // the ID of the result that it puts right
	Why    string // that result's summary
	Fix    Fix
}

// Count is how many results have a verdict.
func (r Report) Count(v Verdict) int {
	n := 0
	for _, result := range r.Results {
		if result.Verdict == v {
			n++
		}
	}
	return n
}

// Failed tells whether any result is a Fail or, when strict, a Warn.
func (r Report) Failed(strict bool) bool {
	return r.Count(Fail) > 0 || strict && r.Count(Warn) > 0
}

// Worst is the verdict of the report as a whole: that of its worst result, and Pass where nothing was worse than not to be looked at.
func (r Report) Worst() Verdict {
	switch {
	case r.Count(Fail) > 0:
		return Fail
	case r.Count(Warn) > 0:
		return Warn
	}
	return Pass
}

// next is the first failure that something can be done about, or else the first warning: the order of checks is that in which one
// thing stands on another.
func next(results []Result) *Step {
	for _, r := range results { // a profile brings what several other checks miss
		if r.Check == appliedCheck && r.Verdict == Fail && len(r.Object) == 0 {
			return &Step{Result: r.ID, Why: r.Summary, Fix: r.Fix}
		}
	}
	for _, verdict := range []Verdict{Fail, Warn} {
		for _, r := range results {
			if r.Verdict == verdict && r.Fix.Text != "" {
				return &Step{Result: r.ID, Why: r.Summary, Fix: r.Fix}
			}
		}
	}
	return nil
}
