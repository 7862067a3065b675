package templates

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
)

func (p *Launch) input(msg tea.Msg) tea.Cmd {
	if p.asking.Len() > 0 {
		return p.asking.Update(msg)
	}
	key, isKey := msg.(tea.KeyPressMsg)
	if isKey {
		if b, ok := bindingsOf(p.screen).Lookup(key); ok {
			return p.do(b.ID)
		}
	}
	switch p.screen {
	case screenForm:
		return p.formInput(msg)
	case screenYAML:
		if isKey && key.String() == "esc" {
			p.Escape()
			return nil
		}
		before := p.area.Version()
		if p.busy == "" && p.area.Update(msg) && p.area.Version() != before {
			p.problems, p.verdict = nil, ""
		}
	}
	return nil
}

// formInput takes a key or a paste for the form. A text field gets what it understands before the form does.
func (p *Launch) formInput(msg tea.Msg) tea.Cmd {
	f := p.form
	key, ok := msg.(tea.KeyPressMsg)
	if !ok {
		if paste, ok := msg.(tea.PasteMsg); ok && f.text() != nil && f.text().Update(paste) {
			p.typed()
		}
		if wheel, ok := msg.(tea.MouseWheelMsg); ok {
			p.preview.Update(wheel)
		}
		return nil
	}
	if c := f.text(); c != nil {
		before := c.Value()
		if c.Update(key) {
			if c.Value() != before {
				p.typed()
			}
			return nil
		}
	}
	switch key.String() {
	case "tab", "down":
		f.move(1)
	case "shift+tab", "up":
		f.move(-1)
	case "pgdown", "pgup":
		p.preview.Update(key)
	case "enter":
		return p.enter()
	case "esc":
		if !p.Escape() {
			return shell.Close(p)
		}
	case "left", "right", "space":
		p.turn(key.String())
	}
	return nil
}

// typed notes what follows from a change.
func (p *Launch) typed() {
	p.problems, p.verdict = nil, ""
	p.form.typed()
}

// enter takes what is picked and goes on; on a button it does what that says.
func (p *Launch) enter() tea.Cmd {
	f := p.form
	switch f.focus {
	case partCreate:
		return p.create(false)
	case partYAML:
		return p.toYAML()
	case partCancel:
		if !p.Escape() {
			return shell.Close(p)
		}
		return nil
	}
	if c := f.text(); c != nil && c.Take() {
		p.typed()
	}
	f.move(1)
	return nil
}

// turn changes what is chosen and not typed, or goes from button to button.
func (p *Launch) turn(key string) {
	f := p.form
	switch {
	case f.focus == partStart:
		start := !f.starts()
		f.start, f.touched = &start, true
		p.problems, p.verdict = nil, ""
	case f.focus >= partCreate && key == "left":
		f.focus = max(f.focus-1, partCreate)
	case f.focus >= partCreate:
		f.focus = min(f.focus+1, partCancel)
	}
}

// toYAML opens the manifest that the form has made.
func (p *Launch) toYAML() tea.Cmd {
	if _, ok := p.form.template(); !ok {
		return shell.Toast(theme.Warn, "YAML: choose a template first")
	}
	p.screen, p.problems, p.verdict, p.made = screenYAML, nil, "", p.form.yaml()
	p.area.SetText(p.made)
	p.made = p.area.Text()
	return nil
}
