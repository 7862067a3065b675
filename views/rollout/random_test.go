package rollout

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
)

// hostilePlan has names and texts that would act on a terminal.
func hostilePlan() *apply.Plan {
	p := refusedPlan()
	p.Refusals = nil
	for i := range p.Layers {
		l := &p.Layers[i]
		l.Title, l.From, l.Notes = drive.Hostile, drive.Hostile, []string{drive.Hostile}
		for k := range l.Steps {
			l.Steps[k].Object.Name += drive.Hostile
			l.Steps[k].Note, l.Steps[k].Diff = drive.Hostile, []apply.Line{{Op: apply.Add, Text: drive.Hostile}}
		}
	}
	return p
}

var allKeys = []string{"ctrl+s", "c", "enter", "space", "o", "r", "y", "x", "b", "p", "e", "t", "a", "tab", "shift+tab", "esc", "j", "k", "g", "G", "pgdown", "pgup", "left", "right",
	":", "?", "q", "1", "backspace", "R", "C", "v", "m"}

func TestRandomKeys(t *testing.T) {
	opens := []any{deck.Apply{}, deck.RollBack{Profile: "vm-platform"}, deck.RemoveProfile{Profile: "vm-platform"}, Show{}}
	drive.Check(t, func(tb testing.TB, r *rapid.T) {
		s := setting{
			plan:   rapid.SampledFrom([]*apply.Plan{installing(), upgrading(), leaving(), refusedPlan(), hostilePlan()}).Draw(r, "plan"),
			script: []script{succeeding, failing, hanging, outage, held, refusedNow}[rapid.IntRange(0, 5).Draw(r, "script")],
			fails:  map[string]error{"west": errors.New(drive.Hostile)},
		}
		if rapid.Bool().Draw(r, "group") {
			s.groups = production
		}
		w := begin(tb, s)
		w.Pass(time.Second)
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			w.Random(r, allKeys, func() { w.confirm() }, func() { w.Pass(6 * time.Second) }, func() {
				w.Send(opens[rapid.IntRange(0, len(opens)-1).Draw(r, "open")])
			})
		}
	})
}
