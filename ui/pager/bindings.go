package pager

import (
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/text"
)

// Bindings returns the keys that a pager understands, for help and for refusing the same key twice. The copying key is not among
// them: a page that shows a pager copies in its own way.
func Bindings() []keys.Binding {
	return []keys.Binding{
		{ID: "pager.down", Keys: []string{"down", "j", "enter"}, Label: "down", Help: "Next line"},
		{ID: "pager.up", Keys: []string{"up", "k"}, Label: "up", Help: "Previous line"},
		{ID: "pager.half-down", Keys: []string{"ctrl+d"}, Label: "half down", Help: "Half a page down"},
		{ID: "pager.half-up", Keys: []string{"ctrl+u"}, Label: "half up", Help: "Half a page up"},
		{ID: "pager.page-down", Keys: []string{"pgdown", "ctrl+f", "space"}, Label: "page down", Help: "One page down"},
		{ID: "pager.page-up", Keys: []string{"pgup", "ctrl+b"}, Label: "page up", Help: "One page up"},
		{ID: "pager.first", Keys: []string{"g", "home"}, Label: "first", Help: "First line"},
		{ID: "pager.last", Keys: []string{"G", "end"}, Label: "last", Help: "Last line"},
		{ID: "pager.left", Keys: []string{"left", "h"}, Label: "left", Help: "Scroll back to the left"},
		{ID: "pager.right", Keys: []string{"right", "l"}, Label: "right", Help: "Scroll to what stands beyond the right edge"},
		{ID: "pager.wrap", Keys: []string{"w"}, Label: "wrap", Help: "Break long lines, or let them run on"},
		{ID: "pager.search", Keys: []string{"/"}, Label: "search", Help: "Search while typing"},
		{ID: "pager.next", Keys: []string{"n"}, Label: "next", Help: "Next place found"},
		{ID: "pager.previous", Keys: []string{"N"}, Label: "previous", Help: "Previous place found"},
	}
}

// SetTitle changes the words at the left of the first line.
func (m *Model) SetTitle(title string) { m.title = text.Clean(title) }
