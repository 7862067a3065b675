package editor

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// production is a group of three clusters, seen from one of them.
func production() setting { return setting{group: "production", others: []string{"east", "west"}} }

// toAll has the rule that was typed go to all clusters of the group.
func (w *world) toAll() {
	w.T.Helper()
	w.page.form.goTo(stop{part: partTarget})
	w.Keys("space")
}

// bindings are those that each cluster has of the rule of fill.
func (w *world) bindings() []string {
	var out []string
	for name, api := range w.all {
		for _, namespace := range []string{"team-a", "team-b", "team-c"} {
			if api.Get("rolebindings", namespace, "vmdeck-vm-user-alice") != nil {
				out = append(out, name+"/"+namespace)
			}
		}
	}
	slices.Sort(out)
	return out
}

func everywhereIn(contexts ...string) []string {
	var out []string
	for _, name := range contexts {
		out = append(out, name+"/team-a", name+"/team-b", name+"/team-c")
	}
	return out
}

func (w *world) holds(want []string) {
	w.T.Helper()
	if got := w.bindings(); !slices.Equal(got, want) {
		w.T.Fatalf("bindings %q, want %q\n%s", got, want, w.Plain())
	}
}

func TestC5ARuleGoesToAllClustersOfAGroup(t *testing.T) {
	inWorld(t, production(), func(w *world) {
		w.fill()
		w.Keys("down")
		w.Contains("< this cluster only >")
		w.Keys("space")
		w.Contains("< all 3 clusters of production >")
		w.Says("The rule goes to demo, east, west.")
		w.review()
		w.Says("Changes 3 of 3 clusters of production", "✓ demo, east, west: Creates 3 bindings in each. The server would accept all 3 steps.",
			"Without spectro-list-vmtemplates bound cluster-wide, User alice, Group ops will not see the VM templates.")
		w.holds(nil)
		w.Keys("enter")
		w.Says("Apply the rule vm-user-alice to 3 clusters of production?", "demo, east, west: Creates 3 bindings in each.")
		w.Quiet()
		w.Keys("tab", "enter")
		w.Pass(2 * time.Second)
		w.Says("● Running in all 3 clusters", "● demo  Running", "● east  Running", "Verified by access reviews in demo, east, west")
		w.holds(everywhereIn("demo", "east", "west"))
		for name, api := range w.all {
			if api.Get("rolebindingrules", "", "vm-user-alice") == nil {
				t.Errorf("the rule is not stored in %s", name)
			}
		}
		contexts := map[string]int{}
		for _, e := range w.audit.Entries() {
			contexts[e.Context]++
		}
		if contexts["demo"] != 4 || contexts["east"] != 4 || contexts["west"] != 4 {
			t.Errorf("audited %v", contexts)
		}
		if calls := strings.Join(w.api.Calls(), " "); strings.Contains(calls, "clusterrolebindings") {
			t.Errorf("something is bound cluster-wide: %s", calls)
		}
		w.Keys("enter")
		if len(w.Asked) != 1 || w.Asked[0] != (deck.ShowBindings{Query: "vm-user-alice"}) {
			t.Errorf("asked for %+v", w.Asked)
		}
	})
}

func TestC5ThisClusterOnly(t *testing.T) {
	inWorld(t, production(), func(w *world) {
		w.fill()
		w.review()
		w.Contains("Creates 3 bindings.")
		w.confirm()
		w.Pass(2 * time.Second)
		w.Contains("● Running")
		w.holds(everywhereIn("demo"))
		if calls := w.all["east"].Calls(); len(calls) > 0 {
			t.Errorf("east got %q", calls)
		}
	})
}

