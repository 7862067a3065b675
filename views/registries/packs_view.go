package registries

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/list"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

const keyAgain = "read-again"

// PacksBindings are the keys of the list of packs besides those of the table and of every screen.
func PacksBindings() []keys.Binding {
	return []keys.Binding{
		{ID: keyOpen, Keys: []string{"enter"}, Label: "open", Help: "What the pack is, its readme and its values"},
		list.FilterKey(),
		{ID: keyAgain, Keys: []string{"r"}, Label: "read again", Help: "Ask the registries again what they have"},
	}
}

var packsKeys = deck.MustKeys(PacksBindings(), table.Bindings()...)

func (p *Packs) do(id string) tea.Cmd {
	switch id {
	case keyOpen:
		if r, ok := p.list.Current(); ok {
			return p.open(r)
		}
		return nil
	case keyAgain:
		return p.read()
	}
	if cmd, ok := p.list.Do(id); ok {
		return cmd
	}
	cmd, _ := p.deck.Do(id)
	return cmd
}

// open shows the newest version of a pack.
func (p *Packs) open(r *packRow) tea.Cmd {
	if len(r.Versions) == 0 {
		reason := "It has no version."
		if r.Problem != nil {
			reason = text.Sentence(r.Problem.Error())
		}
		return shell.Toast(theme.Bad, r.title()+" cannot be opened. "+reason)
	}
	return shell.Push(NewPack(p.deck, r.registry, r.Name, r.Versions[0]))
}

// View implements shell.Page.
func (p *Packs) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	lines := p.notices(w)
	lines = append(lines, p.list.FilterView(w)...)
	room := h - len(lines)
	current, ok := p.list.Current()
	switch {
	case room <= 0:
	case !ok:
		lines = append(lines, sheet.Instead(p.th, w, room, p.instead))
	case room < belowFrom:
		lines = append(lines, p.list.View(w, room, time.Time{}))
	default:
		below := min(max(room/3, 6), 10)
		lines = append(lines, p.list.View(w, room-below-1, time.Time{}), rule(p.th, w), p.about(current, w, below))
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}

// above is how many lines stand over the table.
func (p *Packs) above() int { return len(p.notices(1)) + p.list.Query.Lines() }

func (p *Packs) notices(w int) []string {
	var all []sheet.Words
	if n := len(p.waiting); n > 0 && len(p.rows) > 0 {
		all = append(all, sheet.Words{Text: fmt.Sprintf("Waiting for %s%s", text.Listed(p.names(), 3), p.th.Glyphs.Ellipsis), Tone: theme.Info})
	}
	if len(p.rows) > 0 {
		for _, f := range p.failed {
			all = append(all, sheet.Bad(fmt.Sprintf("%s: %s", f.registry, text.Sentence(f.err.Error()))))
		}
	}
	return sheet.Notices(p.th, all, w)
}

// names are the registries that have not answered yet.
func (p *Packs) names() []string {
	var out []string
	for _, r := range p.registries {
		if p.waiting[r.Name()] {
			out = append(out, r.Name())
		}
	}
	return out
}

// instead is what is said in place of the list.
func (p *Packs) instead(s *sheet.Sheet) {
	switch {
	case len(p.rows) > 0:
		s.Say("No pack matches "+p.list.Query.Value()+".", "esc shows all.")
	case len(p.waiting) > 0:
		s.Say("Reading the packs"+p.th.Glyphs.Ellipsis, "from "+text.Listed(p.names(), 3))
	case len(p.failed) > 0:
		s.Say("No packs could be read.")
		for _, f := range p.failed {
			s.Para(0, sheet.Bad(f.registry+": "+text.Sentence(f.err.Error())))
		}
		s.Para(0, sheet.Dim("r tries again."))
	default:
		s.Say("There are no packs.", text.Listed(p.registryNames(), 3)+" answered, and has none.")
	}
}

func (p *Packs) registryNames() []string {
	var out []string
	for _, r := range p.registries {
		out = append(out, r.Name())
	}
	return out
}

// about is all that the list knows of a pack.
func (p *Packs) about(r *packRow, w, h int) string {
	return pane(p.th, w, h, func(s *sheet.Sheet) {
		s.Heading(r.title())
		if r.Problem != nil {
			s.Para(2, sheet.Bad(text.Sentence(r.Problem.Error())))
		}
		if r.Description != "" {
			s.Para(2, sheet.Plain(r.Description))
		}
		s.Fields([]sheet.Field{
			sheet.One("Name", r.Name), sheet.One("Type", r.Type), sheet.One("Registry", r.registry.Name()), sheet.One("Versions", text.Listed(r.Versions, 12)),
		})
	})
}

// Hints implements shell.Page.
func (p *Packs) Hints() []shell.Hint {
	if hints := p.list.Hints(); hints != nil {
		return hints
	}
	var out []shell.Hint
	for i, b := range PacksBindings() {
		if b.ID != keyAgain && len(p.rows) == 0 {
			continue
		}
		out = append(out, shell.Hint{Key: b.Key(p.th.Glyphs), Label: b.Label, Priority: i})
	}
	return append(out, shell.Hint{Key: "?", Label: "help"})
}

// Help implements shell.Page.
func (p *Packs) Help() []help.Section {
	return []help.Section{shell.Section("Packs", PacksBindings(), p.th.Glyphs), shell.Section("Moving", table.Bindings(), p.th.Glyphs)}
}

// Commands implements shell.Page.
func (p *Packs) Commands() []palette.Entry {
	var out []palette.Entry
	for _, b := range PacksBindings() {
		out = append(out, palette.Entry{ID: b.ID, Title: b.Help, Key: b.Keys[0], Run: func(string) tea.Cmd { return p.do(b.ID) }})
	}
	return out
}
