package shell

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/uitest"
)

// TestRandomInput presses whatever comes and looks at every frame.
func TestRandomInput(t *testing.T) {
	names := []string{
		"j", "k", "G", "g", "space", "V", "ctrl+a", "ctrl+d", "pgup", "left", "right", "enter", "esc", "tab", "x", "d", "c",
		"o", "s", "e", "?", ":", "/", "1", "2", "n", "N", "w", "y", "up", "down", "backspace", "ctrl+w", "q", "t", "ctrl+l", "home",
	}
	rapid.Check(t, func(t *rapid.T) {
		c := &clock{epoch}
		var m tea.Model = sample(c.now)
		w, h := 80, 24
		send := func(msg tea.Msg) {
			for range 4 { // Follow what the shell sends itself; timers are left out.
				var cmd tea.Cmd
				m, cmd = m.Update(msg)
				if msg = own(cmd); msg == nil {
					break
				}
			}
			uitest.Exact(t, m.View().Content, w, h)
		}
		send(tea.WindowSizeMsg{Width: w, Height: h})
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			c.pass(time.Duration(rapid.IntRange(0, 900).Draw(t, "ms")) * time.Millisecond)
			switch rapid.IntRange(0, 9).Draw(t, "kind") {
			case 0:
				w, h = rapid.IntRange(1, 130).Draw(t, "w"), rapid.IntRange(1, 50).Draw(t, "h")
				send(tea.WindowSizeMsg{Width: w, Height: h})
			case 1:
				send(tea.MouseClickMsg{X: rapid.IntRange(0, w).Draw(t, "x"), Y: rapid.IntRange(0, h).Draw(t, "y"), Button: tea.MouseLeft})
			case 2:
				send(tea.PasteMsg{Content: rapid.String().Draw(t, "paste")})
			case 3:
				id := rapid.SampledFrom([]string{"id-000", "id-050", "new"}).Draw(t, "id")
				send(changed{[]*thing{{id: id, name: rapid.String().Draw(t, "name"), status: "Stopped"}}})
			default:
				send(uitest.Key(rapid.SampledFrom(names).Draw(t, "key")))
			}
		}
	})
}

// own runs a command if it only carries a message of the shell.
func own(cmd tea.Cmd) tea.Msg {
	if cmd == nil {
		return nil
	}
	done := make(chan tea.Msg, 1)
	go func() { done <- cmd() }()
	select {
	case msg := <-done:
		switch msg.(type) {
		case pushMsg, popMsg, openMsg, toastMsg, switchTabMsg:
			return msg
		}
	case <-time.After(20 * time.Millisecond):
	}
	return nil
}

func BenchmarkFrame(b *testing.B) {
	_, m, _ := start(b, 160, 50)
	b.ReportAllocs()
	for b.Loop() {
		m.dirty = true
		m.View()
	}
}

func BenchmarkCursorDown(b *testing.B) {
	_, m, _ := start(b, 160, 50)
	b.ReportAllocs()
	keys := []tea.Msg{uitest.Key("j"), uitest.Key("k")}
	for i := 0; b.Loop(); i++ {
		m.Update(keys[i%2])
		m.View()
	}
}
