package templates

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

const vmsOf = "kubevirt.io/v1/namespaces/"

func TestE3LaunchByKeysUntilItRuns(t *testing.T) {
	inWorld(t, launchOf("cirros"), func(w *world) {
		w.Press("ctrl+u")
		w.Type("web-1")
		w.Press("tab", "ctrl+u")
		w.Type("team-b")
		w.Press("tab")
		w.Type("2")
		w.Press("tab")
		w.Type("512Mi")
		w.Press("tab")
		w.Type("tier=web, owner=me")
		w.Press("tab", "space")
		w.Says("cores: 2", "guest: 512Mi", "tier: web", "owner: me", "runStrategy: Always", "■ as soon as it is made")
		w.wants()
		w.Press("tab", "enter")
		w.Pass(2 * time.Second)
		w.wants("POST " + vmsOf + "team-b/virtualmachines")
		w.Says("The server has made team-b/web-1.")
		made := w.api.Get("virtualmachines", "team-b", "web-1")
		if labels := made["metadata"].(map[string]any)["labels"].(map[string]any); labels["tier"] != "web" {
			t.Errorf("labels %v", labels)
		}
		w.api.Put(made.Status("Starting"))
		w.Pass(2 * time.Second)
		w.Says("◐ Starting")
		w.runs("team-b", "web-1")
		w.Says("● Running", "It is running")
		if lines := w.audit.Lines(); !slices.Equal(lines, []string{"launch team-b web-1 accepted", "launch team-b web-1 accepted"}) {
			t.Errorf("audited %q", lines)
		}
		w.Press("enter")
		w.Says(stage.Below)
		if !slices.Equal(w.shown, []string{"team-b/web-1"}) {
			t.Errorf("opened %q", w.shown)
		}
	})
}

// MISSION B1, B4: who may launch, before it is tried.
func TestB4WhoMayLaunch(t *testing.T) {
	for _, tt := range []struct {
		name    string
		user    *fakeapi.User
		offered bool // somewhere
		reason  string
	}{
		{"admin", as(fakeapi.Persona("ada", rbac.RoleAdmin)), true, ""},
		{"power user", powerUser(), true, ""},
		{"user", plainUser(), false, "needs create virtualmachines in a namespace"},
		{"viewer", viewer(), false, "needs create virtualmachines in a namespace"},
		{"namespace only", namespaceOnly(), true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, setting{user: tt.user}, func(w *world) {
				v := launching(w.deck)
				if v.Offered() != tt.offered || v.Reason != tt.reason {
					t.Errorf("offered %v: %q", v.Offered(), v.Reason)
				}
				w.Press("L")
				_, asked := stage.Asked[deck.Launch](w.Stage)
				if asked != tt.offered {
					t.Errorf("the form was asked for: %v\n%s", asked, w.Plain())
				}
				if !tt.offered {
					w.Says("Launch: not permitted", "Roles that grant it: spectro-vm-power-user, spectro-vm-admin.")
				}
			})
		})
	}
}

func TestB4ANamespaceWhereOneMayNot(t *testing.T) {
	s := launchOf("cirros")
	s.user = namespaceOnly()
	inWorld(t, s, func(w *world) {
		w.Says("Namespace team-b") // the context's own is team-a, where it is not permitted
		w.Press("tab", "ctrl+u")
		w.Type("team-a")
		w.Pass(time.Second)
		w.Says("✗ Not permitted: needs create virtualmachines in team-a.")
		w.Press("ctrl+s")
		w.Pass(time.Second)
		w.Says("Launch: not permitted")
		w.wants()
	})
}

// What the server finds wrong stands at the field, and goes with the next change.
func TestServerProblemsStandAtTheirFields(t *testing.T) {
	s := launchOf("cirros")
	s.prepare = func(api *fakeapi.Server) {
		api.Invalid("cirros-1", map[string]string{"spec.template.spec.domain.memory.guest": "too little"})
	}
	inWorld(t, s, func(w *world) {
		w.Press("ctrl+s")
		w.Pass(time.Second)
		w.Says("▸ Memory ✗ too little.")
		w.wants()
		w.api.Invalid("cirros-1", nil)
		w.Type("1Gi")
		if strings.Contains(w.Plain(), "too little") {
			t.Errorf("it stays\n%s", w.Plain())
		}
		w.Press("ctrl+s")
		w.Pass(time.Second)
		w.wants("POST " + vmsOf + "team-a/virtualmachines")
	})
}

