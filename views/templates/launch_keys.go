package templates

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/views/deck"
)

// Names of the bindings of the three screens.
const (
	bindCreate  = "create"
	bindTry     = "try"
	bindYAML    = "yaml"
	bindUndo    = "undo"
	bindRedo    = "redo"
	bindShow    = "show"
	bindAnother = "another"
)

// formBindings have no letters: those are text.
func formBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindCreate, Keys: []string{"ctrl+s"}, Label: "create", Help: "Have the server try the VM, and make it"},
		{ID: bindTry, Keys: []string{"ctrl+t"}, Label: "try", Help: "Have the server try the VM, without making it"},
		{ID: bindYAML, Keys: []string{"ctrl+y"}, Label: "YAML", Help: "Edit the VM's YAML by hand, for what the form does not have"},
	}
}

// movingBindings are known to the form and its fields, for the help.
func movingBindings() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"tab", "down"}, Label: "next field", Help: "Complete what is dim behind the cursor, or go to the next field"},
		{Keys: []string{"shift+tab", "up"}, Label: "field before", Help: "Go to the field before"},
		{Keys: []string{"enter"}, Label: "next", Help: "Take what is picked in the list and go on; on a button do what it says"},
		{Keys: []string{"ctrl+n"}, Label: "list", Help: "Open the list of completions; arrows pick, enter takes"},
		{Keys: []string{"left", "right", "space"}, Label: "change", Help: "Change what is chosen and not typed"},
		{Keys: []string{"pgup", "pgdown"}, Label: "preview", Help: "Move through the YAML"},
		{Keys: []string{"esc"}, Label: "back", Help: "Close the list, or leave; asks when something was entered"},
	}
}

func yamlBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindCreate, Keys: []string{"ctrl+s"}, Label: "create", Help: "Have the server try the VM, and make it"},
		{ID: bindTry, Keys: []string{"ctrl+t"}, Label: "try", Help: "Have the server try the VM, without making it"},
		{ID: bindUndo, Keys: []string{"ctrl+u"}, Label: "undo", Help: "Take back the last change"},
		{ID: bindRedo, Keys: []string{"ctrl+y"}, Label: "redo", Help: "Bring back what was taken back"},
	}
}

func runBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindShow, Keys: []string{"enter"}, Label: "open", Help: "Everything about the VM"},
		{ID: bindAnother, Keys: []string{"n"}, Label: "another", Help: "Make one more VM like it"},
	}
}

// mapped makes a map that is checked when the program starts, and so by every test.
func mapped(own []keys.Binding) *keys.Map {
	m, err := keys.NewMap(own...)
	if err != nil {
		panic(fmt.Sprintf("keys of the form for VMs: %v", err))
	}
	return m
}

var (
	onForm = mapped(formBindings())
	onYAML = mapped(yamlBindings())
	onRun  = deck.MustKeys(runBindings())
)

func bindingsOf(s screen) *keys.Map {
	return [...]*keys.Map{screenForm: onForm, screenYAML: onYAML, screenRun: onRun}[s]
}

// do carries out a binding.
func (p *Launch) do(id string) tea.Cmd {
	switch id {
	case bindCreate, bindTry:
		if c := p.form.text(); p.screen == screenForm && c != nil {
			c.Close()
		}
		return p.create(id == bindTry)
	case bindYAML:
		return p.toYAML()
	case bindUndo:
		p.area.Undo()
	case bindRedo:
		p.area.Redo()
	case bindShow:
		return p.show()
	case bindAnother:
		return p.another()
	default:
		cmd, _ := p.deck.Do(id)
		return cmd
	}
	if p.screen == screenYAML {
		p.problems, p.verdict = nil, ""
	}
	return nil
}

// off says why the VM may not be made where it is to be; empty: it may, or the server decides.
func (p *Launch) off() string {
	namespace := p.form.value(partNamespace)
	if p.screen == screenYAML {
		m, _ := p.current()
		namespace = m.Namespace
	}
	if v := launchingIn(p.deck, namespace); !v.Offered() && namespace != "" {
		return v.Reason
	}
	return ""
}

// Hints implements shell.Page.
func (p *Launch) Hints() []shell.Hint {
	if p.asking.Len() > 0 {
		return nil
	}
	back := shell.Hint{Key: "esc", Label: "back"}
	if p.screen == screenRun {
		return []shell.Hint{{Key: "enter", Label: "open the VM"}, {Key: "n", Label: "another"}, back, {Key: "?", Label: "help", Priority: 1}}
	}
	reason := p.off()
	create := shell.Hint{Key: "ctrl+s", Label: "create", Off: reason != "", Reason: reason}
	try := shell.Hint{Key: "ctrl+t", Label: "try", Priority: 2}
	rest := []shell.Hint{try, {Key: "ctrl+y", Label: "YAML", Priority: 1}, {Key: "tab", Label: "next field", Priority: 3}, back}
	if p.screen == screenYAML {
		rest = []shell.Hint{try, {Key: "ctrl+u", Label: "undo", Priority: 1}, {Key: "esc", Label: "form"}}
	}
	if create.Off {
		return append(rest, create)
	}
	return append([]shell.Hint{create}, rest...)
}

// Help implements shell.Page.
func (p *Launch) Help() []help.Section {
	switch p.screen {
	case screenYAML:
		return []help.Section{shell.Section("YAML", yamlBindings(), p.th.Glyphs)}
	case screenRun:
		return []help.Section{shell.Section("New VM", runBindings(), p.th.Glyphs)}
	}
	return []help.Section{shell.Section("New VM", formBindings(), p.th.Glyphs), shell.Section("Fields", movingBindings(), p.th.Glyphs)}
}

// Commands implements shell.Page.
func (p *Launch) Commands() []palette.Entry {
	var entries []palette.Entry
	for _, b := range bindingsOf(p.screen).Bindings() {
		if b.ID == "context" || b.ID == "retry" { // the program's own
			continue
		}
		e := palette.Entry{ID: b.ID, Title: b.Help, Key: b.Keys[0], Run: func(string) tea.Cmd { return p.do(b.ID) }}
		if reason := p.off(); b.ID == bindCreate && reason != "" {
			e.Disabled, e.Reason = true, reason
		}
		entries = append(entries, e)
	}
	return entries
}
