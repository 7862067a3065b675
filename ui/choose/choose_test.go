package choose

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

func TestFilter(t *testing.T) {
	l := New(theme.New(theme.Options{}), []Item{
		{ID: "1", Title: "restart"}, {ID: "2", Title: "start", Off: true, Reason: "already running"},
		{ID: "3", Title: "stop"}, {ID: "4", Title: "ns", Desc: "start somewhere"},
	})
	l.Filter("start")
	var got []string
	for i := range l.Len() {
		it, _ := l.item(i)
		got = append(got, it.ID)
	}
	if got := strings.Join(got, " "); got != "2 1 4" && got != "2 4 1" {
		t.Errorf("order %s: what begins with the query comes first", got)
	}
	l.Filter("zzz")
	if _, ok := l.Current(); ok {
		t.Error("something matches zzz")
	}
	l.SetLast(&Item{ID: "free", Title: "zzz"})
	if it, ok := l.Current(); !ok || it.ID != "free" {
		t.Errorf("current %v %v", it, ok)
	}
	l.Filter("")
	l.Move(2)
	l.SetItems([]Item{{ID: "3", Title: "stop"}, {ID: "9", Title: "new"}})
	if it, _ := l.Current(); it.ID != "3" {
		t.Errorf("the cursor went to %s", it.ID)
	}
}

func TestLinesAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String()
		l := New(theme.New(theme.Options{}), []Item{
			{Title: s.Draw(t, "title"), Desc: s.Draw(t, "desc"), Right: s.Draw(t, "right")},
			{Title: s.Draw(t, "title"), Off: true, Reason: s.Draw(t, "reason")},
		})
		l.Filter(rapid.StringN(0, 2, -1).Draw(t, "query"))
		w := rapid.IntRange(1, 60).Draw(t, "w")
		for _, line := range l.View(w, 5) {
			if text.Width(line) != w {
				t.Fatalf("%q has %d cells, want %d", line, text.Width(line), w)
			}
		}
	})
}

func TestRange(t *testing.T) {
	var items []Item
	for _, s := range []string{"a", "b", "c", "d", "e"} {
		items = append(items, Item{ID: s, Title: s})
	}
	l := New(theme.New(theme.Options{}), items)
	if got := l.Range(5); got != "" {
		t.Errorf("all are in sight, and it says %q", got)
	}
	if got := l.Range(3); got != "1-3 of 5" {
		t.Errorf("at the top it says %q", got)
	}
	l.Move(10)
	if got := l.Range(3); got != "3-5 of 5" {
		t.Errorf("at the end it says %q", got)
	}
}
