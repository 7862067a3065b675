// Package area is a text of many lines that the user edits, such as YAML.
package area

import (
	"slices"
	"strings"
	"unicode/utf8"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// maxBytes bounds what typing and pasting can make of a text: it is read anew with every key.
const maxBytes = 1 << 20

// Mark is a symbol of one cell in front of a line.
type Mark struct {
	Symbol string
	Tone   theme.Tone
}

// Model is the text with its cursor. Characters that could act on a terminal, or that nobody would see, are kept as they are and shown as
// a question mark.
type Model struct {
	th    *theme.Theme
	lines []string // never empty
	at    position
	goal  int // the column that the cursor goes back to when it moves up and down; -1: the one it is in

	top, left int // the first line and the first cell shown
	height    int // of the last View

	undo, redo []step
	typing     kind // what the last change was, to join those that belong together
	version    uint64

	drawn    uint64 // the version that shown was made for
	safe     []string
	coloured []string
}

// position is a place in the text, from 0.
type position struct{ line, col int } // the column counts characters

// New makes an empty text.
func New(th *theme.Theme) *Model {
	return &Model{th: th, lines: []string{""}, goal: -1, version: 1}
}

// SetText begins with another text: nothing can be undone then.
func (m *Model) SetText(s string) {
	m.lines, m.at, m.goal, m.top, m.left = split(s), position{}, -1, 0, 0
	m.undo, m.redo, m.typing = nil, nil, ""
	m.version++
}

// Replace changes the text by other means than keys. It is one step to undo. The cursor stays on its line.
func (m *Model) Replace(s string) { m.replace(s, once) }

// Join is Replace, together with what the last Join with the same name changed: as one step to undo.
func (m *Model) Join(s, name string) { m.replace(s, kind("join "+name)) }

func (m *Model) replace(s string, k kind) {
	if s == m.Text() {
		return
	}
	m.keep(k)
	m.lines = split(s)
	m.clamp()
	m.version++
}

// Text is the whole text. It ends with a line end, unless it is empty.
func (m *Model) Text() string {
	if len(m.lines) == 1 && m.lines[0] == "" {
		return ""
	}
	s := strings.Join(m.lines, "\n")
	if !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return s
}

// Version changes whenever the text does.
func (m *Model) Version() uint64 { return m.version }

// Line is the line of the cursor, from 1.
func (m *Model) Line() int { return m.at.line + 1 }

// Lines is how many lines there are.
func (m *Model) Lines() int { return len(m.lines) }

// GoTo puts the cursor on a line, counted from 1, behind its indentation, with the lines around it in sight.
func (m *Model) GoTo(line int) {
	m.at.line = line - 1
	m.clamp()
	m.at.col = indentation(m.lines[m.at.line])
	m.goal, m.typing = -1, ""
	if h := max(m.height, 1); m.at.line < m.top || m.at.line >= m.top+h {
		m.top = max(m.at.line-h/3, 0)
	}
}

// Indent is how many spaces the cursor's line begins with.
func (m *Model) Indent() int { return indentation(m.lines[m.at.line]) }

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

func (m *Model) clamp() {
	m.at.line = max(min(m.at.line, len(m.lines)-1), 0)
	m.at.col = max(min(m.at.col, m.length(m.at.line)), 0)
}

func (m *Model) length(line int) int { return utf8.RuneCountInString(m.lines[line]) }

// split makes lines of a text; the line end at the end of a text begins no line. Tabs become spaces: YAML takes none, and they have no width.
func split(s string) []string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\t", "  ")
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// cut returns what stands before and behind a column.
func cut(line string, col int) (before, after string) {
	for i := range line {
		if col == 0 {
			return line[:i], line[i:]
		}
		col--
	}
	return line, ""
}

// insert puts a text of any number of lines where the cursor is.
func (m *Model) insert(s string) {
	if s == "" || len(s)+m.bytes() > maxBytes {
		return
	}
	added := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\t", "  "), "\n")
	before, after := cut(m.lines[m.at.line], m.at.col)
	last := len(added) - 1
	col := utf8.RuneCountInString(added[last])
	if last == 0 {
		col += m.at.col
	}
	added[0] = before + added[0]
	added[last] += after
	m.lines = slices.Concat(m.lines[:m.at.line], added, m.lines[m.at.line+1:])
	m.at = position{m.at.line + last, col}
	m.version++
}

// remove takes out what stands between two positions, and puts the cursor there.
func (m *Model) remove(from, to position) {
	before, _ := cut(m.lines[from.line], from.col)
	_, after := cut(m.lines[to.line], to.col)
	m.lines = slices.Concat(m.lines[:from.line], []string{before + after}, m.lines[to.line+1:])
	m.at = from
	m.version++
}

func (m *Model) bytes() int {
	n := 0
	for _, line := range m.lines {
		n += len(line) + 1
	}
	return n
}

// disarm makes a line that can be shown, character for character.
func disarm(line string) string {
	if text.Clean(line) == line {
		return line
	}
	var b strings.Builder
	for _, r := range line {
		if s := string(r); r != utf8.RuneError && text.Clean(s) == s && text.Width(s) > 0 {
			b.WriteRune(r)
			continue
		}
		b.WriteByte('?')
	}
	return b.String()
}

// Find puts the cursor on the next place of a text, from the cursor on or behind it, and from the top again after the last; it reports false
// when there is none. Case counts only where the text has capitals.
func (m *Model) Find(s string, behind bool) bool {
	if s == "" {
		return false
	}
	fold := func(s string) string { return s }
	if strings.ToLower(s) == s {
		fold = strings.ToLower
	}
	from := m.at.col
	if behind {
		from++
	}
	for i := range len(m.lines) + 1 {
		line := m.lines[(m.at.line+i)%len(m.lines)]
		_, rest := cut(line, from)
		if i > 0 {
			from, rest = 0, line
		}
		if at := strings.Index(fold(rest), s); at >= 0 {
			m.GoTo((m.at.line+i)%len(m.lines) + 1)
			m.at.col = from + utf8.RuneCountInString(fold(rest)[:at])
			return true
		}
	}
	return false
}
