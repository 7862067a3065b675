package progress

import (
	"fmt"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
)

func TestProgress(t *testing.T) {
	var items []Item
	for i := range 30 {
		items = append(items, Item{ID: fmt.Sprint(i), Title: fmt.Sprintf("vm-%d", i)})
	}
	m := New(theme.New(theme.Options{Dark: true}), "Stop 30", items)
	m.Set(Item{ID: "3", State: Running})
	m.Set(Item{ID: "20", State: Failed, Text: "timed out\x1b[2J"})
	for i := 5; i < 15; i++ {
		m.Set(Item{ID: fmt.Sprint(i), State: Done})
	}
	if got, want := m.Summary(), "10 of 30 done, 1 running, 1 failed, 18 waiting"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	m.End()
	view := theme.Strip(m.View(80, 20))
	if line := strings.Split(view, "\n")[2]; !strings.Contains(line, "✗ failed   vm-20     timed out") {
		t.Errorf("what failed is not first:\n%s", view)
	}
	m.Set(Item{ID: "20", State: Done})
	if m.counts[Failed] != 0 || m.items[0].Title != "vm-20" {
		t.Error("an item is lost after sorting")
	}
	for _, k := range []string{"j", "G", "pgup", "k", "g"} {
		m.Update(uitest.Key(k))
		box := m.View(60, 12)
		uitest.Exact(t, box, 60-2, 11)
	}
	if _, done := m.Update(uitest.Key("esc")); !done {
		t.Error("esc does not hide")
	}
}
