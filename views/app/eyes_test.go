package app

import (
	"reflect"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// looking are the ways in which alice's rights are found out.
var looking = map[string]rbacv1.PolicyRule{"impersonated": impersonates, "reviewed": reviews, "evaluated, may differ": readsBindings}

func inCompany(t *testing.T, login string, rules []rbacv1.PolicyRule, test func(w *world)) {
	t.Helper()
	inWorld(t, setting{prepare: company(login, rules...)}, test)
}

// close closes dialogs without ending anything else.
func (w *world) close() {
	for w.app.shell.Dialogs().Len() > 0 {
		w.Keys("esc")
	}
}

// TestNothingIsDoneAsSomebodyElse presses everything there is, on VMs on which alice may do much and nothing, alone and together.
func TestNothingIsDoneAsSomebodyElse(t *testing.T) {
	for source, rule := range looking {
		t.Run(source, func(t *testing.T) {
			inCompany(t, "root", []rbacv1.PolicyRule{rule}, func(w *world) {
				as("alice")(w)
				for _, name := range []string{"db-replica", "build-runner-1", "build-runner-2", "mail-gateway", "nightly-batch", "search"} {
					w.to(name)
					w.pressEverything()
				}
				w.Keys("enter") // the details of the last
				w.pressEverything()
				w.Keys("esc", "ctrl+a")
				w.pressEverything()
				if w.app.deck.Eyes() == nil {
					t.Fatal("these are not alice's eyes any more")
				}
			})
		})
	}
}

func (w *world) pressEverything() {
	w.T.Helper()
	for _, a := range vm.Actions() {
		if a.Key != "" {
			w.Keys(a.Key)
		}
		w.Quiet()
		w.close()
		w.Type(":" + a.ID)
		w.Keys("enter")
		w.Quiet()
		w.close()
	}
	w.writes()
}

// The operator and the keeper refuse too, whoever asks them.
func TestNobodyElseGetsThrough(t *testing.T) {
	inCompany(t, "root", []rbacv1.PolicyRule{impersonates}, func(w *world) {
		as("alice")(w)
		d := w.app.deck
		out := d.Operator.Do(w.T.Context(), vm.Find("start"), d.Inventory().Find("team-a", "db-replica"), vm.Options{})
		if !out.Refused || out.Text != "Start team-a/db-replica: nothing is done while you look as alice" {
			t.Errorf("%+v", out)
		}
		plan := rbac.Plan{Create: []rbac.Binding{{Namespace: "team-a", Name: "x", Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RoleUser}, Subjects: []rbac.Subject{subject("User", "bob")}}}}
		if err := d.Keeper.Apply(w.T.Context(), plan, nil); err == nil || !strings.Contains(err.Error(), "nothing is changed while you look as alice") {
			t.Errorf("%v", err)
		}
		w.writes()
	})
}

func TestWhatIsSaidAsSomebodyElse(t *testing.T) {
	for source, rule := range looking {
		t.Run(source, func(t *testing.T) {
			inCompany(t, "oscar", []rbacv1.PolicyRule{rule}, func(w *world) {
				as("alice")(w)
				w.Contains("AS alice ("+source+")", "Looking as alice; esc ends it.", "alice does not see 4 of these 25 VMs: those in shop.")
				w.to("db-replica")
				w.Keys("s")
				w.Contains("start db-replica: alice may; nothing is done while you look as alice")
				w.Keys("x")
				w.Contains("stop db-replica: not running")
				w.to("nightly-batch")
				w.Keys("s")
				w.Quiet()
				w.Contains("alice may not start team-b/nightly-batch.", "Granted by  spectro-vm-user")
				w.Keys("esc")
				w.to("db-replica")
				w.Keys("space")
				w.to("nightly-batch")
				w.Pass(10 * time.Second) // earlier messages have had their time
				w.Keys("space", "s")
				w.Contains("start: alice may on 1 of 2 marked VMs; nothing is done while you look as alice")
			})
		})
	}
}

func TestLookingEnds(t *testing.T) {
	for name, end := range map[string]func(w *world){
		"esc":         func(w *world) { w.Keys("esc") },
		"palette, me": func(w *world) { w.Type(":as me"); w.Keys("enter") },
		"message":     func(w *world) { w.Send(deck.LookAs{Who: &rbac.Who{}}) },
	} {
		t.Run(name, func(t *testing.T) {
			inCompany(t, "oscar", []rbacv1.PolicyRule{impersonates}, func(w *world) {
				w.to("db-replica")
				as("alice")(w)
				w.Contains("AS alice")
				end(w)
				w.Pass(time.Second)
				w.Lacks("AS alice", "Looking as")
				w.Keys("s")
				w.writes("PUT " + teamA + "virtualmachines/db-replica/start")
				if w.app.deck.Keeper.ReadOnly != "" {
					t.Error(w.app.deck.Keeper.ReadOnly)
				}
			})
		})
	}
	t.Run("not by asking whom else", func(t *testing.T) {
		inCompany(t, "oscar", []rbacv1.PolicyRule{impersonates}, func(w *world) {
			w.to("db-replica")
			as("alice")(w)
			w.Type(":as")
			w.Keys("enter")
			w.Contains("Look as: choose", "AS alice")
			w.Type("bess")
			w.Keys("enter")
			w.Pass(time.Second)
			w.Contains("AS bess")
			w.Keys("s")
			w.writes()
		})
	})
	t.Run("another context", func(t *testing.T) {
		inCompany(t, "oscar", []rbacv1.PolicyRule{impersonates}, func(w *world) {
			as("alice")(w)
			w.switchTo("staging")
			w.Pass(time.Second)
			w.Contains("@staging", "only-here")
			w.Lacks("AS alice")
		})
	})
}

