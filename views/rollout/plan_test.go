package rollout

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

func (w *world) beganNothing() {
	w.T.Helper()
	if got := w.fake.began(); len(got) > 0 {
		w.T.Fatalf("a run was begun: %q\n%s", got, w.Plain())
	}
}

func (w *world) beganAt(want ...string) {
	w.T.Helper()
	got := w.fake.began()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		w.T.Fatalf("runs began\n%q\nwant\n%q\n%s", got, want, w.Plain())
	}
}

// What must not be carried out is not asked about: it says why.
func TestWhatCannotBeConfirmed(t *testing.T) {
	for name, c := range map[string]struct {
		s    setting
		says []string
	}{
		"refusals":    {setting{plan: refusedPlan()}, []string{"This is refused for 2 reasons", "the verb escalate on clusterroles", "admin, edit have it.", "it is refused"}},
		"nothing":     {setting{plan: idlePlan()}, []string{"demo is as vm-platform 1.1.0 says.", "there is nothing to do"}},
		"unreachable": {setting{err: errors.New("the API server does not answer")}, []string{"The API server does not answer.", "the cluster could not be compared"}},
		"unprepared":  {setting{broken: errors.New("the pack x is gone")}, []string{"The pack x is gone.", "nothing could be compared"}},
		"read-only":   {setting{ro: "the configuration makes this context read-only"}, []string{"The configuration makes this context read-only.", "until that ends"}},
		"comparing":   {setting{slow: 10 * time.Second}, []string{"is being read"}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, c.s, func(w *world) {
				w.Keys("c")
				w.Says(c.says...)
				w.Press("ctrl+s", "tab", "enter")
				w.beganNothing()
			})
		})
	}
}

func TestEyesThatBeginMeanwhileRefuseThePlan(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Press("ctrl+s")
		w.Says("Apply vm-platform 1.1.0 to demo?")
		w.fake.s.ro = "nothing is changed while you look as alice"
		w.Press("tab", "enter")
		w.beganNothing()
		w.Says("Nothing is changed while you look as alice.")
	})
}

// The plan in sight is refused as soon as somebody begins to look through other eyes, with the question that was open.
func TestEyesThatBeginCloseTheQuestion(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Press("ctrl+s")
		w.fake.s.ro = "nothing is changed while you look as alice"
		w.Send(deck.Event{Deck: w.deck})
		w.Says("Nothing is changed while you look as alice.")
		w.Lacks("[ Cancel ]")
		w.fake.s.ro = ""
		w.Press("r")
		w.Pass(time.Second)
		w.Says("demo: creates 6 objects")
	})
}

// Keys that were typed before the question appeared do not answer it, and Cancel has the focus.
func TestConfirmIsGuarded(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Keys("ctrl+s", "tab", "enter")
		w.Quiet()
		w.beganNothing()
		w.Keys("enter")
		w.Lacks("[ Cancel ]")
		w.beganNothing()
		w.confirm()
		w.beganAt("demo back=true within=15m0s")
	})
}

func TestRemovingTakesTheName(t *testing.T) {
	inWorld(t, setting{open: deck.RemoveProfile{Profile: "vm-platform"}, plan: leaving(), script: removingAll}, func(w *world) {
		w.Press("ctrl+s")
		w.Type("vm-platfor")
		w.Keys("enter")
		w.beganNothing()
		w.Type("m")
		w.Keys("enter")
		w.Pass(time.Second)
		w.beganAt("demo back=false within=15m0s")
		w.Says("● Removed", "Kept: Namespace virtual-machines.", "Kept: CustomResourceDefinition vmtemplates.spectrocloud.com.")
	})
}

