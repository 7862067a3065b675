package templates

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/views/deck"
)

// detail is one template whole, with its YAML. It implements shell.Page.
type detail struct {
	root  *Page
	t     template.Template
	gone  bool
	pager *pager.Model

	w       int    // that the lines were made for
	version string // and of which template
	changed bool
}

func newDetail(root *Page, t template.Template) *detail {
	return &detail{root: root, t: t, pager: pager.New(root.th, "")}
}

// Init implements shell.Page.
func (d *detail) Init() tea.Cmd { return nil }

// Title implements shell.Page.
func (d *detail) Title() string { return d.t.Title }

// Capturing implements shell.Page.
func (d *detail) Capturing() bool { return d.pager.Capturing() }

// Escape implements shell.Escaper.
func (d *detail) Escape() bool { return d.pager.Escape() }

// Changed implements shell.Changer.
func (d *detail) Changed() bool {
	changed := d.changed
	d.changed = false
	return changed
}

func detailBindings() []keys.Binding {
	var own []keys.Binding
	for _, b := range Bindings() {
		switch b.ID {
		case keyLaunch, keyEdit, keyDelete, keyCopy:
			own = append(own, b)
		}
	}
	return own
}

var detailKeys = deck.MustKeys(detailBindings(), pager.Bindings()...)

// Update implements shell.Page.
func (d *detail) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if b, ok := detailKeys.Lookup(msg); ok && !d.Capturing() {
			return d.do(b.ID)
		}
		return d.pager.Update(msg)
	case tea.PasteMsg, tea.MouseWheelMsg:
		return d.pager.Update(msg)
	case deck.Event:
		if msg.Deck == d.root.deck && msg.Delta == nil {
			d.changed = true
			d.follow()
		}
	}
	return nil
}

// follow takes in the template as it was read last.
func (d *detail) follow() {
	s := d.root.deck.Templates()
	t, ok := s.Find(d.t.Name)
	if d.gone = !ok && !s.At.IsZero(); ok {
		d.t = t
	}
}

func (d *detail) verdict(id string) vm.Verdict {
	if d.gone && id != keyCopy {
		return vm.Verdict{Cause: vm.State, Reason: "the template is gone"}
	}
	return verdict(d.root.deck, id, true)
}

func (d *detail) do(id string) tea.Cmd {
	if v := d.verdict(id); v.Off() {
		return explain(d.root.deck, listKeys.Binding(id).Label, v)
	}
	return d.root.on(id, d.t)
}

// Hints implements shell.Page.
func (d *detail) Hints() []shell.Hint {
	if d.Capturing() {
		return []shell.Hint{{Key: "enter", Label: "keep search"}, {Key: "esc", Label: "clear"}}
	}
	var on, off []shell.Hint
	for _, b := range detailBindings() {
		on, off = hint(on, off, b.ID, d.verdict(b.ID))
	}
	on = append(on, shell.Hint{Key: "/", Label: "search", Priority: 3}, shell.Hint{Key: "esc", Label: "back"}, shell.Hint{Key: "?", Label: "help", Priority: 1})
	return append(on, off...)
}

// Help implements shell.Page.
func (d *detail) Help() []help.Section {
	own := shell.Section("Template", detailBindings(), d.root.th.Glyphs)
	for i, b := range detailBindings() {
		if v := d.verdict(b.ID); !v.Offered() {
			own.Lines[i].Off = v.Reason
		}
	}
	return []help.Section{own, shell.Section("Moving and searching", pager.Bindings(), d.root.th.Glyphs)}
}

// Commands implements shell.Page.
func (d *detail) Commands() []palette.Entry {
	var entries []palette.Entry
	for _, b := range detailBindings() {
		v := d.verdict(b.ID)
		entries = append(entries, palette.Entry{ID: b.ID, Title: b.Help, Key: b.Keys[0], Disabled: !v.Offered(), Reason: v.Reason, Run: func(string) tea.Cmd { return d.do(b.ID) }})
	}
	return entries
}

// View implements shell.Page.
func (d *detail) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	if version := d.t.UID + d.t.ResourceVersion; d.w != w || d.version != version {
		d.w, d.version = w, version
		d.pager.SetTitle(text.Clean(d.t.Title))
		d.pager.SetLines(d.lines(w - 2))
	}
	notices := d.root.notices()
	if d.gone {
		notices = append([]sheet.Words{sheet.Bad("This template is gone. What you see is from before; esc goes back.")}, notices...)
	}
	body := ""
	for _, line := range sheet.Notices(d.root.th, notices, w) {
		body += line + "\n"
		h--
	}
	return text.Block(body+d.pager.View(w, max(h, 0)), w, h+len(sheet.Notices(d.root.th, notices, w)))
}

// lines are the facts, and the YAML.
func (d *detail) lines(w int) []pager.Line {
	s := &sheet.Sheet{Theme: d.root.th, Width: max(w, 10)}
	if d.t.Description != "" {
		s.Para(0, sheet.Plain(d.t.Description))
		s.Gap()
	}
	s.Fields(facts(d.t, d.root.th.Glyphs))
	s.Heading("YAML")
	manifest, err := d.t.Manifest()
	if err != nil {
		s.Para(0, sheet.Bad(err.Error()))
		return s.Lines
	}
	return append(s.Lines, pager.YAML(manifest, d.root.th)...)
}