func TestC5AClusterThatIsDownDoesNotStopTheOthers(t *testing.T) {
	inWorld(t, production(), func(w *world) {
		w.all["west"].Down(true)
		w.fill()
		w.toAll()
		w.review()
		w.Pass(time.Minute)
		w.Says("Changes 2 of 3 clusters of production", "▲ 1 of 3 clusters will not be changed.", "✗ west: Reading it: the API server cannot be reached",
			"✓ demo, east: Creates 3 bindings in each.")
		w.Keys("enter")
		w.Says("to 2 clusters of production?", "1 of 3 clusters will not be changed:", "west: Reading it: the API server cannot be reached")
		w.Quiet()
		w.Keys("tab", "enter")
		w.Pass(2 * time.Second)
		w.Says("▲ Running in 2 of 3 clusters; 1 not changed", "– west  Not changed", "r resume")
		w.holds(everywhereIn("demo", "east"))
		w.all["west"].Down(false)
		w.Keys("r")
		w.Pass(2 * time.Second)
		w.Says("Changes 1 of 3 clusters", "✓ west: Creates 3 bindings.", "✓ demo, east: nothing to do, as the rule says already.")
		w.confirm()
		w.Pass(2 * time.Second)
		w.Says("● Running in all 3 clusters", "demo  Running  as the rule says already")
		w.holds(everywhereIn("demo", "east", "west"))
	})
}

func TestC5AContextThatCannotBeOpened(t *testing.T) {
	s := production()
	s.others = []string{"east", "gone"}
	inWorld(t, s, func(w *world) {
		w.fill()
		w.toAll()
		w.review()
		w.Says("✗ gone: Context gone of the kubeconfig: cluster \"gone\" does not exist.", "Changes 2 of 3 clusters")
	})
}

func TestC5AFailureInOneClusterIsResumedThere(t *testing.T) {
	inWorld(t, production(), func(w *world) {
		w.fill()
		w.toAll()
		w.review()
		w.failInTheMidst()
		w.confirm()
		w.Pass(2 * time.Second)
		w.Says("Failed in 1 of 3 clusters", "What is done stays.")
		w.Keys("esc")
		w.Says("✗ Failed in 1 of 3 clusters", "● demo  Running", "✗ west  Failed", "r resume",
			"create RoleBinding team-b/vmdeck-vm-user-alice: a binding of this name has been made since the plan; it is left alone.")
		before := map[string]int{"demo": len(w.api.Calls()), "east": len(w.all["east"].Calls())}
		w.all["west"].Delete("rolebindings", "team-b", "vmdeck-vm-user-alice")
		w.Keys("r")
		w.Pass(2 * time.Second)
		w.Says("Changes 1 of 3 clusters", "✓ west: Creates 1 binding. The server would accept the one step.", "✓ demo, east: nothing to do, as the rule says already.")
		w.confirm()
		w.Pass(2 * time.Second)
		w.Says("● Running in all 3 clusters")
		w.holds(everywhereIn("demo", "east", "west"))
		if demo, east := len(w.api.Calls()), len(w.all["east"].Calls()); demo != before["demo"] || east != before["east"] {
			t.Errorf("demo got %d more requests and east %d", demo-before["demo"], east-before["east"])
		}
	})
}

// failInTheMidst has somebody else take a name in west once the first binding is made there.
func (w *world) failInTheMidst() {
	w.audit.Then = func(e config.AuditEntry) {
		if e.Context == "west" && e.Namespace == "team-a" {
			w.all["west"].Put(fakeapi.Bound("team-b", "vmdeck-vm-user-alice", rbac.RoleViewer, alice))
		}
	}
}

func TestC5AReadOnlyClusterIsRefused(t *testing.T) {
	s := production()
	s.frozen = "east"
	inWorld(t, s, func(w *world) {
		w.fill()
		w.toAll()
		w.review()
		w.Says("✗ east: The configuration makes this context read-only.", "Changes 2 of 3 clusters")
		w.confirm()
		w.Pass(2 * time.Second)
		w.Says("Running in 2 of 3 clusters; 1 not changed")
		w.holds(everywhereIn("demo", "west"))
	})
}

func TestC5ClusterWideIsRefusedInAGroup(t *testing.T) {
	wide := rbac.BindingRule{Name: "wide", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser, Subjects: []rbac.Subject{ops}, ClusterWide: true, Lists: true}
	s := production()
	s.rule = deck.EditRule{Rule: wide}
	inWorld(t, s, func(w *world) {
		w.toAll()
		w.Keys("ctrl+s")
		w.Says("1 field to put right first", "A cluster-wide binding is refused", "Lists not in a cluster group")
		for name, api := range w.all {
			if calls := api.Calls(); len(calls) > 0 {
				t.Errorf("%s got %q", name, calls)
			}
		}
	})
}