// The name may be taken between the trial and the making: then the form comes back with all that was entered.
func TestATakenNameComesBackToTheForm(t *testing.T) {
	inWorld(t, launchOf("cirros"), func(w *world) {
		w.Press("ctrl+u")
		w.Type("web-1")
		w.api.Put(fakeapi.Machine("team-a", "web-1", "Stopped"))
		w.Press("ctrl+s")
		w.Pass(time.Second)
		w.Says("▸ Name", "web-1", "✗ the name is taken.")
		w.wants()
	})
}

func TestYAMLEditedByHandIsWhatIsMade(t *testing.T) {
	inWorld(t, launchOf("cirros"), func(w *world) {
		w.Press("ctrl+y", "ctrl+end")
		w.Type(" # mine")
		w.Press("esc")
		w.Says("Go back to the form?")
		w.Press("esc", "ctrl+home")
		for range 5 {
			w.Press("down")
		}
		w.Press("end")
		w.Type("23") // name: cirros-1 → cirros-123
		w.Press("ctrl+t")
		w.Pass(time.Second)
		w.Says("✓ The server would make it.")
		w.wants()
		w.Press("ctrl+s")
		w.Pass(2 * time.Second)
		w.wants("POST " + vmsOf + "team-a/virtualmachines")
		if w.api.Get("virtualmachines", "team-a", "cirros-123") == nil {
			t.Errorf("it was not made\n%s", w.Plain())
		}
	})
}

// Who leaves the page hears of the end all the same.
func TestLeavingIsToldTheEnd(t *testing.T) {
	inWorld(t, launchOf("db-large"), func(w *world) {
		w.launched("Starting")
		w.Press("esc")
		w.Says(stage.Below)
		w.runs("team-a", "db-large-1")
		w.Says("team-a/db-large-1 is running")
	})
}

func TestReadOnlyAndOtherEyesMakeNothing(t *testing.T) {
	s := launchOf("cirros")
	s.readOnly = "the configuration makes this context read-only"
	inWorld(t, s, func(w *world) {
		w.Press("ctrl+s")
		w.Pass(time.Second)
		w.Says("the configuration makes this context read-only")
		w.wants()
	})
	inWorld(t, launchOf("cirros"), func(w *world) {
		who := rbac.WhoIs("somebody")
		w.deck.LookThrough(&who)
		w.Pass(3 * time.Second)
		w.Says("Looking as somebody.")
		w.Press("ctrl+s")
		w.Pass(time.Second)
		w.wants()
	})
}

// The namespace that is proposed is the likeliest one in which VMs may be made.
func TestNamespaceIsProposed(t *testing.T) {
	applied := func(api *fakeapi.Server) {
		api.Put(fakeapi.Namespace("apps", "Active"), fakeapi.Namespace("vms", "Active"), fakeapi.Settings("vm-dashboard", "virtual-machine-orchestrator",
			"virtual-machine-orchestrator-1.1.0", map[string]string{"access": "direct", "identityProvider": "palette", "vmEnabledNamespaces": "default,vms"}))
	}
	for name, tt := range map[string]struct {
		setting
		asked string // for
		want  string
	}{
		"that of the list":          {setting{prepare: applied}, "team-b", "team-b"},
		"the context's":             {setting{prepare: applied}, "", "team-a"},
		"the profile's":             {setting{prepare: applied, nowhere: true}, "", "vms"},
		"the first":                 {setting{nowhere: true}, "", "team-a"},
		"the first where it may be": {setting{user: namespaceOnly(), prepare: applied}, "", "team-b"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.launch = &deck.Launch{Template: "cirros", Namespace: tt.asked}
			inWorld(t, tt.setting, func(w *world) {
				w.Says("Namespace     " + tt.want)
			})
		})
	}
}

// Nobody is refused because of namespaces that were asked about, where there are more.
func TestLaunchIsOfferedAmongManyNamespaces(t *testing.T) {
	inWorld(t, setting{user: namespaceOnly(), prepare: func(api *fakeapi.Server) {
		for i := range asked {
			api.Put(fakeapi.Namespace(fmt.Sprintf("crowd-%02d", i), "Active"))
		}
	}}, func(w *world) {
		if v := launching(w.deck); !v.Offered() {
			t.Errorf("it is not offered: %s", v.Decision.Reason)
		}
	})
}

// A proposal is a name that is free, and gives way to what is typed.
func TestNamesAreProposed(t *testing.T) {
	s := launchOf("cirros")
	s.prepare = func(api *fakeapi.Server) { api.Put(fakeapi.Machine("team-a", "cirros-1", "Stopped")) }
	inWorld(t, s, func(w *world) {
		w.Press("tab", "shift+tab")
		w.Says("Name cirros-2")
		w.Press("esc")
		w.Says(stage.Below)
	})
}
