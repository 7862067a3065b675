package rollout

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/toast"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

func TestUpdatingThenRunning(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.confirm()
		w.Pass(3 * time.Second)
		w.Says("◐ Updating  2s  3 of 6 objects  demo", "its phase is Deploying", "○ Spectro VM Dashboard 3.1.0 not reached yet")
		w.Pass(5 * time.Second)
		w.Says("● Virtual Machine Orchestrator 1.1.0 done, 4 objects, 7s", "Available: 0/1")
		w.Pass(time.Minute)
		w.Says("● Running  after 11s", "6 objects changed. The profile is at revision 1.", "Nobody can use VMs before that")
		if toasts := w.Shell.Toasts().History(); len(toasts) > 0 {
			t.Errorf("who looks at the end is told it again: %+v", toasts)
		}
		w.Keys("e", "t", "p")
		changed := deck.ProfileChanged{Profile: "vm-platform"}
		want := []tea.Msg{changed, changed, deck.EditRule{}, deck.ShowTemplates{}, deck.ShowProfiles{Ref: profile.Ref{Name: "vm-platform", Version: "1.1.0"}}}
		if !reflect.DeepEqual(w.Asked, want) {
			t.Errorf("asked for %+v", w.Asked)
		}
	})
}

// A run goes on when its page is left; a message tells how it ended, and the page comes back.
func TestLeftRunning(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.confirm()
		w.Pass(3 * time.Second)
		w.Press("esc", "tab", "enter")
		w.Says(stage.Below)
		if busy := w.Shell.Busy(); !strings.Contains(busy, "vm-platform 1.1.0 is being applied to demo. Quitting breaks that off in the middle") {
			t.Errorf("busy with %q", busy)
		}
		w.Send(deck.Apply{}) // without a name
		w.Send(deck.RemoveProfile{Profile: "vm-platform"})
		w.Says("◐ Updating", "→ Apply vm-platform 1.1.0")
		w.Press("esc", "tab", "enter")
		w.Pass(20 * time.Second)
		w.beganAt("demo back=true within=15m0s")
		if toasts := w.Shell.Toasts().History(); !slices.ContainsFunc(toasts, func(e toast.Entry) bool { return e.Text == "vm-platform 1.1.0 on demo: running; :rollout shows it" }) {
			t.Errorf("told %+v", toasts)
		}
		if busy := w.Shell.Busy(); busy != "" {
			t.Errorf("busy with %q", busy)
		}
		w.Send(Show{})
		w.Says("● Running  after 11s")
		w.Keys("esc")
		w.Says(stage.Below)
	})
}

func TestShowWithoutARun(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Keys("esc")
		w.Send(Show{})
		w.Says("no profile was applied")
	})
}

// Every way to stop a run, and none that stops it by accident.
func TestStopping(t *testing.T) {
	for name, keys := range map[string][]string{"x": {"x", "tab", "enter"}, "esc": {"esc", "tab", "tab", "enter"}, "ctrl+c": {"ctrl+c", "tab", "tab", "enter"}, "q": {"q", "tab", "tab", "enter"}} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, setting{script: hanging}, func(w *world) {
				w.confirm()
				w.Pass(9 * time.Second)
				w.Press(keys[0])
				w.Says("what it has changed is taken back", "[ Stay here ]")
				w.Press("enter")
				w.Says("◐ Updating")
				w.Press(keys...)
				w.Says("◐ Stopping")
				w.Keys("x")
				w.Says("it is being stopped")
				w.Pass(10 * time.Second)
				w.Says("▲ Stopped and rolled back", "it was stopped on request.", "All releases were taken back to what they were.")
			})
		})
	}
}

func TestStoppedAsItGot(t *testing.T) {
	inWorld(t, setting{script: hanging}, func(w *world) {
		w.leaveFailed()
		w.confirm()
		w.Pass(9 * time.Second)
		w.Press("x")
		w.Says("what is done stays, and applying it again goes on.")
		w.Press("tab", "enter")
		w.Says("▲ Stopped  after", "What was done so far stays.")
		w.Press("b")
		if !slices.ContainsFunc(w.Asked, func(m tea.Msg) bool { return reflect.DeepEqual(m, deck.RollBack{Profile: "vm-platform"}) }) {
			t.Errorf("asked for %+v", w.Asked)
		}
	})
}

