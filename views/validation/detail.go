package validation

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// detail shows one result whole. It implements shell.Page and follows its result.
type detail struct {
	root   *Page
	row    *row // as it was found last
	gone   bool
	matrix bool // is shown in place of the text
	pager  *pager.Model
	grid   grid
}

func newDetail(root *Page, r *row) *detail {
	return &detail{root: root, row: r, pager: pager.New(root.th, "")}
}

const keyMatrix = "matrix" // of the details alone

var detailKeys = deck.MustKeys(detailBindings(), pager.Bindings()...)

func detailBindings() []keys.Binding {
	return []keys.Binding{
		{ID: keyMatrix, Keys: []string{"tab"}, Label: "matrix", Help: "The matrix of rights, or the result"},
		listKeys.Binding(keyFix), listKeys.Binding(keyOne), listKeys.Binding(keyCopy), listKeys.Binding(keyReport),
	}
}

// Init implements shell.Page.
func (d *detail) Init() tea.Cmd { return nil }

// Title implements shell.Page.
func (d *detail) Title() string { return d.row.name }

// Capturing implements shell.Page.
func (d *detail) Capturing() bool { return d.pager.Capturing() }

// Escape implements shell.Escaper.
func (d *detail) Escape() bool { return d.pager.Escape() }

// Changed implements shell.Changer. The list below goes on following the cluster.
func (d *detail) Changed() bool {
	d.root.seen = true
	changed := d.root.changed
	d.root.changed = false
	return changed
}

// Update implements shell.Page.
func (d *detail) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if b, ok := detailKeys.Lookup(msg); ok && !d.Capturing() {
			return d.do(b.ID)
		}
		if d.matrix {
			d.grid.key(msg.String())
			return nil
		}
		return d.pager.Update(msg)
	case tea.MouseWheelMsg:
		if d.matrix {
			d.grid.wheel(msg)
			return nil
		}
		return d.pager.Update(msg)
	case tea.PasteMsg:
		return d.pager.Update(msg)
	}
	return nil
}

// off says why a binding does nothing at the moment.
func (d *detail) off(id string) string {
	fix := d.row.result.Fix
	switch {
	case id == keyMatrix && d.row.result.Matrix == nil:
		return "the result is about nobody's rights"
	case id == keyFix && fix.Open == nil && fix.Command == "":
		return "there is nothing to open"
	}
	return ""
}

func (d *detail) do(id string) tea.Cmd {
	if reason := d.off(id); reason != "" {
		return shell.Toast(theme.Warn, id+": "+reason)
	}
	switch id {
	case keyMatrix:
		d.pager.Escape()
		d.matrix = !d.matrix
	case keyFix:
		return d.root.fix(d.row.result.Fix)
	case keyOne:
		return d.root.againOne(d.row.check.ID)
	case keyCopy:
		return deck.Copy(plainText(d.row.result), d.row.id)
	case keyReport:
		return d.root.copyReport()
	default:
		return d.root.around(id)
	}
	return nil
}

// refresh follows the result as it is found anew.
func (d *detail) refresh() {
	r := d.root.find(d.row.id)
	if d.gone = r == nil || r.result == nil; !d.gone {
		d.row = r
	}
	if d.row.result.Matrix == nil {
		d.matrix = false
	}
}

// View implements shell.Page.
func (d *detail) View(w, h int) string {
	d.root.seen = true
	if w <= 0 || h <= 0 {
		return ""
	}
	d.refresh()
	lines := d.root.notices(w)
	if d.gone {
		lines = append(lines, d.root.th.Paint(theme.Bad, text.Fit(" This is not there any more. What you see is from before; esc goes back.", w, d.root.th.Glyphs.Ellipsis)))
	}
	if rest := h - len(lines); rest > 0 {
		lines = append(lines, d.body(w, rest))
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}

func (d *detail) body(w, h int) string {
	if d.matrix {
		return d.grid.view(d.root.th, *d.row.result.Matrix, w, h)
	}
	s := &sheet.Sheet{Theme: d.root.th, Width: max(w-2, 1)}
	d.root.about(s, d.row, "tab")
	d.pager.SetTitle(d.row.id)
	d.pager.SetLines(s.Lines)
	return d.pager.View(w, h)
}

// Hints implements shell.Page.
func (d *detail) Hints() []shell.Hint {
	if d.Capturing() {
		return []shell.Hint{{Key: "enter", Label: "keep search"}, {Key: "esc", Label: "clear"}}
	}
	var hints []shell.Hint
	for i, b := range detailBindings() {
		label := b.Label
		if b.ID == keyMatrix && d.matrix {
			label = "result"
		}
		if d.off(b.ID) == "" {
			hints = append(hints, shell.Hint{Key: b.Keys[0], Label: label, Priority: 1 + i})
		}
	}
	if !d.matrix {
		hints = append(hints, shell.Hint{Key: "/", Label: "search", Priority: 6})
	}
	return append(hints, shell.Hint{Key: "esc", Label: "back"}, shell.Hint{Key: "?", Label: "help", Priority: 1})
}

// Help implements shell.Page.
func (d *detail) Help() []help.Section {
	own := shell.SectionOff("Result", detailBindings(), d.root.th.Glyphs, d.off)
	return []help.Section{own, shell.Section("Moving and searching", pager.Bindings(), d.root.th.Glyphs)}
}

// Commands implements shell.Page.
func (d *detail) Commands() []palette.Entry {
	return shell.Commands(detailBindings(), d.off, d.do)
}

// part is where one is in something longer: "3-9 of 20".
func part(first, fit, all int) string {
	return fmt.Sprintf("%d-%d of %d", min(first+1, all), min(first+fit, all), all)
}
