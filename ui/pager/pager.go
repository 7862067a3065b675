// Package pager shows text that is longer than the screen: manifests, descriptions, logs, help.
package pager

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"vmdeck.dev/vmdeck/ui/input"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Line is one line twice: as it is searched and copied, and as it is shown.
type Line struct{ Plain, Shown string }

// Plain makes a line of foreign text.
func Plain(s string) Line {
	s = text.Clean(s)
	return Line{Plain: s, Shown: s}
}

// Styled makes a line from our own styled text.
func Styled(s string) Line {
	return Line{Plain: ansi.Strip(s), Shown: s}
}

// PlainLines makes lines of foreign text, one per line of s.
func PlainLines(s string) []Line {
	var out []Line
	for l := range strings.SplitSeq(strings.TrimSuffix(text.CleanLines(s), "\n"), "\n") {
		out = append(out, Plain(l))
	}
	return out
}

// Model is the pager.
type Model struct {
	// Copied is called with the number of bytes when the text goes to the clipboard, for a toast. Nil is allowed.
	Copied func(bytes int) tea.Cmd

	th    *theme.Theme
	title string
	lines []Line
	wrap  bool
	rows  []row // Lines as they are shown, after wrapping.
	rowsW int

	top, left  int
	h, w       int // Of the text in the last View.
	search     *input.Model
	searching  bool
	query      string
	hits       []int // Indexes of lines.
	hit        int
	longest    int
	unfindable bool // The last search found nothing.
}

// row is what one line of the screen shows.
type row struct {
	line  int
	shown string
}

// New makes an empty pager with a title.
func New(th *theme.Theme, title string) *Model {
	m := &Model{th: th, title: text.Clean(title), search: input.New(th)}
	m.search.Prompt = "/"
	return m
}

// SetLines replaces the text. The position stays if it can.
func (m *Model) SetLines(lines []Line) {
	m.lines = lines
	m.rows, m.longest = nil, 0
	for _, l := range lines {
		m.longest = max(m.longest, text.Width(l.Plain))
	}
	m.find()
}

// Text is the whole text as it is copied.
func (m *Model) Text() string {
	var b strings.Builder
	for _, l := range m.lines {
		b.WriteString(l.Plain)
		b.WriteByte('\n')
	}
	return b.String()
}

// Capturing reports whether a search is being typed.
func (m *Model) Capturing() bool { return m.searching }

// Escape undoes the search; it reports false when there was none.
func (m *Model) Escape() bool {
	had := m.searching || m.query != ""
	m.searching = false
	m.search.SetValue("")
	m.setQuery("")
	return had
}

// Update scrolls, searches and copies.
func (m *Model) Update(msg tea.Msg) tea.Cmd {
	if m.searching {
		m.edit(msg)
		return nil
	}
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return m.key(msg.String())
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelDown:
			m.top += 3
		case tea.MouseWheelUp:
			m.top -= 3
		}
		m.clamp()
	}
	return nil
}

func (m *Model) key(k string) tea.Cmd {
	page := max(m.h-1, 1)
	switch k {
	case "down", "j", "enter":
		m.top++
	case "up", "k":
		m.top--
	case "pgdown", "ctrl+f", "space":
		m.top += page
	case "pgup", "ctrl+b":
		m.top -= page
	case "ctrl+d":
		m.top += max(page/2, 1)
	case "ctrl+u":
		m.top -= max(page/2, 1)
	case "g", "home":
		m.top = 0
	case "G", "end":
		m.top = len(m.rows)
	case "right", "l":
		m.left += 8
	case "left", "h":
		m.left -= 8
	case "w":
		m.toggleWrap()
	case "/":
		m.searching = true
	case "n":
		m.next(1)
	case "N":
		m.next(-1)
	case "y":
		return m.copy()
	}
	m.clamp()
	return nil
}

func (m *Model) copy() tea.Cmd {
	s := m.Text()
	set := tea.SetClipboard(s)
	if m.Copied == nil {
		return set
	}
	return tea.Batch(set, m.Copied(len(s)))
}

func (m *Model) toggleWrap() {
	line := 0
	if m.top < len(m.rows) {
		line = m.rows[m.top].line
	}
	m.wrap, m.rows, m.left = !m.wrap, nil, 0
	m.layout()
	m.show(line, 0)
}

func (m *Model) clamp() {
	m.layout()
	m.top = max(min(m.top, len(m.rows)-m.h), 0)
	m.left = max(min(m.left, m.longest-m.w), 0)
	if m.wrap {
		m.left = 0
	}
}

// layout makes the rows of the screen from the lines of the text.
func (m *Model) layout() {
	if m.rows != nil && (!m.wrap || m.rowsW == m.w) {
		return
	}
	m.rows, m.rowsW = make([]row, 0, len(m.lines)), m.w
	for i, l := range m.lines {
		if !m.wrap || m.w <= 0 || text.Width(l.Plain) <= m.w {
			m.rows = append(m.rows, row{i, l.Shown})
			continue
		}
		for s := range strings.SplitSeq(ansi.Hardwrap(l.Shown, m.w, true), "\n") {
			m.rows = append(m.rows, row{i, s})
		}
	}
}

// View draws a title line and the text in exactly w×h cells.
func (m *Model) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	m.w, m.h = max(w-2, 1), max(h-1, 1)
	m.clamp()
	var b strings.Builder
	b.WriteString(m.head(w))
	for y := range h - 1 {
		b.WriteString("\n ")
		if i := m.top + y; i < len(m.rows) {
			b.WriteString(m.row(i))
		}
	}
	return text.Block(b.String(), w, h)
}

func (m *Model) row(i int) string {
	r := m.rows[i]
	if m.query != "" && m.isHit(r.line) {
		return m.highlight(i)
	}
	if m.left == 0 {
		return text.Truncate(r.shown, m.w, "")
	}
	return ansi.Cut(r.shown, m.left, m.left+m.w)
}

// highlight shows a line that the search found without its own colours, so that the place stands out.
func (m *Model) highlight(i int) string {
	plain := ansi.Strip(m.rows[i].shown)
	tone := theme.Match
	if m.hit < len(m.hits) && m.hits[m.hit] == m.rows[i].line {
		tone = theme.Reverse
	}
	var b strings.Builder
	for rest := plain; ; {
		at := strings.Index(strings.ToLower(rest), m.query)
		if at < 0 || at+len(m.query) > len(rest) {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:at])
		m.th.Append(&b, tone, rest[at:at+len(m.query)])
		rest = rest[at+len(m.query):]
	}
	return ansi.Cut(b.String(), m.left, m.left+m.w)
}

func (m *Model) head(w int) string {
	if m.searching {
		return text.Block(" "+m.search.View(max(w-2, 1), true), w, 1)
	}
	g := m.th.Glyphs
	right := fmt.Sprintf("%d-%d of %d ", min(m.top+1, len(m.rows)), min(m.top+m.h, len(m.rows)), len(m.rows))
	switch {
	case m.unfindable:
		right = "not found: " + m.query + "  " + right
	case m.query != "":
		right = fmt.Sprintf("/%s %d of %d  ", m.query, m.hit+1, len(m.hits)) + right
	}
	right = text.Truncate(right, max(w-2, 0), g.Ellipsis)
	left := text.Fit(" "+m.title, max(w-text.Width(right)-1, 0), g.Ellipsis)
	return text.Block(m.th.Paint(theme.Strong, left)+" "+m.th.Paint(theme.Dim, right), w, 1)
}
