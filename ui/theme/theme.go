// Package theme gives meaning a look. It uses the sixteen colours of the terminal's own palette and text attributes only,
// so vmdeck follows the user's scheme, light or dark, and nothing is told by colour alone.
package theme

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// Tone is what a piece of text means. The theme decides how that looks.
type Tone uint8

// The tones. Normal is the terminal's default text.
const (
	Normal  Tone = iota
	Dim          // Of less interest: units, placeholders, what is off.
	Good         // As it should be.
	Warn         // Between states, or soon a problem.
	Bad          // Failed, or destroys something.
	Info         // A neutral state worth a colour.
	Accent       // Belongs together: tab, cursor, what was typed.
	Strong       // Headings and keys.
	Header       // Column titles.
	Marked       // A row that the user marked.
	Reverse      // The cursor's row, the focused button.
	Match        // What a search found.
	toneEnd
)

// Options choose a theme. The zero value is the default for a light terminal with colours.
type Options struct {
	// Dark says that the terminal's background is dark.
	Dark bool
	// NoColor leaves bold, faint, reverse and underline only.
	NoColor bool
	// ASCII draws symbols and frames with ASCII characters.
	ASCII bool
	// Name picks a variant; "" and "default" are the palette, "plain" is the same as NoColor.
	Name string
}

// Theme is a set of styles and symbols. It never changes after New and may be shared.
type Theme struct {
	Glyphs Glyphs
	styles [toneEnd]lipgloss.Style
	prefix [toneEnd]string
}

const reset = "\x1b[m"

// New builds a theme.
func New(o Options) *Theme {
	t := &Theme{Glyphs: unicodeGlyphs}
	if o.ASCII {
		t.Glyphs = asciiGlyphs
	}
	noColor := o.NoColor || o.Name == "plain"
	for tone := range toneEnd {
		t.styles[tone] = style(tone, o.Dark, noColor)
		t.prefix[tone] = prefix(t.styles[tone])
	}
	return t
}

func style(tone Tone, dark, noColor bool) lipgloss.Style {
	s := lipgloss.NewStyle()
	switch tone {
	case Dim:
		return s.Faint(true)
	case Strong:
		return s.Bold(true)
	case Header:
		return s.Bold(true)
	case Reverse:
		return s.Reverse(true)
	case Match:
		return s.Underline(true).Bold(true)
	}
	if noColor {
		return plain(tone, s)
	}
	// Cyan reads badly on white and blue reads badly on black.
	calm := lipgloss.Blue
	if dark {
		calm = lipgloss.Cyan
	}
	switch tone {
	case Good:
		return s.Foreground(lipgloss.Green)
	case Warn:
		return s.Foreground(lipgloss.Yellow)
	case Bad:
		return s.Foreground(lipgloss.Red)
	case Info:
		return s.Foreground(calm)
	case Accent:
		return s.Foreground(calm).Bold(true)
	case Marked:
		return s.Foreground(lipgloss.Magenta).Bold(true)
	}
	return s
}

func plain(tone Tone, s lipgloss.Style) lipgloss.Style {
	switch tone {
	case Bad, Accent, Marked:
		return s.Bold(true)
	case Warn:
		return s.Underline(true)
	}
	return s
}

// prefix returns the SGR sequence that a style starts with.
func prefix(s lipgloss.Style) string {
	before, _, found := strings.Cut(s.Render("x"), "x")
	if !found {
		return ""
	}
	return before
}

// Style returns the lipgloss style of a tone, for what Paint cannot do.
func (t *Theme) Style(tone Tone) lipgloss.Style {
	return t.styles[clamp(tone)]
}

// Paint styles one line of text. It does not look at the text, which makes it cheap enough for every cell of a table.
func (t *Theme) Paint(tone Tone, s string) string {
	p := t.prefix[clamp(tone)]
	if p == "" || s == "" {
		return s
	}
	return p + s + reset
}

// Append is Paint into a builder.
func (t *Theme) Append(b *strings.Builder, tone Tone, s string) {
	p := t.prefix[clamp(tone)]
	if p == "" || s == "" {
		b.WriteString(s)
		return
	}
	b.WriteString(p)
	b.WriteString(s)
	b.WriteString(reset)
}

func clamp(tone Tone) Tone {
	if tone >= toneEnd {
		return Normal
	}
	return tone
}

// Strip takes all styling out of s, for plain views and tests.
func Strip(s string) string {
	return ansi.Strip(s)
}