func TestQuittingStaysPossible(t *testing.T) {
	inWorld(t, setting{script: hanging}, func(w *world) {
		w.confirm()
		w.Pass(3 * time.Second)
		w.Press("ctrl+c", "ctrl+c")
		w.Says("Quitting breaks that off in the middle: what is done stays, and applying it again carries it on.")
		w.Keys("ctrl+c")
		if !w.Quit {
			t.Error("the program does not end")
		}
	})
}

// A question about a run that is over is no question any more.
func TestTheEndClosesTheQuestion(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.confirm()
		w.Pass(3 * time.Second)
		w.Press("esc")
		w.Pass(time.Minute)
		w.Lacks("It is still under way")
		w.Says("● Running")
	})
}

func TestAnOutageIsSaidWhileItLasts(t *testing.T) {
	inWorld(t, setting{script: outage}, func(w *world) {
		w.confirm()
		w.Pass(5 * time.Second)
		w.Says("The API server of demo cannot be reached since 09:34:14. The run waits for it, until 09:49:13 at most.")
		w.Pass(18 * time.Second)
		w.Lacks("cannot be reached since")
		w.Says("back        The API server answers again.")
		w.Pass(time.Minute)
		w.Says("● Running")
	})
}

// staysAway is a run whose API server goes away for good. It is tried for half a minute longer than the run may take.
func staysAway(_ context.Context, o apply.Options, tell func(apply.Event)) (*apply.Report, error) {
	firstLayer(tell)
	tell(event(apply.Away, "", none, "talk to the API server: it cannot be reached."))
	time.Sleep(o.Timeout - 7*time.Second)
	tell(event(apply.Failed, dash, dashboard, "Deployment vm-dashboard/spectro-vm-dashboard does not become ready: not ready in time."))
	time.Sleep(30 * time.Second)
	problem := &apply.Problem{Layer: dash, Why: "the API server cannot be reached since 09:34:20.", Next: "A release may be left as pending. When the server is back, apply the profile again: the run is carried on."}
	return &apply.Report{Layers: layersAs(apply.Installed, apply.Broken), Problem: problem}, problem
}

func TestAnOutageThatOutlastsTheRun(t *testing.T) {
	inWorld(t, setting{script: staysAway}, func(w *world) {
		w.confirm()
		w.Pass(15*time.Minute + 5*time.Second)
		w.Lacks("Rolling back") // there is nobody to tell
		w.Says("The time of the run is over; it is tried a little longer")
		w.Pass(time.Minute)
		w.Says("✗ Failed", "the API server cannot be reached since 09:34:20.", "the run is carried on.")
	})
}

func TestFailuresAreReportedAndTriedAgain(t *testing.T) {
	inWorld(t, setting{script: failing}, func(w *world) {
		w.confirm()
		w.Pass(12 * time.Second)
		w.Says("◐ Rolling back")
		w.Pass(time.Minute)
		w.Says("✗ Rolled back", "does not become ready", "All releases were taken back to what they were.", "The audit log is not complete")
		w.Keys("y")
		if len(w.Copied) != 1 || !strings.Contains(w.Copied[0], "does not become ready") || !strings.Contains(w.Copied[0], "rolled back spectro-vm-dashboard") {
			t.Errorf("copied %q", w.Copied)
		}
		w.fake.s.script = succeeding
		w.Press("r")
		w.Pass(time.Second)
		w.Says("demo: creates 6 objects")
		w.confirm()
		w.Pass(time.Minute)
		w.Says("● Running")
	})
}

func TestHeldBySomebodyElse(t *testing.T) {
	inWorld(t, setting{script: held}, func(w *world) {
		w.confirm()
		w.Says("▲ Held by somebody else", "bob on bastion-2 is at it since 09:33:30 (apply 1.1.0), and was last heard of at 09:34:10.", "Nothing was changed.")
		w.fake.s.script = succeeding
		w.Press("r")
		w.Pass(time.Second)
		w.confirm()
		w.Pass(time.Minute)
		w.Says("● Running")
	})
}