// Clusters that differ are told apart, and what somebody loses in one stands in the question.
func TestC5ClustersThatDifferAreToldApart(t *testing.T) {
	s := production()
	s.rule = deck.EditRule{Rule: rbac.BindingRule{Name: "devs", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleViewer, Subjects: []rbac.Subject{alice, ops}, Namespaces: []string{"team-a"}}, Exists: true}
	inWorld(t, s, func(w *world) {
		existing(w.all["west"])
		w.toAll()
		w.review()
		w.Says("✓ demo, east: Creates 1 binding in each.", "✓ west: Changes 1 binding, removes 1.", "In demo, east", "In west")
		w.Keys("enter")
		w.Says("west: Changes 1 binding, removes 1.", "group:ops loses in team-b: everything with VMs (16 actions)")
	})
}

// What a cluster keeps it goes on keeping, as the rule is now: a sync there would bring the old one back.
func TestC5AClusterThatKeepsTheRuleKeepsTheNewOne(t *testing.T) {
	old := bind("devs", rbac.RolePowerUser, "team-a")
	old.Lists = false
	now := old
	now.RoleName = rbac.RoleViewer
	s := production()
	s.rule = deck.EditRule{Rule: now, Exists: true}
	inWorld(t, s, func(w *world) {
		west, err := w.deck.Members(w.deck.Groups[0])[2].Open(w.deck.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := west.Save(w.deck.Context(), old, ""); err != nil {
			t.Fatal(err)
		}
		w.Contains("□ store the rule")
		w.toAll()
		w.review()
		w.confirm()
		w.Pass(2 * time.Second)
		w.Says("● Running in all 3 clusters")
		if rules, err := west.Rules.List(w.deck.Context()); err != nil || len(rules) != 1 || rules[0].RoleName != rbac.RoleViewer {
			t.Errorf("west keeps %+v, %v", rules, err)
		}
		if w.api.Get("rolebindingrules", "", "devs") != nil {
			t.Error("demo keeps the rule although nobody asked for it")
		}
	})
}

func TestC5AnotherRuleOfTheNameIsLeftAlone(t *testing.T) {
	inWorld(t, production(), func(w *world) {
		w.all["east"].Put(fakeapi.BindingObject(rbac.Binding{Namespace: "team-c", Name: "vmdeck-vm-user-alice", Rule: "vm-user-alice", Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RoleUser}, Subjects: []rbac.Subject{ops}}))
		w.fill()
		w.toAll()
		w.review()
		w.Says("✗ east: It has another rule vm-user-alice. Go back and choose another name.")
	})
}

func TestC5ASlowClusterIsWaitedForOnItsOwn(t *testing.T) {
	inWorld(t, production(), func(w *world) {
		release := w.all["west"].Hang()
		w.fill()
		w.toAll()
		w.review()
		w.Says("✓ demo: read", "◐ west: being read", "Reading 3 clusters of production")
		w.Keys("enter")
		w.Contains("Confirm: 1 of 3 clusters still to be read")
		w.Pass(3 * time.Minute)
		w.Says("✗ west: Reading it: no answer in time", "Changes 2 of 3 clusters")
		release()
	})
}

func TestC5LeavingTheUpdateOfAGroup(t *testing.T) {
	inWorld(t, production(), func(w *world) {
		w.fill()
		w.toAll()
		w.review()
		release := w.all["west"].HangReviews()
		w.confirm()
		w.Says("◐ Updating 1 of 3 clusters", "◐ west  Updating", "● demo  Running")
		if busy := w.page.Busy(); !strings.Contains(busy, "vm-user-alice is still being applied") {
			t.Errorf("busy: %q", busy)
		}
		w.Keys("esc")
		w.Says("Leave while it is updating?")
		w.Quiet()
		w.Keys("tab", "enter")
		w.Contains("what was there before")
		release()
		w.Pass(2 * time.Second)
		w.Contains("rule vm-user-alice on production: Running in all 3 clusters")
		w.holds(everywhereIn("demo", "east", "west"))
	})
}
