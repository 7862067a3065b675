package rollout

import (
	"context"
	"errors"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
)

func carryOn(wait time.Duration) func(*world) {
	return func(w *world) {
		w.confirm()
		w.Pass(wait)
	}
}

// toGroup compares with all clusters of the group.
func toGroup(w *world) {
	w.Press("a", "enter")
	w.Pass(time.Second)
}

var unreachable = map[string]error{"west": errors.New("connect to west: the API server https://10.0.0.9:6443 does not answer")}

func held(context.Context, apply.Options, func(apply.Event)) (*apply.Report, error) {
	return nil, &apply.HeldError{Profile: "vm-platform", Lock: apply.Lock{Holder: "bob on bastion-2", Action: "apply 1.1.0", Since: drive.Epoch.Add(-42 * time.Second), Renewed: drive.Epoch.Add(-2 * time.Second)}}
}

func refusedNow(context.Context, apply.Options, func(apply.Event)) (*apply.Report, error) {
	return nil, refusedPlan().Err()
}

var frames = []drive.Frame[setting, *world]{
	{Name: "clusters", Setting: setting{groups: production}},
	{Name: "clusters-marked", Setting: setting{groups: production}, Do: drive.Press[*world]("a")},
	{Name: "plan-preparing", Setting: setting{slow: 5 * time.Second}},
	{Name: "plan-comparing", Setting: setting{slow: 5 * time.Second}, Do: drive.Pass[*world](6 * time.Second)},
	{Name: "plan-install", Setting: setting{}},
	{Name: "plan-upgrade", Setting: setting{plan: upgrading()}},
	{Name: "plan-folded", Setting: setting{plan: upgrading()}, Do: drive.Press[*world]("space")},
	{Name: "plan-diff", Setting: setting{plan: upgrading()}, Do: drive.Press[*world]("enter")},
	{Name: "plan-diff-object", Setting: setting{plan: upgrading()}, Do: drive.On[*world]([]string{"~ ClusterRole"}, "enter")},
	{Name: "plan-nothing", Setting: setting{plan: idlePlan()}},
	{Name: "plan-refused", Setting: setting{plan: refusedPlan()}},
	{Name: "plan-failed", Setting: setting{err: errors.New("ask the cluster what it serves: the API server https://10.0.0.8:6443 cannot be reached. Check the network")}},
	{Name: "plan-unprepared", Setting: setting{broken: errors.New("the profile vm-platform 1.1.0 cannot be applied: the pack spectro-proxy 9.9.9 could not be read: Public Repo has no such version")}},
	{Name: "plan-read-only", Setting: setting{ro: "nothing is changed while you look as alice"}},
	{Name: "plan-rollback", Setting: setting{open: deck.RollBack{Profile: "vm-platform"}, plan: upgrading()}},
	{Name: "plan-remove", Setting: setting{open: deck.RemoveProfile{Profile: "vm-platform"}, plan: leaving()}},
	{Name: "plan-group", Setting: setting{groups: production, plans: map[string]*apply.Plan{"east": refusedPlan()}, fails: unreachable}, Do: toGroup},
	{Name: "confirm", Setting: setting{plan: upgrading()}, Do: drive.Press[*world]("ctrl+s")},
	{Name: "confirm-options", Setting: setting{plan: upgrading()}, Do: drive.Press[*world]("o")},
	{Name: "confirm-remove", Setting: setting{open: deck.RemoveProfile{Profile: "vm-platform"}, plan: leaving()}, Do: drive.Press[*world]("ctrl+s")},
	{Name: "confirm-group", Setting: setting{groups: production, plans: map[string]*apply.Plan{"east": upgrading()}, fails: unreachable}, Do: func(w *world) {
		toGroup(w)
		w.Keys("ctrl+s")
	}},
	{Name: "run-first-layer", Do: carryOn(3 * time.Second)},
	{Name: "run-second-layer", Do: carryOn(9 * time.Second)},
	{Name: "run-events", Do: func(w *world) {
		carryOn(9 * time.Second)(w)
		w.Keys("tab", "g")
	}},
	{Name: "run-leave", Setting: setting{script: hanging}, Do: func(w *world) {
		carryOn(9 * time.Second)(w)
		w.Keys("esc")
	}},
	{Name: "run-stopping", Setting: setting{script: hanging}, Do: func(w *world) {
		carryOn(9 * time.Second)(w)
		w.Press("x")
		w.Keys("tab", "enter")
		w.Pass(3 * time.Second)
	}},
	{Name: "run-outage", Setting: setting{script: outage}, Do: carryOn(8 * time.Second)},
	{Name: "run-rolling-back", Setting: setting{script: failing}, Do: carryOn(13 * time.Second)},
	{Name: "run-group", Setting: setting{groups: production, plans: map[string]*apply.Plan{"east": idlePlan()}, fails: unreachable}, Do: func(w *world) {
		toGroup(w)
		carryOn(3 * time.Second)(w)
	}},
	{Name: "end-running", Do: carryOn(time.Minute)},
	{Name: "end-upgraded", Setting: setting{plan: upgrading()}, Do: carryOn(time.Minute)},
	{Name: "end-rolled-back", Setting: setting{script: failing}, Do: carryOn(time.Minute)},
	{Name: "end-failed", Setting: setting{script: failing}, Do: func(w *world) {
		w.leaveFailed()
		carryOn(time.Minute)(w)
	}},
	{Name: "end-stopped", Setting: setting{script: hanging}, Do: func(w *world) {
		carryOn(9 * time.Second)(w)
		w.Press("x")
		w.Keys("tab", "enter")
		w.Pass(time.Minute)
	}},
	{Name: "end-held", Setting: setting{script: held}, Do: carryOn(time.Second)},
	{Name: "end-refused", Setting: setting{script: refusedNow}, Do: carryOn(time.Second)},
	{Name: "end-removed", Setting: setting{open: deck.RemoveProfile{Profile: "vm-platform"}, plan: leaving(), script: removingAll}, Do: func(w *world) {
		w.confirmName()
		w.Pass(time.Second)
	}},
	{Name: "end-group", Setting: setting{groups: production, plans: map[string]*apply.Plan{"east": idlePlan()}, fails: unreachable, script: failing}, Do: func(w *world) {
		toGroup(w)
		carryOn(time.Minute)(w)
	}},
	{Name: "ascii", Setting: setting{plan: upgrading(), ascii: true}},
}

// leaveFailed chooses that a cluster is left as it got.
func (w *world) leaveFailed() {
	w.T.Helper()
	w.Press("o", "right")
	w.Keys("tab", "tab", "tab", "enter")
	w.Says("If something fails, the cluster is left as it got.")
}

func TestFrames(t *testing.T) { drive.Goldens(t, inWorld, frames) }
