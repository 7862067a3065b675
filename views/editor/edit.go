package editor

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/combo"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
)

// editInput takes a key or a paste for the form. A text field gets what it understands before the form does.
func (p *Page) editInput(msg tea.Msg) tea.Cmd {
	f := p.form
	if paste, ok := msg.(tea.PasteMsg); ok {
		p.paste(paste)
		return nil
	}
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	if b, ok := editBindings.Lookup(k); ok {
		return p.do(b.ID)
	}
	if c := f.text(); c != nil && c.Update(msg) {
		p.typed(c)
		return nil
	}
	switch k.String() {
	case "tab", "down":
		f.move(1)
	case "shift+tab", "up":
		f.move(-1)
	case "enter":
		return p.enter()
	case "esc":
		if !p.Escape() {
			return shell.Close(p)
		}
	case "left", "right", "space":
		p.turn()
	}
	return nil
}

// typed notes what follows from a change of a text field.
func (p *Page) typed(c *combo.Model) {
	f := p.form
	if f.focus.part == partName {
		f.named = c.Value() != ""
	}
	if c.Value() != "" {
		f.subjects = appendEmpty(f.subjects, f.subjectField)
		f.namespaces = appendEmpty(f.namespaces, f.namespaceField)
	}
}

func appendEmpty(list []*combo.Model, empty func(string) *combo.Model) []*combo.Model {
	if list[len(list)-1].Value() == "" {
		return list
	}
	return append(list, empty(""))
}

// paste puts each line of what was pasted into an entry of its own, where the field is one of a list.
func (p *Page) paste(msg tea.PasteMsg) {
	f := p.form
	c := f.text()
	if c == nil {
		return
	}
	for i, line := range strings.FieldsFunc(msg.Content, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if i > 0 && f.focus.part != partSubjects && f.focus.part != partNamespaces {
			line = " " + line
		} else if i > 0 {
			f.goTo(f.entry(f.focus.part, 1<<30))
			c = f.text()
		}
		c.Update(tea.PasteMsg{Content: line})
		p.typed(c)
	}
	c.Close()
}

// enter takes what is picked and goes on; on a button it does what that says.
func (p *Page) enter() tea.Cmd {
	f := p.form
	switch f.focus.part {
	case partReview:
		return p.toReview()
	case partCancel:
		if !p.Escape() {
			return shell.Close(p)
		}
		return nil
	}
	if c := f.text(); c != nil && c.Take() {
		p.typed(c)
	}
	f.move(1)
	return nil
}

// turn changes what is chosen and not typed.
func (p *Page) turn() {
	f := p.form
	switch f.focus.part {
	case partScope:
		f.cluster = !f.cluster
	case partRoleKind:
		if f.roleKind == rbac.KindRole {
			f.roleKind = rbac.KindClusterRole
		} else {
			f.roleKind = rbac.KindRole
		}
	case partTarget:
		f.turnTarget()
	case partLists:
		f.lists = !f.lists
	case partKeep:
		keep := !f.keeps()
		f.keep = &keep
	case partReview:
		f.move(1)
	case partCancel:
		f.move(-1)
	}
}

// switchScope shows the other tab, from wherever the focus is.
func (p *Page) switchScope() {
	f := p.form
	f.cluster = !f.cluster
	if f.cluster && f.focus.part == partNamespaces {
		f.goTo(stop{part: partScope})
	}
}

// turnKind makes the subject with the focus one of the next kind.
func (p *Page) turnKind() tea.Cmd {
	c := p.form.text()
	if p.form.focus.part != partSubjects || c.Value() == "" {
		return toast("ctrl+g changes the kind of the subject that you are typing")
	}
	c.SetValue(nextKind(c.Value()))
	return nil
}

// toReview leaves the form for the review, or goes to the first field that is wrong.
func (p *Page) toReview() tea.Cmd {
	f := p.form
	if c := f.text(); c != nil {
		c.Close()
	}
	f.asked = true
	f.settle()
	p.form.propose()
	problems := f.problems()
	for _, s := range f.stops() { // in the order of the form, which is not that of the problems
		if slices.ContainsFunc(problems, func(pr problem) bool { return pr.at == s }) {
			f.goTo(s)
			f.role.Close()
			return toast(text.Count(len(problems), "field") + " to put right first")
		}
	}
	return p.startReview()
}
