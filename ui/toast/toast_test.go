package toast

import (
	"fmt"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/ui/theme"
)

func shown(m *Model) string {
	e, _ := m.Current()
	return e.Text
}

func TestQueue(t *testing.T) {
	now := time.Unix(0, 0)
	m := New(func() time.Time { return now })
	if m.Add(theme.Good, "one\x1b[2J") == nil {
		t.Error("no timer for the first message")
	}
	for range 2 { // the second says the same as the last one waiting and is dropped
		if m.Add(theme.Good, "two") != nil {
			t.Error("a timer for a message that waits")
		}
	}
	if shown(m) != "one" {
		t.Errorf("%q is shown", shown(m))
	}
	cmd, changed := m.Update(expireMsg{m.serial})
	if cmd == nil || !changed || shown(m) != "two" {
		t.Errorf("%q is shown after one", shown(m))
	}
	if _, changed := m.Update(expireMsg{m.serial - 1}); changed {
		t.Error("an old timer counts")
	}
	if cmd := m.Add(theme.Bad, "broken"); cmd != nil || shown(m) != "broken" {
		t.Errorf("%q is shown, not the error", shown(m))
	}
	if _, changed := m.KeyPressed(); changed {
		t.Error("a key that was on its way takes the error away")
	}
	now = now.Add(2 * time.Second)
	if _, changed := m.KeyPressed(); !changed || shown(m) != "" {
		t.Errorf("%q is shown after a key", shown(m))
	}
	for i := range 200 {
		m.Add(theme.Info, fmt.Sprint(i))
	}
	if n := len(m.History()); n != maxHistory {
		t.Errorf("%d messages remembered", n)
	}
	if n := len(m.queue); n > maxQueue {
		t.Errorf("%d messages wait", n)
	}
}

// What became of the user's own doing does not wait behind news.
func TestNewsGiveWay(t *testing.T) {
	m := New(nil)
	m.Add(theme.Info, "news")
	m.Add(theme.Info, "more news")
	if cmd := m.Add(theme.Warn, "refused"); cmd == nil || shown(m) != "refused" {
		t.Errorf("%q is shown", shown(m))
	}
	if m.Add(theme.Good, "done"); shown(m) != "refused" {
		t.Errorf("%q is shown: outcomes wait for each other", shown(m))
	}
	if n := len(m.History()); n != 4 {
		t.Errorf("%d messages remembered, want all 4", n)
	}
}
