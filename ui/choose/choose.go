// Package choose is a list that narrows while one types, the inside of pickers and of the command palette.
package choose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sahilm/fuzzy"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// maxTitle is how far to the right descriptions may begin.
const maxTitle = 24

// Item is one choice.
type Item struct {
	// ID tells the caller which; Title is what is shown. Title and Desc are searched.
	ID, Title string
	// Desc stands dim behind the title, Right at the right edge.
	Desc, Right string
	// Off items are shown dim with the Reason in place of Desc.
	Off    bool
	Reason string
}

// List holds the items, what was typed and the cursor.
type List struct {
	th    *theme.Theme
	items []Item
	query string
	shown []int // Indexes of items, best first.
	hits  [][]int
	at    int
	top   int
	// titles is the width of the column of titles.
	titles int
	last   *Item // One more item at the end, which does not take part in the search.
}

// New makes a list.
func New(th *theme.Theme, items []Item) *List {
	l := &List{th: th}
	l.SetItems(items)
	return l
}

// SetItems replaces the items; the cursor stays on its item if that is still there.
func (l *List) SetItems(items []Item) {
	current, had := l.Current()
	l.items = make([]Item, len(items))
	l.titles = 0
	for i, it := range items {
		it.Title, it.Desc, it.Right = text.Clean(it.Title), text.Clean(it.Desc), text.Clean(it.Right)
		it.Reason = text.Clean(it.Reason)
		l.items[i] = it
		l.titles = max(l.titles, min(text.Width(it.Title), maxTitle))
	}
	l.search()
	if !had {
		return
	}
	for i, k := range l.shown {
		if l.items[k].ID == current.ID {
			l.at = i
		}
	}
}

// SetLast sets the item that stands at the end whatever is typed, nil for none.
func (l *List) SetLast(it *Item) {
	l.last = it
	l.at = max(min(l.at, l.Len()-1), 0)
}

// Filter narrows the list to what matches the query, best first. Items that are off come after the others.
func (l *List) Filter(query string) {
	if query == l.query {
		return
	}
	l.query = query
	l.search()
}

func (l *List) search() {
	l.at, l.top = 0, 0
	l.shown, l.hits = l.shown[:0], nil
	if l.query == "" {
		for i := range l.items {
			l.shown = append(l.shown, i)
		}
		return
	}
	matches := fuzzy.FindFrom(l.query, titles(l.items))
	slices.SortStableFunc(matches, func(a, b fuzzy.Match) int {
		return cmp.Or(cmp.Compare(l.rank(a.Index), l.rank(b.Index)), cmp.Compare(b.Score, a.Score))
	})
	for _, m := range matches {
		l.shown = append(l.shown, m.Index)
		l.hits = append(l.hits, m.MatchedIndexes)
	}
}

// rank puts titles that begin with the query first, and items that are off last.
func (l *List) rank(i int) int {
	it := l.items[i]
	switch {
	case len(it.Title) >= len(l.query) && strings.EqualFold(it.Title[:len(l.query)], l.query):
		return 0
	case it.Off:
		return 2
	}
	return 1
}

type titles []Item

func (t titles) String(i int) string { return t[i].Title + " " + t[i].Desc }
func (t titles) Len() int            { return len(t) }

// Len is the number of items shown.
func (l *List) Len() int {
	if l.last != nil {
		return len(l.shown) + 1
	}
	return len(l.shown)
}

// Current is the item under the cursor.
func (l *List) Current() (Item, bool) {
	return l.item(l.at)
}

func (l *List) item(i int) (Item, bool) {
	switch {
	case i >= 0 && i < len(l.shown):
		return l.items[l.shown[i]], true
	case i == len(l.shown) && l.last != nil:
		return *l.last, true
	}
	return Item{}, false
}

// Move moves the cursor; it stops at both ends.
func (l *List) Move(by int) {
	l.at = max(min(l.at+by, l.Len()-1), 0)
}

// MoveTo puts the cursor on a line of the last View.
func (l *List) MoveTo(line int) bool {
	if line < 0 || l.top+line >= l.Len() {
		return false
	}
	l.at = l.top + line
	return true
}

// Range says which of the items h lines show, as "1-12 of 14"; empty when they show all.
func (l *List) Range(h int) string {
	if l.Len() <= h {
		return ""
	}
	l.follow(h)
	return fmt.Sprintf("%d-%d of %d", l.top+1, l.top+h, l.Len())
}

// follow keeps the cursor within h lines.
func (l *List) follow(h int) {
	l.top = min(l.top, l.at)
	l.top = max(l.top, l.at-h+1, 0)
}

// View returns at most h lines of exactly w cells.
func (l *List) View(w, h int) []string {
	l.follow(h)
	var lines []string
	for i := l.top; i < min(l.top+h, l.Len()); i++ {
		lines = append(lines, l.line(i, w))
	}
	return lines
}

func (l *List) line(i, w int) string {
	it, _ := l.item(i)
	cursor := i == l.at
	mark := "  "
	if cursor {
		mark = l.th.Glyphs.Cursor + " "
	}
	right := ""
	if it.Right != "" {
		right = "  " + it.Right
	}
	desc, dim := it.Desc, it.Off
	if it.Off {
		desc = it.Reason
	}
	room := max(w-text.Width(mark)-text.Width(right), 0)
	title := text.Truncate(it.Title, room, l.th.Glyphs.Ellipsis)
	if desc != "" { // Descriptions stand below each other.
		title += text.Spaces(min(l.titles-text.Width(title), room-text.Width(title)))
	}
	if desc != "" {
		desc = text.Truncate("  "+desc, room-text.Width(title), l.th.Glyphs.Ellipsis)
	}
	pad := text.Spaces(room - text.Width(title) - text.Width(desc))
	if cursor {
		return l.th.Paint(theme.Reverse, text.Block(mark+title+desc+pad+right, w, 1))
	}
	if dim {
		return text.Block(l.th.Paint(theme.Dim, mark+title+desc+pad+right), w, 1)
	}
	return text.Block(mark+l.highlight(i, title)+l.th.Paint(theme.Dim, desc)+pad+l.th.Paint(theme.Dim, right), w, 1)
}

// highlight paints the characters that matched.
func (l *List) highlight(i int, title string) string {
	if i >= len(l.hits) {
		return title
	}
	var b strings.Builder
	for k, r := range title {
		if slices.Contains(l.hits[i], k) {
			l.th.Append(&b, theme.Match, string(r))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
