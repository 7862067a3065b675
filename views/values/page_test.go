package values

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/internal/drive"
)

// below is what esc leads to.
type below struct{}

func (below) Init() tea.Cmd             { return nil }
func (below) Update(tea.Msg) tea.Cmd    { return nil }
func (below) View(int, int) string      { return "what was there before" }
func (below) Title() string             { return "Before" }
func (below) Hints() []shell.Hint       { return nil }
func (below) Help() []help.Section      { return nil }
func (below) Commands() []palette.Entry { return nil }
func (below) Capturing() bool           { return false }

// over opens the page over another one.
func over(t *testing.T, overrides string, kept *string, test func(d *drive.Driver)) {
	t.Helper()
	m := orchestrator(t, overrides)(theme.New(theme.Options{Dark: true}))
	drive.Bubble(t, func(t *testing.T) {
		page := NewPage(m, "Values", func(o string) tea.Cmd { *kept = o; return nil })
		d := drive.New(t, shell.New(shell.Options{Theme: theme.New(theme.Options{Dark: true}), Pages: []shell.Page{below{}}}), 80, 24, func() {})
		d.Send(shell.Push(page)())
		d.Pass(time.Second)
		test(d)
	})
}

func TestPageLeave(t *testing.T) {
	const untouched = "untouched"
	for name, tt := range map[string]struct {
		keys []string
		kept string // overrides that contain this; empty: none
		left bool
	}{
		"unchanged":     {[]string{"esc"}, untouched, true},
		"field first":   {[]string{"tab", "tab", "esc", "esc"}, untouched, true},
		"asked":         {[]string{"j", "enter", "esc"}, untouched, false},
		"stays":         {[]string{"j", "enter", "esc", "enter"}, untouched, false},
		"drops":         {[]string{"j", "enter", "esc", "tab", "tab", "enter"}, untouched, true},
		"keeps":         {[]string{"j", "enter", "esc", "tab", "enter"}, "access: direct", true},
		"accepts":       {[]string{"j", "enter", "ctrl+s"}, "access: direct", true},
		"asks what":     {[]string{"j", "j", "j", "enter", "ctrl+s"}, untouched, false},
		"all the same":  {[]string{"j", "j", "j", "enter", "ctrl+s", "tab", "enter"}, "identityProvider: tenant", true},
		"broken stays":  {[]string{"tab", "tab", "{", "ctrl+s"}, untouched, false},
		"back to start": {[]string{"j", "enter", "u", "esc"}, untouched, true},
	} {
		t.Run(name, func(t *testing.T) {
			kept := untouched
			over(t, "", &kept, func(d *drive.Driver) {
				d.Press(tt.keys...)
				if !strings.Contains(kept, tt.kept) {
					t.Errorf("kept %q, want %q", kept, tt.kept)
				}
				if d.Has("what was there before") != tt.left {
					t.Errorf("left: %v, want %v\n%s", !tt.left, tt.left, d.Plain())
				}
			})
		})
	}
}
