package combo

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
)

func field(choose bool) *Model {
	m := New(theme.New(theme.Options{}), "who")
	m.Choose = choose
	m.Items = func(string) []Item {
		return []Item{{"vm-admin", "everything"}, {"vm-user", "uses VMs"}, {"vm-viewer", ""}, {"admin", "of Kubernetes"}}
	}
	return m
}

func keys(m *Model, names ...string) (last bool) {
	for _, n := range names {
		last = m.Update(uitest.Key(n))
	}
	return last
}

func shown(m *Model) string { return ansi.Strip(m.Popup(60, 10)) }

func TestListNarrows(t *testing.T) {
	m := field(false)
	if m.Opened() {
		t.Fatal("open before anything was typed")
	}
	keys(m, "a", "d")
	list := shown(m)
	if strings.Contains(list, "vm-user") || strings.Index(list, "admin") > strings.Index(list, "vm-admin") || !strings.Contains(list, "of Kubernetes") {
		t.Errorf("typed ad:\n%s", list)
	}
	keys(m, "m", "i", "n")
	if m.Opened() {
		t.Errorf("open over what is there already:\n%s", shown(m))
	}
	if keys(m, "x"); m.Opened() {
		t.Error("open without anything to show")
	}
}

func TestTypedTextCountsUntilAnItemIsPicked(t *testing.T) {
	m := field(false)
	keys(m, "v", "m")
	if m.Take() || m.Value() != "vm" {
		t.Errorf("taken without having been picked: %q", m.Value())
	}
	if keys(m, "up") {
		t.Error("up from the text is the list's")
	}
	keys(m, "down", "down", "down", "down", "up")
	if !m.Take() || m.Value() != "vm-user" || m.Opened() {
		t.Errorf("picked %q", m.Value())
	}
	if keys(m, "tab") || keys(m, "esc") {
		t.Error("tab and esc are the caller's when there is nothing to complete")
	}
}

func TestChooseTakesTheBest(t *testing.T) {
	m := field(true)
	keys(m, "v", "i", "e")
	if !m.Take() || m.Value() != "vm-viewer" {
		t.Errorf("took %q", m.Value())
	}
	m.SetValue("")
	m.Open()
	if keys(m, "down", "tab"); m.Value() != "vm-user" {
		t.Errorf("tab took %q", m.Value())
	}
}

func TestTabContinues(t *testing.T) {
	m := field(false)
	keys(m, "v", "m", "-", "a")
	if !keys(m, "tab") || m.Value() != "vm-admin" {
		t.Errorf("tab made it %q", m.Value())
	}
	keys(m, "backspace")
	if !keys(m, "esc") || m.Opened() || m.Value() != "vm-admi" {
		t.Error("esc closes the list and nothing else")
	}
	if keys(m, "ctrl+n"); !m.Opened() {
		t.Error("ctrl+n opens it again")
	}
}

func TestRefreshKeepsWhatIsPicked(t *testing.T) {
	m := field(false)
	m.Refresh()
	if m.Opened() {
		t.Error("a refresh opens the list")
	}
	keys(m, "v", "m", "down", "down")
	m.Items = func(string) []Item { return []Item{{"vm-new", ""}, {"vm-admin", ""}, {"vm-user", ""}} }
	m.Refresh()
	if it, ok := m.Picked(); !ok || it.Value != "vm-user" || !strings.Contains(shown(m), "vm-new") {
		t.Errorf("picked %v\n%s", it, shown(m))
	}
}

// One long name neither pushes the descriptions of the others out nor away, and has the line to itself where nothing is said of it.
func TestDescriptionsUseTheRoom(t *testing.T) {
	m := field(false)
	long := "system:controller:" + strings.Repeat("x", 30)
	m.Items = func(string) []Item {
		return []Item{{"vm-admin", "VM administrator"}, {long, ""}, {long, "everything with VMs"}}
	}
	m.Open()
	for w, want := range map[int]string{80: "vm-admin" + strings.Repeat(" ", 39) + "VM administrator", 54: long, 34: "VM administrator", 30: "VM administrator"} {
		if list := ansi.Strip(m.Popup(w, 10)); !strings.Contains(list, want) {
			t.Errorf("%d cells do not show %q:\n%s", w, want, list)
		}
	}
}

// What is in the field already is one of the items: the key for the list then shows what else there is.
func TestTheKeyForTheListShowsAllWhereTheTextIsAnItem(t *testing.T) {
	m := field(false)
	m.Items = func(string) []Item { return []Item{{"team-a", ""}, {"team-b", ""}, {"other", ""}} }
	m.SetValue("team-a")
	keys(m, "ctrl+n")
	if it, ok := m.Picked(); !m.Opened() || !ok || it.Value != "team-a" {
		t.Fatalf("opened %v, picked %v", m.Opened(), it)
	}
	m.Refresh()
	keys(m, "down", "tab")
	if m.Value() != "team-b" || m.Opened() {
		t.Errorf("took %q", m.Value())
	}
	m.SetValue("team-")
	keys(m, "ctrl+n")
	if len(m.shown) != 2 {
		t.Errorf("a text that is none of them shows %v", m.shown)
	}
}

func TestPopupFits(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := field(rapid.Bool().Draw(r, "choose"))
		names := rapid.SliceOf(rapid.String()).Draw(r, "names")
		m.Items = func(string) (out []Item) {
			for _, n := range names {
				out = append(out, Item{n, n})
			}
			return out
		}
		m.Open()
		for range rapid.IntRange(0, 9).Draw(r, "steps") {
			if rapid.Bool().Draw(r, "paste") {
				m.Update(tea.PasteMsg{Content: rapid.String().Draw(r, "pasted")})
			} else {
				keys(m, rapid.SampledFrom([]string{"down", "up", "pgdown", "pgup", "a", "backspace", "ctrl+n", "esc", "tab"}).Draw(r, "key"))
			}
		}
		w, h := rapid.IntRange(0, 80).Draw(r, "w"), rapid.IntRange(0, 12).Draw(r, "h")
		popup := m.Popup(w, h)
		if popup == "" {
			return
		}
		lines := strings.Split(popup, "\n")
		if len(lines) > h || text.Width(lines[0]) > w || text.Block(popup, text.Width(lines[0]), len(lines)) != popup {
			r.Fatalf("%d×%d:\n%q", w, h, popup)
		}
	})
}
