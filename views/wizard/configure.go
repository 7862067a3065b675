package wizard

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/values"
)

// configure is the step of the packs' values: an editor for each pack, one after the other in the order in which they were chosen, so that a
// choice comes before what comes along with it. The editors are the page's, so that text that is no YAML yet is there again when one comes back.
type configure struct {
	page *Page
	said []string // what the last choice did to other packs
}

func newConfigure(p *Page) screen { return &configure{page: p} }

// layers are the packs that could be read.
func (c *configure) layers() []*profile.Layer {
	var out []*profile.Layer
	for _, ref := range c.page.draft.Packs {
		if l := c.page.resolved.Layer(ref.Name); l != nil {
			out = append(out, l)
		}
	}
	return out
}

// layer is the pack that is shown; nil: none can be read.
func (c *configure) layer() *profile.Layer {
	all := c.layers()
	if len(all) == 0 {
		return nil
	}
	i := max(c.place(), 0)
	c.page.draft.Pack = all[i].Ref.Name
	return all[i]
}

// place is where the pack that is shown is among all; below zero: nowhere.
func (c *configure) place() int {
	return slices.IndexFunc(c.layers(), func(l *profile.Layer) bool { return l.Ref.Name == c.page.draft.Pack })
}

// turnPage shows the pack after or before; false: there is none.
func (c *configure) turnPage(by int) bool {
	all, i := c.layers(), c.place()+by
	if i < 0 || i >= len(all) {
		return false
	}
	c.page.draft.Pack, c.said, c.page.did = all[i].Ref.Name, nil, nil
	return true
}

// editor is that of the pack which is shown; nil: no pack can be read.
func (c *configure) editor() *values.Model {
	l := c.layer()
	if l == nil {
		return nil
	}
	e := c.page.editors[l.Ref.Name]
	if e == nil || e.version != l.Ref.Version {
		ref, _ := c.page.draft.profile().Pack(l.Ref.Name)
		e = &editor{values.New(c.page.th, l.Pack, l.Base, ref.Values), l.Ref.Version}
		c.page.editors[l.Ref.Name] = e
	}
	e.OnChange = func() tea.Cmd { return c.changed(l.Ref.Name, e.Model) }
	return e.Model
}

// editor is that of a version of a pack.
type editor struct {
	*values.Model
	version string
}

// changed takes over what was changed in an editor: into its pack, and into the packs that share the choice.
func (c *configure) changed(name string, m *values.Model) tea.Cmd {
	p := c.page
	l := p.resolved.Layer(name)
	if l == nil {
		return nil
	}
	before := l.Values
	if !p.setOverrides(name, m.Overrides()) {
		return nil
	}
	c.said = nil
	for _, other := range shared(p.resolved, name, before, m.Values()) {
		if p.setValues(other.name, other.values, other.base) {
			c.said = append(c.said, other.said)
		}
	}
	l.Values = m.Values() // until the rest is worked out, so that the next change is compared with this one
	p.did = nil
	return tea.Batch(p.touch(), p.settle())
}

func (c *configure) update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok && c.layer() == nil {
		if k.String() == "enter" {
			return c.page.next()
		}
		return nil
	}
	m := c.editor()
	if m == nil {
		return nil
	}
	return m.Update(msg)
}

func (c *configure) typing() bool {
	m := c.editor()
	return m != nil && m.Capturing()
}

func (c *configure) escape() bool {
	m := c.editor()
	return m != nil && m.Escape()
}

// refresh gives the editors what other packs need of theirs by now.
func (c *configure) refresh() tea.Cmd {
	p := c.page
	for name, e := range p.editors {
		if l := p.resolved.Layer(name); l != nil {
			e.SetBase(l.Base)
		} else {
			delete(p.editors, name)
		}
	}
	return nil
}

// fault says what is wrong with the pack that is shown, or on the last one with any.
func (c *configure) fault() string {
	p := c.page
	if problem := p.packsProblem(); problem != "" {
		return problem
	}
	m := c.editor()
	if m == nil {
		return ""
	}
	if wrong := m.Problems(); len(wrong) > 0 {
		more := ""
		if len(wrong) > 1 {
			more = fmt.Sprintf(" And %d more.", len(wrong)-1)
		}
		here := m.ShowProblem().String()
		return fmt.Sprintf("%s cannot be installed like this: %s.%s", c.layer().Pack.DisplayName, strings.TrimSuffix(here, "."), more)
	}
	if c.place() < len(c.layers())-1 || len(p.problems) == 0 {
		return ""
	}
	if i := p.problems[0].Index; p.problems[0].Field == "Packs" && i < len(p.draft.Packs) {
		p.draft.Pack = p.draft.Packs[i].Name
	}
	return p.problems[0].Text
}

// finish takes over what is typed in a line before the step goes on.
func (c *configure) finish() tea.Cmd {
	m := c.editor()
	if m == nil {
		return nil
	}
	return m.Finish()
}

func (c *configure) bindings() []keys.Binding { return values.Bindings() }

// commands implements commander.
func (c *configure) commands() []palette.Entry {
	m := c.editor()
	if m == nil {
		return nil
	}
	return m.Commands()
}

func (c *configure) hints() []shell.Hint {
	m := c.editor()
	if m == nil {
		return []shell.Hint{{Key: "enter", Label: "next step"}}
	}
	label := "next step"
	if c.place() < len(c.layers())-1 {
		label = "next pack"
	}
	return append([]shell.Hint{{Key: "ctrl+n", Label: label}}, m.Hints()...)
}

func (c *configure) view(w, h int) string {
	th, l := c.page.th, c.layer()
	if l == nil {
		words := "The profile has no packs to configure."
		if c.page.settling {
			words = "Reading the packs" + th.Glyphs.Ellipsis
		} else if problem := c.page.packsProblem(); problem != "" {
			words = problem
		}
		return strings.Join(painted(th, theme.Dim, words, w), "\n")
	}
	head := " " + th.Paint(theme.Strong, text.Clean(l.Pack.DisplayName+" "+l.Pack.Version)) +
		th.Paint(theme.Dim, fmt.Sprintf("  pack %d of %d", c.place()+1, len(c.layers())))
	var notes []string
	for _, said := range append(slices.Clone(c.said), c.page.did...) {
		for _, line := range text.Wrap(text.Clean(said), max(w-2, 8)) {
			notes = append(notes, " "+th.Paint(theme.Info, line))
		}
	}
	notes = notes[:min(len(notes), mostNotes)]
	room := max(h-1-len(notes), 1)
	out := head + "\n" + text.Block(c.editor().View(w, room), w, room)
	if len(notes) > 0 {
		out += "\n" + strings.Join(notes, "\n")
	}
	return out
}
