package theme

import "strings"

// Glyphs are the symbols of a theme. Each takes one cell.
type Glyphs struct {
	Dot, Half, Ring, Cross, Warn, Pause, Mark string // States.
	Arrow, Ellipsis, Cursor, Up, Down, None   string
	On, Off, Bullet                           string // Toggles and list items.
	HLine, VLine, Bar                         string // Rules, the edge of a tab, a scroll bar.
	TopLeft, TopRight, BottomLeft, BottomRight,
	Top, Side string // Frames of dialogs.
	// Keys maps names of keys to short symbols.
	Keys map[string]string
	// ASCII says that this set has only ASCII characters.
	ASCII bool
}

// Arrows puts this set's arrow into a sentence in place of "→", by which packages that know no theme write what leads to what.
func (g Glyphs) Arrows(s string) string { return strings.ReplaceAll(s, unicodeGlyphs.Arrow, g.Arrow) }

var unicodeGlyphs = Glyphs{
	Dot: "●", Half: "◐", Ring: "○", Cross: "✗", Warn: "▲", Pause: "‖", Mark: "✓",
	Arrow: "→", Ellipsis: "…", Cursor: "▸", Up: "▲", Down: "▼", None: "–",
	On: "■", Off: "□", Bullet: "•",
	HLine: "─", VLine: "┃", Bar: "┃",
	TopLeft: "╭", TopRight: "╮", BottomLeft: "╰", BottomRight: "╯", Top: "─", Side: "│",
	Keys: map[string]string{"enter": "⏎", "up": "↑", "down": "↓", "left": "←", "right": "→"},
}

var asciiGlyphs = Glyphs{
	Dot: "*", Half: "~", Ring: "o", Cross: "x", Warn: "!", Pause: "=", Mark: "+",
	Arrow: ">", Ellipsis: "~", Cursor: ">", Up: "^", Down: "v", None: "-",
	On: "x", Off: ".", Bullet: "*",
	HLine: "-", VLine: "|", Bar: "|",
	TopLeft: "+", TopRight: "+", BottomLeft: "+", BottomRight: "+", Top: "-", Side: "|",
	ASCII: true,
}
