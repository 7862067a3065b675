package keys

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/theme"
)

func TestPretty(t *testing.T) {
	fancy, ascii := theme.New(theme.Options{}).Glyphs, theme.New(theme.Options{ASCII: true}).Glyphs
	for _, tt := range []struct{ key, fancy, ascii string }{
		{"enter", "⏎", "enter"},
		{"esc", "esc", "esc"},
		{"ctrl+d", "ctrl+d", "ctrl+d"},
		{"shift+up", "shift+↑", "shift+up"},
		{"+", "+", "+"},
		{"ctrl++", "ctrl++", "ctrl++"},
		{"?", "?", "?"},
	} {
		if got := Pretty(tt.key, fancy); got != tt.fancy {
			t.Errorf("Pretty(%q) = %q, want %q", tt.key, got, tt.fancy)
		}
		if got := Pretty(tt.key, ascii); got != tt.ascii {
			t.Errorf("ASCII Pretty(%q) = %q, want %q", tt.key, got, tt.ascii)
		}
	}
}

func TestMap(t *testing.T) {
	stop := Binding{ID: "stop", Keys: []string{"x", "ctrl+x"}, Label: "stop"}
	m, err := NewMap(stop, Binding{ID: "open", Keys: []string{"enter"}, Label: "open"})
	if err != nil {
		t.Fatal(err)
	}
	if b, ok := m.Lookup(tea.KeyPressMsg{Code: 'x', Mod: tea.ModCtrl}); !ok || b.ID != "stop" {
		t.Errorf("ctrl+x is %v, %v", b, ok)
	}
	if _, ok := m.Lookup(tea.KeyPressMsg{Code: 'z', Text: "z"}); ok {
		t.Error("z is bound")
	}
	if err := m.Add(Binding{ID: "cut", Keys: []string{"c", "x"}, Label: "cut"}); err == nil {
		t.Error("the same key twice is accepted")
	}
	if err := m.Add(Binding{ID: "stop", Keys: []string{"s"}}); err == nil {
		t.Error("the same ID twice is accepted")
	}
	if n := len(m.Bindings()); n != 2 {
		t.Errorf("%d bindings after refused additions", n)
	}
	if !stop.Matches(tea.KeyPressMsg{Code: 'x', Text: "x"}) {
		t.Error("x does not match")
	}
}