// The events follow their end, until somebody reads what is further up.
func TestEventsFollowTheEnd(t *testing.T) {
	inWorld(t, setting{script: failing}, func(w *world) {
		w.Resize(80, 20)
		w.confirm()
		w.Pass(9 * time.Second)
		w.Says("waiting     Deployment vm-dashboard/spectro-vm-dashboard")
		w.Keys("tab", "g")
		w.Says("started     virtual-machine-orchestrator")
		w.Pass(8 * time.Second)
		w.Says("started     virtual-machine-orchestrator")
		w.Keys("G")
		w.Pass(time.Minute)
		w.Says("rolled back virtual-machine-orchestrator: It was uninstalled again.")
	})
}

// Every kind of event is told in a word of its own, apart from what says nothing.
func TestEveryEventIsTold(t *testing.T) {
	var events []apply.Event
	for kind := apply.Note; kind <= apply.Back; kind++ {
		events = append(events, apply.Event{Kind: kind, Layer: dash, Object: dashboard, Text: "as it is", Time: time.Unix(int64(kind), 0)})
	}
	told := merged([]share{{comparison: &comparison{context: "demo"}, out: outcome{events: events}}})
	if len(told) != len(events)-1 || slices.ContainsFunc(told, func(e placed) bool { return e.Kind == apply.Unchanged }) {
		t.Errorf("told are %d of %d", len(told), len(events))
	}
}

func TestVerdicts(t *testing.T) {
	report := func(problem bool, outcomes ...apply.Outcome) *apply.Report {
		r := &apply.Report{}
		if problem {
			r.Problem = &apply.Problem{Why: "it broke."}
		}
		for _, o := range outcomes {
			r.Layers = append(r.Layers, apply.LayerReport{Outcome: o})
		}
		return r
	}
	for name, c := range map[string]struct {
		deed     deed
		back     bool
		stopping bool
		report   *apply.Report
		err      error
		want     status
	}{
		"done":                   {applying, true, false, report(false, apply.Installed), nil, running},
		"removed":                {removing, false, false, report(false, apply.Uninstalled), nil, removed},
		"rolled back on purpose": {rollingBack, true, false, report(false, apply.Reverted), nil, running},
		"failed":                 {applying, false, false, report(true, apply.Installed, apply.Broken), nil, failed},
		"taken back":             {applying, true, false, report(true, apply.Reverted, apply.NotReached), nil, rolledBack},
		"not all taken back":     {applying, true, false, report(true, apply.Reverted, apply.Broken), nil, failed},
		"nothing touched":        {applying, true, false, report(true, apply.NotReached), nil, failed},
		"stopped":                {applying, false, true, report(true, apply.Broken), nil, stopped},
		"stopped, taken back":    {applying, true, true, report(true, apply.Reverted), nil, stoppedBack},
		"stopped too late":       {applying, true, true, report(false, apply.Installed), nil, running},
		"held":                   {applying, true, false, nil, &apply.HeldError{}, heldUp},
		"refused":                {applying, true, false, nil, &apply.RefusedError{}, refused},
		"not begun":              {applying, true, false, nil, shellError{}, failed},
	} {
		r := &run{prepared: prepared{job: job{deed: c.deed}}, options: options{Options: apply.Options{RollBack: c.back}}, stopping: c.stopping}
		if got := r.verdict(c.report, c.err); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

type shellError struct{}

func (shellError) Error() string { return "nothing was changed: no connection" }

// Another page in front does not hear of the end of its own run only.
func TestTheEndIsToldToWhoLooksElsewhere(t *testing.T) {
	elsewhere := struct{ shell.Page }{}
	r := &run{}
	if (Ended{run: r}).Tell(&Page{run: r, screen: screenRun}) != nil {
		t.Error("told to who sees it")
	}
	if (Ended{run: r}).Tell(elsewhere) == nil || (Ended{run: r}).Tell(&Page{screen: screenRun, run: &run{}}) == nil {
		t.Error("not told")
	}
}
