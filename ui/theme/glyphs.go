package theme

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
