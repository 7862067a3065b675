package dialog

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
)

var th = theme.New(theme.Options{})

func all(s string, done Done) map[string]Dialog {
	long := strings.Split(strings.Repeat(s+"\n", 20), "\n")
	items := []choose.Item{{ID: "1", Title: s, Desc: s}, {ID: "2", Title: "two", Off: true, Reason: s}}
	picker := NewPicker(th, s, items, done)
	picker.Free, picker.Note = true, s
	return map[string]Dialog{
		"confirm": NewConfirm(th, s, long, []Button{{ID: "a", Label: s, Danger: true}, {ID: "b", Label: "other"}}, done),
		"type":    NewTypeToConfirm(th, s, long, s, "delete", done),
		"message": NewMessage(th, s, long, []Button{{ID: "copy", Label: "Copy"}}, done),
		"form": NewForm(th, s, long[:3], []Field{
			{ID: "a", Label: s, Help: s, Value: s}, {ID: "n", Label: "n", Kind: Number}, {ID: "c", Kind: Choice, Choices: []string{s, "x"}},
			{ID: "t", Kind: Toggle, Label: s, Validate: func(string) string { return s }},
		}, "OK", done),
		"picker": picker,
	}
}

// TestDialogsStayInTheFrame types anything into dialogs with any text at any size.
func TestDialogsStayInTheFrame(t *testing.T) {
	keys := []string{"tab", "shift+tab", "up", "down", "left", "right", "a", "1", "space", "enter", "pgdown", "pgup", "backspace", "y"}
	rapid.Check(t, func(t *rapid.T) {
		for name, d := range all(rapid.String().Draw(t, "s"), nil) {
			for range 10 {
				d.Update(uitest.Key(rapid.SampledFrom(keys).Draw(t, "key")))
				w, h := rapid.IntRange(40, 120).Draw(t, "w"), rapid.IntRange(10, 40).Draw(t, "h")
				box := d.View(w, h)
				bw, bh := size(box)
				if bw > w || bh > h {
					t.Fatalf("%s has %dx%d cells in %dx%d\n%s", name, bw, bh, w, h, theme.Strip(box))
				}
				if text.Block(box, bw, bh) != box {
					t.Fatalf("%s is not a clean rectangle:\n%q", name, box)
				}
			}
		}
	})
}

// TestEscapeCancels holds for every kind of dialog.
func TestEscapeCancels(t *testing.T) {
	for name := range all("x", nil) {
		t.Run(name, func(t *testing.T) {
			var got []Result
			d := all("x", func(r Result) tea.Cmd { got = append(got, r); return nil })[name]
			if _, done := d.Update(uitest.Key("esc")); !done || len(got) != 1 || got[0].OK {
				t.Errorf("done %v, results %v", done, got)
			}
		})
	}
}

func TestConfirmButtons(t *testing.T) {
	yes := []Button{{ID: "go", Label: "Go"}}
	danger := []Button{{ID: "go", Label: "Go", Danger: true}}
	for _, tt := range []struct {
		name    string
		buttons []Button
		keys    []string
		want    string
	}{
		{"enter is cancel", yes, []string{"enter"}, ""},
		{"tab enter", yes, []string{"tab", "enter"}, "go"},
		{"l enter", danger, []string{"l", "enter"}, "go"},
		{"round", danger, []string{"left", "left", "enter"}, ""},
		{"y on the harmless", yes, []string{"y"}, "go"},
		{"y on danger does nothing", danger, []string{"y", "enter"}, ""},
		{"n", yes, []string{"n"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got *Result
			c := NewConfirm(th, "t", nil, tt.buttons, func(r Result) tea.Cmd { got = &r; return nil })
			for _, k := range tt.keys {
				c.Update(uitest.Key(k))
			}
			if got == nil || got.Choice != tt.want || got.OK != (tt.want != "") {
				t.Errorf("got %+v, want %q", got, tt.want)
			}
		})
	}
}

// The focus may begin on what destroys nothing, and never on what does.
func TestConfirmFocus(t *testing.T) {
	for want, button := range map[string]Button{"go": {ID: "go"}, "": {ID: "go", Danger: true}} {
		got := "nothing"
		c := NewConfirm(th, "t", nil, []Button{{ID: "other"}, button}, func(r Result) tea.Cmd { got = r.Choice; return nil }).Focus("go")
		if c.Update(uitest.Key("enter")); got != want {
			t.Errorf("enter answers %q, want %q", got, want)
		}
	}
}

func TestNothingIsTypedToConfirmNothing(t *testing.T) {
	c := NewTypeToConfirm(th, "t", nil, "", "delete", nil)
	if _, done := c.Update(uitest.Key("enter")); done {
		t.Error("an empty text confirms")
	}
}

func TestPasteIsQuietToo(t *testing.T) {
	now := time.Unix(0, 0)
	s := NewStack(func() time.Time { return now })
	c := NewTypeToConfirm(th, "t", nil, "web", "delete", nil)
	s.Open(c)
	s.Update(tea.PasteMsg{Content: "web"})
	if c.field.Value() != "" {
		t.Error("a paste is taken at once")
	}
	now = now.Add(Quiet)
	s.Update(tea.PasteMsg{Content: "web"})
	if c.field.Value() != "web" {
		t.Error("a paste is not taken later")
	}
}

// TestMessageReplaced holds that a message that says more than before keeps the focus on the button that had it.
func TestMessageReplaced(t *testing.T) {
	var got []string
	m := NewMessage(th, "before", nil, []Button{{ID: "a"}, {ID: "b"}}, func(r Result) tea.Cmd { got = append(got, r.Choice); return nil })
	m.Update(uitest.Key("tab"))
	m.Update(uitest.Key("tab"))
	m.Replace("after", []string{"more"}, theme.Good, []Button{{ID: "new"}, {ID: "a"}, {ID: "b"}})
	if view := theme.Strip(m.View(40, 10)); !strings.Contains(view, "after") || !strings.Contains(view, "more") {
		t.Error(view)
	}
	m.Update(uitest.Key("enter"))
	m.Replace("last", nil, theme.Good, nil)
	m.Update(uitest.Key("enter"))
	if len(got) != 2 || got[0] != "b" || got[1] != "" {
		t.Errorf("chosen %q, want b, and Close where b is gone", got)
	}
}
