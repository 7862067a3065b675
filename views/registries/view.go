package registries

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// belowFrom is the height from which what is known of the current registry stands below the list.
const belowFrom = 12

func columns(th *theme.Theme) []table.Column[*row] {
	return []table.Column[*row]{
		{ID: "name", Title: "NAME", Min: 12, Max: 32, Flex: 1, Cell: func(r *row, _ time.Time) table.Cell { return table.Cell{Text: r.name()} }},
		{ID: "kind", Title: "KIND", Min: 8, Priority: 2, Cell: func(r *row, _ time.Time) table.Cell { return table.Cell{Text: kindWord(r.registry.Kind())} }},
		{ID: "state", Title: "STATE", Min: 16, Cell: func(r *row, _ time.Time) table.Cell { return r.state(th.Glyphs) }},
		{ID: "where", Title: "WHERE", Min: 20, Flex: 2, Priority: 1, Middle: true, Cell: func(r *row, _ time.Time) table.Cell {
			return table.Cell{Text: where(r.registry), Tone: theme.Dim}
		}},
	}
}

func kindWord(k pack.RegistryKind) string {
	if k == pack.KindPublic {
		return "built in"
	}
	return string(k)
}

func kindWords(k pack.RegistryKind) string {
	return map[pack.RegistryKind]string{
		pack.KindPublic: "built into vmdeck", pack.KindFolder: "folder of charts", pack.KindHTTP: "HTTP chart repository", pack.KindOCI: "OCI registry",
	}[k]
}

func where(r pack.Registry) string {
	if r.Kind() == pack.KindPublic {
		return "in the program"
	}
	return r.Where()
}

// state is how a registry does, in a word or two.
func (r *row) state(g theme.Glyphs) table.Cell {
	switch pr := r.probe; {
	case pr.running:
		return table.Cell{Text: "testing" + g.Ellipsis, Tone: theme.Info, Prefix: g.Half, PrefixTone: theme.Info}
	case pr.at.IsZero():
		return table.Cell{Text: "not tested", Tone: theme.Dim, Prefix: g.Ring, PrefixTone: theme.Dim}
	case pr.err != nil && pr.packs > 0:
		return table.Cell{Text: text.Count(pr.packs, "pack") + ", a problem", Tone: theme.Warn, Prefix: g.Warn, PrefixTone: theme.Warn}
	case pr.err != nil:
		return table.Cell{Text: "cannot be used", Tone: theme.Bad, Prefix: g.Cross, PrefixTone: theme.Bad}
	default:
		return table.Cell{Text: text.Count(pr.packs, "pack"), Prefix: g.Dot, PrefixTone: theme.Good}
	}
}

// View implements shell.Page.
func (p *Page) View(w, h int) string {
	p.w, p.asked = w, p.now
	if w <= 0 || h <= 0 {
		return ""
	}
	lines := p.notices(w)
	current, ok := p.list.Current()
	room := h - len(lines)
	switch {
	case !p.read:
		lines = append(lines, sheet.Instead(p.th, w, room, func(s *sheet.Sheet) { s.Say("Reading the registries" + p.th.Glyphs.Ellipsis) }))
	case !ok || room < belowFrom:
		lines = append(lines, p.list.View(w, room, time.Time{}))
	default:
		above := min(max(len(p.rows)+2, 4), room/2)
		lines = append(lines, p.list.View(w, above, time.Time{}), rule(p.th, w), p.about(current, w, room-above-1))
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}

func rule(th *theme.Theme, w int) string {
	return th.Paint(theme.Dim, " "+strings.Repeat(th.Glyphs.HLine, max(w-2, 0)))
}

// notices say what the list is not, and what goes on.
func (p *Page) notices(w int) []string {
	var all []sheet.Words
	if p.trying != nil {
		all = append(all, sheet.Words{Text: "Testing " + p.trying.entry.Name + " before it is added" + p.th.Glyphs.Ellipsis + " esc gives it up.", Tone: theme.Info})
	}
	if p.readErr != nil {
		all = append(all, sheet.Bad(fmt.Sprintf("Not all registries are shown: %v.", p.readErr)))
	}
	if p.note != "" {
		all = append(all, sheet.Words{Text: p.note, Tone: theme.Info})
	}
	return sheet.Notices(p.th, all, w)
}

// about is all that is known of a registry.
func (p *Page) about(r *row, w, h int) string {
	return pane(p.th, w, h, func(s *sheet.Sheet) {
		s.Heading(r.name())
		s.Fields(p.facts(r))
	})
}

// pane draws what stands below a list.
func pane(th *theme.Theme, w, h int, write func(*sheet.Sheet)) string {
	s := &sheet.Sheet{Theme: th, Width: max(w-2, 1)}
	write(s)
	out := make([]string, len(s.Lines))
	for i, l := range s.Lines {
		out[i] = " " + l.Shown
	}
	if len(out) > h && h > 0 {
		out[h-1] = " " + th.Paint(theme.Dim, th.Glyphs.Ellipsis)
	}
	return text.Block(strings.Join(out, "\n"), w, h)
}

func (p *Page) facts(r *row) []sheet.Field {
	fields := []sheet.Field{sheet.One("Kind", kindWords(r.registry.Kind())), sheet.One("Where", where(r.registry))}
	if e := r.entry; e != nil && e.CAFile != "" {
		fields = append(fields, sheet.One("CA file", e.CAFile))
	}
	if e := r.entry; e != nil && len(e.Packs) > 0 {
		fields = append(fields, sheet.One("Packs", strings.Join(e.Packs, ", ")))
	}
	fields = append(fields, sheet.Of("Test", p.finding(r.probe)...))
	if r.entry == nil {
		return fields
	}
	users, gap := p.users(r.name())
	said := sheet.Plain("no profile that is known")
	if len(users) > 0 {
		said = sheet.Plain(text.Listed(users, 5))
	}
	values := []sheet.Words{said}
	if gap != "" {
		values = slices.DeleteFunc(append(values, sheet.Dim(gap)), func(words sheet.Words) bool { return len(users) == 0 && words == said })
	}
	return append(fields, sheet.Of("Used by", values...))
}

// finding is what the last test found.
func (p *Page) finding(pr probe) []sheet.Words {
	var out []sheet.Words
	switch {
	case pr.running && pr.at.IsZero():
		return []sheet.Words{{Text: "testing" + p.th.Glyphs.Ellipsis + " its packs are listed, and one is read", Tone: theme.Info}}
	case pr.at.IsZero():
		return []sheet.Words{sheet.Dim("not tested")}
	case pr.err != nil:
		out = append(out, sheet.Bad(text.Sentence(pr.err.Error())))
	default:
		out = append(out, sheet.Plain(pr.said+"."))
	}
	if pr.running {
		return append(out, sheet.Words{Text: "testing again" + p.th.Glyphs.Ellipsis, Tone: theme.Info})
	}
	if age := p.now.Sub(pr.at); age >= time.Minute {
		out = append(out, sheet.Dim("tested "+text.Age(age)+" ago; t tests again"))
	}
	return out
}

// plain is what is copied of a registry.
func (p *Page) plain(r *row) string {
	lines := []string{r.name() + " (" + kindWords(r.registry.Kind()) + ") " + where(r.registry)}
	for _, words := range p.finding(r.probe) {
		lines = append(lines, words.Text)
	}
	return strings.Join(lines, "\n")
}