func TestOptionsReachTheRun(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Press("ctrl+s", "tab", "tab", "enter")
		w.Says("If something fails", "< take back what was changed >")
		w.Press("right", "tab", "ctrl+u")
		w.Type("soon")
		w.Press("tab", "tab", "enter")
		w.Says("a time such as 15m or 1h30m")
		w.Press("ctrl+u")
		w.Type("1h")
		w.Press("tab", "tab", "enter")
		w.Says("Apply vm-platform 1.1.0 to demo?", "the cluster is left as it got. It may take 1h at most.")
		w.Press("tab", "enter")
		w.beganAt("demo back=false within=1h0m0s")
	})
}

func TestTheNewestVersionIsApplied(t *testing.T) {
	inWorld(t, setting{open: ApplyNamed{profile.Ref{Name: "vm-platform"}}}, func(w *world) {
		w.Says("→ Apply vm-platform 1.1.0", "demo: creates 6 objects")
	})
}

func TestClustersOfAGroup(t *testing.T) {
	inWorld(t, setting{groups: production}, func(w *world) {
		w.Says("compare demo")
		w.Keys("a")
		w.Says("compare 3 marked clusters")
		w.Keys("a")
		w.Says("compare 2 marked clusters") // of the other group
		w.Keys("esc")
		w.Says("compare demo")
		w.Keys("j", "space", "enter")
		w.Pass(time.Second)
		w.Says("east: creates 6 objects")
	})
}

// What stands in the way on one cluster is said, and does not stop the others.
func TestAClusterThatCannotBeChangedIsSaid(t *testing.T) {
	inWorld(t, setting{groups: production, plans: map[string]*apply.Plan{"east": refusedPlan()}, fails: unreachable}, func(w *world) {
		toGroup(w)
		w.Says("Changes 1 of 3 clusters", "✗ east  will not be changed", "the verb escalate on clusterroles")
		w.Press("ctrl+s")
		w.Says("Apply vm-platform 1.1.0 to demo?", "2 of 3 clusters will not be changed:", "west: Connect to west", "east: Refused for 2 reasons, the first:")
		w.Press("tab", "enter")
		w.Pass(time.Minute)
		w.beganAt("demo back=true within=15m0s")
		w.Says("▲ Running on 1 of 3 clusters; 2 not changed", "– west  Not changed")
		w.Press("r")
		w.Says("Changes 1 of 3 clusters")
		w.Press("esc")
		w.Says("on which clusters?")
	})
}

func TestFailuresStopTheOthersOnlyWhereThatIsWished(t *testing.T) {
	s := setting{groups: production, scripts: map[string]script{"demo": failing}}
	inWorld(t, s, func(w *world) {
		toGroup(w)
		carryOn(time.Minute)(w)
		w.beganAt("demo back=true within=15m0s", "east back=true within=15m0s", "west back=true within=15m0s")
		w.Says("✗ Failed on 1 of 3 clusters")
	})
	inWorld(t, s, func(w *world) {
		toGroup(w)
		w.Press("o", "tab", "right", "tab", "tab", "tab", "enter")
		w.Says("a failure keeps the others from being begun")
		carryOn(time.Minute)(w)
		w.beganAt("demo back=true within=15m0s")
		w.Keys("G")
		w.Says("– west  Not changed", "Demo failed before its turn.")
	})
}

func TestDifferencesAndFolds(t *testing.T) {
	inWorld(t, setting{plan: upgrading()}, func(w *world) {
		w.To("~ ClusterRole")
		w.Keys("enter")
		w.Says("- - verbs: [get]", "+ - verbs: [get, list]")
		w.Keys("esc")
		w.To("Virtual Machine Orchestrator")
		w.Keys("space")
		w.Lacks("~ ClusterRole")
		w.Keys("space")
		w.Says("~ ClusterRole")
		w.Keys("y")
		if len(w.Copied) != 1 || !strings.Contains(w.Copied[0], "~ ClusterRole spectro-vm-user") {
			t.Errorf("copied %q", w.Copied)
		}
	})
}

func TestEscapeLeavesThePlanWithoutAQuestion(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Keys("esc")
		w.Says(stage.Below)
	})
}
