package wizard

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// mostNotes is how many lines the notes under a step may take.
const mostNotes = 4

// stepView draws the strip of the steps, the step, and what there is to say about it.
func (p *Page) stepView(w, h int) string {
	notes := p.notes(w)
	room := h - 2
	if len(notes) > 0 {
		room -= len(notes) + 1
	}
	body := text.Block(p.screen.view(w, max(room, 1)), w, max(room, 1))
	out := p.strip(w) + "\n\n" + body
	if len(notes) > 0 {
		out += "\n\n" + strings.Join(notes, "\n")
	}
	return out
}

// notes are what was just said, and what is being worked out.
func (p *Page) notes(w int) []string {
	var out []string
	put := func(tone theme.Tone, words string) {
		for _, line := range text.Wrap(text.Clean(words), max(w-2, 8)) {
			out = append(out, " "+p.th.Paint(tone, line))
		}
	}
	if p.note != "" {
		put(p.tone, p.note)
	}
	if p.settling && p.onward {
		put(theme.Dim, "Reading the packs"+p.th.Glyphs.Ellipsis)
	}
	return out[:min(len(out), mostNotes)]
}

// strip shows the steps as numbers with names, and in a narrow terminal only where one is.
func (p *Page) strip(w int) string {
	var parts []string
	width := 1
	for s := range step(steps) {
		words := fmt.Sprintf("%d %s", s+1, s)
		width += text.Width(words) + 3
		tone := theme.Dim
		switch {
		case s == p.draft.Step:
			tone = theme.Reverse
		case s < p.draft.Step:
			tone = theme.Normal
		}
		parts = append(parts, p.th.Paint(tone, words))
	}
	if width-3 > w {
		return " " + p.th.Paint(theme.Dim, fmt.Sprintf("Step %d of %d: ", p.draft.Step+1, steps)) + p.th.Paint(theme.Strong, p.draft.Step.String())
	}
	between := "›"
	if p.th.Glyphs.ASCII {
		between = ">"
	}
	return " " + strings.Join(parts, p.th.Paint(theme.Dim, " "+between+" "))
}

// saysKept says where the draft is, or that it is nowhere.
func (p *Page) saysKept() tea.Cmd {
	if p.path == "" {
		return shell.Toast(theme.Warn, "drafts are kept nowhere")
	}
	return shell.Toast(theme.Info, "the draft is kept")
}

// formView draws a form under words about the step.
func formView(f *form, words string, w, h int) string {
	var out []string
	for _, line := range text.Wrap(words, max(w-2, 8)) {
		out = append(out, " "+f.th.Paint(theme.Dim, line))
	}
	out = append(out, "")
	lines, first, last := f.lines(min(w-2, widestForm))
	for _, line := range scrolled(lines, first, last, max(h-len(out), 1), &f.top) {
		out = append(out, " "+line)
	}
	return strings.Join(out, "\n")
}

// widestForm is the width beyond which lines are tiring to read.
const widestForm = 100