// The filter is undone before looking ends.
func TestEscapeEndsOneThingAtATime(t *testing.T) {
	inCompany(t, "oscar", []rbacv1.PolicyRule{impersonates}, func(w *world) {
		as("alice")(w)
		w.Type("/db")
		w.Keys("enter", "esc")
		w.Contains("AS alice", "build-runner-1")
		w.Keys("esc")
		w.Lacks("AS alice")
	})
}

func TestNobodyLooksAwayFromABulkOperation(t *testing.T) {
	inCompany(t, "root", []rbacv1.PolicyRule{impersonates}, func(w *world) {
		press("ctrl+a", "x")(w)
		w.Type("18")
		release := w.api.Hang()
		press("enter", "esc")(w)
		as("alice")(w)
		w.Contains("is still running")
		w.Lacks("AS alice")
		release()
	})
}

// What cannot be found out is not said to be denied, and not offered.
func TestAnErrorIsNoDenialForSomebodyElse(t *testing.T) {
	inCompany(t, "oscar", []rbacv1.PolicyRule{reviews}, func(w *world) {
		w.to("db-replica")
		w.api.Refuse("subjectaccessreviews", 503, 0)
		as("alice")(w)
		w.Contains("AS alice (asking)")
		w.Lacks("alice does not see", "s start  ")
		w.Keys("s")
		w.Contains("start db-replica: not known whether alice may: the API server's backend")
		w.api.Refuse("subjectaccessreviews", 0, 0)
		w.Pass(time.Minute)
		w.Contains("AS alice (reviewed)", "s start  ")
	})
}

// TestEyesOnASlowLine: that one may not impersonate comes after the screen was drawn, and what follows from it is asked at once.
func TestEyesOnASlowLine(t *testing.T) {
	for name, tt := range map[string]struct {
		rules []rbacv1.PolicyRule
		want  string
	}{
		"blind":    {nil, "AS alice (not known)"},
		"reviewed": {[]rbacv1.PolicyRule{reviews}, "AS alice (reviewed)"},
	} {
		t.Run(name, func(t *testing.T) {
			inCompany(t, "oscar", tt.rules, func(w *world) {
				w.to("db-replica")
				release := w.api.Hang()
				as("alice")(w)
				w.Contains("AS alice (asking)")
				release()
				w.Pass(time.Second)
				w.Contains(tt.want)
			})
		})
	}
}

func TestEyesFollowWhatChanges(t *testing.T) {
	grant := func(w *world) {
		w.api.Put(fakeapi.Bound("team-b", "alice-too", rbac.RoleUser, subject("User", "alice")))
	}
	for source, rule := range looking {
		t.Run("granted, "+source, func(t *testing.T) {
			inCompany(t, "oscar", []rbacv1.PolicyRule{rule}, func(w *world) {
				w.to("nightly-batch")
				as("alice")(w)
				w.Contains("s start: needs update")
				grant(w)
				w.Pass(2 * time.Minute)
				w.Contains("s start  ")
			})
		})
		t.Run("asked anew, "+source, func(t *testing.T) {
			inCompany(t, "oscar", []rbacv1.PolicyRule{rule}, func(w *world) {
				w.to("nightly-batch")
				as("alice")(w)
				grant(w)
				w.Keys("R")
				w.Pass(4 * time.Second)
				w.Contains("s start  ")
			})
		})
	}
	t.Run("no longer impersonated", func(t *testing.T) {
		inCompany(t, "oscar", []rbacv1.PolicyRule{impersonates, readsBindings}, func(w *world) {
			w.to("db-replica")
			as("alice")(w)
			w.Contains("AS alice (impersonated)")
			w.api.Put(fakeapi.ClusterRole("extra", readsBindings))
			w.Pass(10 * time.Minute)
			w.Contains("AS alice (evaluated, may differ)", "s start  ")
		})
	})
}

func TestWhom(t *testing.T) {
	tests := []struct {
		typed string
		want  rbac.Who
	}{
		{"", rbac.Who{}},
		{"alice", rbac.WhoIs("alice")},
		{" alice  devs ops ", rbac.WhoIs("alice", "devs", "ops")},
		{`alice "CN=Big Team" ops`, rbac.WhoIs("alice", "CN=Big Team", "ops")},
		{"sa:ci/bot", rbac.WhoIs("system:serviceaccount:ci:bot")},
	}
	for _, tt := range tests {
		if got := deck.ParseWho(tt.typed); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q is %+v, want %+v", tt.typed, got, tt.want)
		}
	}
}

// TestHeaderNamesTheGroupsOneLooksWith: the same user with other groups has other rights.
func TestHeaderNamesTheGroupsOneLooksWith(t *testing.T) {
	inCompany(t, "oscar", []rbacv1.PolicyRule{impersonates}, func(w *world) {
		as("alice devs ops")(w)
		w.Contains("AS alice in devs, ops (impersonated)")
		w.Resize(80, 24)
		w.Contains("AS alice (impersonated)")
		w.Resize(120, 40)
		member := subject("Group", "devs").Who()
		w.Send(deck.LookAs{Who: &member})
		w.Pass(2 * time.Second)
		w.Contains("AS a member of devs (impersonated)")
	})
}
