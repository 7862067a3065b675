package values

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/internal/drive"
)

var everyKey = []string{"up", "down", "left", "right", "home", "end", "pgup", "pgdown", "ctrl+home", "ctrl+end", "ctrl+left", "ctrl+right", "enter", "space",
	"backspace", "delete", "ctrl+w", "ctrl+k", "ctrl+u", "ctrl+y", "ctrl+r", "ctrl+x", "ctrl+g", "ctrl+f", "/", "tab", "shift+tab", "esc", "j", "k", "h", "l", "g", "G", "u", "r", "X", "n",
	"a", ":", "{", "\"", "-", "#", "1", "宽"}

// TestRandom holds that no key breaks a frame, that what is kept is YAML which leads to the values shown, and that all can be undone.
func TestRandom(t *testing.T) {
	packs := []*pack.Pack{load(t, "virtual-machine-orchestrator", "1.0.0"), load(t, "spectro-proxy", "1.0.0"), many(t, 3)}
	rapid.Check(t, func(r *rapid.T) {
		p := packs[rapid.IntRange(0, len(packs)-1).Draw(r, "pack")]
		m := New(theme.New(theme.Options{Dark: true}), p, nil, "")
		page := NewPage(m, "Values", func(string) tea.Cmd { return nil })
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			drive.Poke(r, page, everyKey, "a: b\n  - c", "team-x", "-----BEGIN-----\nabc\n-----END-----\n")
			drive.Draw(r, page)
			over, err := pack.ParseValues(m.Overrides())
			if err != nil {
				r.Fatalf("what is kept is no YAML: %v\n%s", err, m.Overrides())
			}
			if got, want := pack.Show(pack.Merge(p.Defaults(), over)), pack.Show(m.Values()); got != want {
				r.Fatalf("what is kept leads to\n%s\nand not to\n%s", got, want)
			}
		}
		for range 300 {
			m.do(keyUndo)
			m.refresh()
		}
		if got := m.text.Text(); m.text.CanUndo() || got != p.ValuesYAML && pack.Show(parse(got)) != pack.Show(parse(p.ValuesYAML)) {
			r.Fatalf("undoing everything leaves\n%s", got)
		}
	})
}

func parse(s string) pack.Values {
	v, _ := pack.ParseValues(s)
	return v
}
