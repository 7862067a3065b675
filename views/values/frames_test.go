package values

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
)

// load reads a pack that is built in.
func load(t testing.TB, name, version string) *pack.Pack {
	t.Helper()
	p, err := pack.Public().Load(t.Context(), name, version)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// screen shows an editor as a page; kept gets what is accepted.
func screen(t *testing.T, o theme.Options, m func(*theme.Theme) *Model, kept *string, w, h int) *uitest.Driver {
	th := theme.New(o)
	root := NewPage(m(th), "Values of Virtual Machine Orchestrator 1.0.0", func(overrides string) tea.Cmd {
		if kept != nil {
			*kept = overrides
		}
		return nil
	})
	return uitest.New(t, shell.New(shell.Options{Theme: th, Pages: []shell.Page{root}}), w, h)
}

func orchestrator(t *testing.T, overrides string) func(*theme.Theme) *Model {
	return func(th *theme.Theme) *Model {
		return New(th, load(t, "virtual-machine-orchestrator", "1.0.0"), nil, overrides)
	}
}

var dark = theme.Options{Dark: true}

func TestFrames(t *testing.T) {
	for _, size := range []struct {
		name string
		w, h int
	}{{"80x24", 80, 24}, {"120x40", 120, 40}} {
		for _, tt := range []struct {
			name, overrides string
			theme           theme.Options
			keys            []string
		}{
			{"Defaults", "", dark, nil},
			{"Direct", "", dark, []string{"j", "enter"}},
			{"Tenant", "", dark, []string{"j", "j", "j", "enter", "n"}},
			{"ByHand", "pack:\n  palette:\n    config:\n      dashboard:\n        identityProvider: noauth\n", dark, nil},
			{"Settings", "", dark, []string{"tab", "j", "j", "j", "enter"}},
			{"SettingsChanged", direct, dark, []string{"tab", "G"}},
			{"Changes", direct, dark, []string{"shift+tab", "j"}},
			{"ASCII", direct, theme.Options{ASCII: true, NoColor: true}, []string{"tab", "tab", "ctrl+g"}},
			{"Find", "", dark, []string{"/", "c", "d", "i", "enter"}},
			{"KeepAsked", "", dark, []string{"j", "j", "j", "enter", "ctrl+s"}},
			{"YAML", "charts:\n  virtual-machine-orchestrator:\n    service:\n      type: Nonsense\n", dark, []string{"tab", "tab", "ctrl+g"}},
			{"Broken", "", dark, []string{"tab", "tab", "down", "down", "space", "x"}},
		} {
			t.Run(tt.name+size.name, func(t *testing.T) {
				d := screen(t, tt.theme, orchestrator(t, tt.overrides), nil, size.w, size.h)
				d.Keys(tt.keys...)
				d.Golden()
			})
		}
	}
}
