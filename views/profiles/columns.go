package profiles

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/look"
)

// columns are those of the list. Where it is narrow the packs give way first: they stand on the profile's page too.
func columns(th *theme.Theme) []table.Column[*row] {
	return []table.Column[*row]{
		{
			ID: "name", Title: "NAME", Min: 14, Keep: 24, Max: 63, Flex: 3, Middle: true, Compare: func(a, b *row) int { return cmp.Compare(a.ref.Name, b.ref.Name) },
			Cell: func(r *row, _ time.Time) table.Cell { return table.Cell{Text: r.ref.Name} },
		},
		{
			ID: "version", Title: "VERSION", Min: 9, Max: 20, Flex: 1, Middle: true, Priority: 1,
			Compare: func(a, b *row) int { return profile.CompareVersions(b.ref.Version, a.ref.Version) },
			Cell:    func(r *row, _ time.Time) table.Cell { return orNone(th, table.Cell{Text: r.ref.Version}) },
		},
		{
			ID: "packs", Title: "PACKS", Min: 12, Max: 80, Flex: 10, Priority: 3, Compare: func(a, b *row) int { return cmp.Compare(a.packs, b.packs) },
			Cell: func(r *row, _ time.Time) table.Cell { return packsCell(th, r) },
		},
		{
			ID: "cluster", Title: "ON THIS CLUSTER", Min: 18, Keep: 28, Max: 36, Flex: 1, Priority: 2, Compare: func(a, b *row) int { return cmp.Compare(b.stand, a.stand) },
			Cell: func(r *row, _ time.Time) table.Cell {
				l := standLook(th, r)
				return table.Cell{Text: l.Text, Tone: l.TextTone(), Prefix: l.Glyph, PrefixTone: l.Tone}
			},
		},
		{
			ID: "since", Title: "SINCE", Min: 6, Align: table.Right, Priority: 4, Compare: func(a, b *row) int { return b.since().Compare(a.since()) },
			Cell: func(r *row, now time.Time) table.Cell {
				if r.since().IsZero() {
					return orNone(th, table.Cell{})
				}
				return table.Cell{Text: text.Age(max(now.Sub(r.since()), 0))}
			},
		},
	}
}

// packsCell says what is wrong instead of what there is, since then that is what matters.
func packsCell(th *theme.Theme, r *row) table.Cell {
	switch {
	case r.trouble != "":
		words := r.trouble
		if _, short, found := strings.Cut(words, ".yaml: "); found { // the file is named on the profile's page
			words = short
		}
		return table.Cell{Text: words, Tone: theme.Bad, Prefix: th.Glyphs.Warn, PrefixTone: theme.Bad}
	case r.stored == nil:
		return table.Cell{Text: "not kept here any more", Tone: theme.Warn, Prefix: th.Glyphs.Warn, PrefixTone: theme.Warn}
	case r.packs == "":
		return table.Cell{Text: "none yet", Tone: theme.Dim}
	}
	return table.Cell{Text: r.packs}
}

// standLook says how a version is on the cluster, in a symbol and words.
func standLook(th *theme.Theme, r *row) look.Look {
	g := th.Glyphs
	l := look.Look{Text: standText(r)}
	switch r.stand {
	case running:
		l.Glyph, l.Tone = g.Dot, theme.Good
	case partly, updating:
		l.Glyph, l.Tone = g.Half, theme.Warn
	case failed:
		l.Glyph, l.Tone = g.Cross, theme.Bad
	case notKnown:
		l.Glyph, l.Tone = g.Warn, theme.Dim
	default:
		l.Glyph, l.Tone = g.Ring, theme.Dim
	}
	return l
}

// standText are the words of standLook.
func standText(r *row) string {
	switch r.stand {
	case running:
		return "Running"
	case partly:
		return "Partly, with " + r.others[0].Ref.Version
	case updating:
		return fmt.Sprintf("Updating (%s)", r.status())
	case failed:
		if r.status() == "failed" {
			return "Failed"
		}
		return fmt.Sprintf("Failed (%s)", r.status())
	case notKnown:
		return "not known"
	}
	if v := r.applied(); v != "" {
		return v + " is applied"
	}
	return "not applied"
}

func orNone(th *theme.Theme, cell table.Cell) table.Cell {
	if cell.Text == "" {
		return table.Cell{Text: th.Glyphs.None, Tone: theme.Dim}
	}
	return cell
}
