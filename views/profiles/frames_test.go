package profiles

import (
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

type frame = drive.Frame[setting, *world]

func goldens(t *testing.T, frames ...frame) {
	t.Helper()
	drive.Goldens(t, inWorld, frames)
}

var (
	applied = []string{"vm-platform", "● Running"}
	newer   = []string{"vm-platform", "1.0.0 is applied"}
)

// upgrading is a cluster on its way from one version of the platform to the next, with a pack that failed.
func upgrading(api *fakeapi.Server) {
	api.Put(release("virtual-machine-orchestrator", "vm-system", "1.0.0", "superseded", 1), release("spectro-vm-dashboard", "vm-dashboard", "1.0.0", "superseded", 1),
		release("virtual-machine-orchestrator", "vm-system", "1.1.0", "deployed", 2), release("spectro-vm-dashboard", "vm-dashboard", "1.1.0", "failed", 2))
	api.Delete("configmaps", "vm-dashboard", "spectro-vm-dashboard-settings")
}

func TestFramesOfTheList(t *testing.T) {
	noSecrets := *reader()
	noSecrets.Everywhere = noSecrets.Without("secrets").Everywhere
	goldens(t,
		frame{Name: "list"},
		frame{Name: "updating", Setting: setting{prepare: upgrading}},
		frame{Name: "filter", Do: drive.Type[*world]("/plat !running")},
		frame{Name: "filter-nothing", Do: drive.Steps(drive.Type[*world]("/none"), drive.Press[*world]("enter"))},
		frame{Name: "loading", Setting: setting{early: true, prepare: func(api *fakeapi.Server) { api.Hang() }}},
		frame{Name: "nothing", Setting: setting{bare: true}},
		frame{Name: "nothing-installed", Setting: setting{bare: true, prepare: func(api *fakeapi.Server) { api.Put(fakeapi.Defined("clusterprofiles.vmdeck.dev")) }}},
		frame{Name: "nothing-reader", Setting: setting{bare: true, user: reader()}},
		frame{Name: "viewer", Setting: setting{user: ptr(fakeapi.Persona("vic", rbac.RoleViewer))}},
		frame{Name: "reader", Setting: setting{user: &noSecrets}},
		frame{Name: "read-only", Setting: setting{readOnly: "vmdeck was started with --read-only"}},
		frame{Name: "down", Setting: setting{prepare: func(api *fakeapi.Server) { api.Down(true) }}},
		frame{Name: "lost", Do: func(w *world) { w.api.Down(true); w.Pass(40 * time.Second) }},
		frame{Name: "ascii", Setting: setting{prepare: upgrading, theme: theme.Options{ASCII: true, NoColor: true}}},
		frame{Name: "help", Do: drive.Press[*world]("?")},
	)
}

func TestFramesOfDialogs(t *testing.T) {
	goldens(t,
		frame{Name: "add", Do: drive.Press[*world]("+")},
		frame{Name: "delete", Do: drive.On[*world]([]string{"lab"}, "D")},
		frame{Name: "in-use", Do: func(w *world) {
			w.To("lab")
			use := fakeapi.Release{Namespace: "gpu", Name: "gpu-operator", Chart: "gpu-operator", Version: "2.0.0", Profile: profile.Ref{Name: "lab", Version: "0.1.0"}}
			w.api.Put(use.Object())
			w.Press("D") // before the list has seen it
		}},
		frame{Name: "export", Do: drive.On[*world](newer, "x")},
		frame{Name: "roll-back", Setting: setting{prepare: upgrading}, Do: drive.On[*world]([]string{"vm-platform", "Failed"}, "b")},
		frame{Name: "install", Setting: setting{bare: true}, Do: drive.Press[*world]("I")},
		frame{Name: "settings", Do: drive.On[*world](applied, "enter", "s")},
	)
}

func TestFramesOfAProfile(t *testing.T) {
	broken := func(api *fakeapi.Server) {
		p := platform("1.1.0", "charts:\n  virtual-machine-orchestrator:\n    vmEnabledNamespaces: 7\n")
		p.Packs[2].Values = ""
		api.Put(fakeapi.Profile(p))
	}
	goldens(t,
		frame{Name: "ready", Do: drive.On[*world](applied, "enter")},
		frame{Name: "changed", Do: drive.On[*world](newer, "enter")},
		frame{Name: "changed-end", Do: drive.On[*world](newer, "enter", "G")},
		frame{Name: "problems", Setting: setting{prepare: broken}, Do: drive.On[*world](newer, "enter")},
		frame{Name: "no-registry", Do: drive.On[*world]([]string{"lab"}, "enter")},
		frame{Name: "unreadable", Do: drive.On[*world]([]string{"old-site"}, "enter")},
		frame{Name: "running", Do: drive.On[*world](applied, "enter", "tab")},
		frame{Name: "failed", Setting: setting{prepare: upgrading}, Do: drive.On[*world]([]string{"vm-platform", "Failed"}, "enter", "tab")},
		frame{Name: "not-applied", Do: drive.On[*world]([]string{"lab"}, "enter", "tab")},
		frame{Name: "no-secrets", Setting: setting{user: ptr(reader().Without("secrets"))}, Do: drive.On[*world]([]string{"vm-platform", "1.0.0"}, "enter", "tab")},
		frame{Name: "yaml", Do: drive.On[*world](newer, "enter", "tab", "tab")},
		frame{Name: "gone", Do: drive.Steps(drive.On[*world]([]string{"lab"}, "enter"), func(w *world) { w.api.Delete("clusterprofiles", "", "lab-0.1.0"); w.Pass(2 * time.Second) })},
		frame{Name: "help", Do: drive.On[*world](applied, "enter", "?")},
	)
}
