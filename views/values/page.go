package values

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Page is the editor on a screen of its own. It implements shell.Page.
type Page struct {
	*Model
	title string
	// accept gets the overrides.
	accept func(overrides string) tea.Cmd
	asking *dialog.Stack
}

const keyAccept = "values.accept"

// PageBindings are the keys of the page besides those of the editor.
func PageBindings() []keys.Binding {
	return []keys.Binding{{ID: keyAccept, Keys: []string{"ctrl+s"}, Label: "keep", Help: "Keep these values and go back"}}
}

var pageKeys = deck.MustKeys(append(PageBindings(), Bindings()...))

// NewPage makes a page of an editor. accept is called with the overrides when they are to be kept, and the page closes; it runs inside
// Update and must not block.
func NewPage(m *Model, title string, accept func(overrides string) tea.Cmd) *Page {
	return &Page{Model: m, title: title, accept: accept, asking: dialog.NewStack(nil)}
}

// Init implements shell.Page.
func (p *Page) Init() tea.Cmd { return nil }

// Title implements shell.Page.
func (p *Page) Title() string { return p.title }

// Update implements shell.Page.
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	if p.asking.Len() > 0 {
		p.changed = true
		return p.asking.Update(msg)
	}
	if key, ok := msg.(tea.KeyPressMsg); ok {
		if b, ok := pageKeys.Lookup(key); ok && b.ID == keyAccept {
			return p.keep()
		}
	}
	return p.Model.Update(msg)
}

// View implements shell.Page.
func (p *Page) View(w, h int) string {
	body := p.Model.View(w, h)
	if p.asking.Len() > 0 {
		body = p.asking.View(text.Block(body, w, h), w, h)
	}
	return body
}

// Capturing implements shell.Page: a text field has the focus, or a question is open.
func (p *Page) Capturing() bool { return p.asking.Len() > 0 || p.Model.Capturing() }

// Escape implements shell.Escaper: it leaves a field, and asks before anything is lost.
func (p *Page) Escape() bool {
	if p.Model.Escape() {
		return true
	}
	if !p.Edited() {
		return false
	}
	p.ask(dialog.NewConfirm(p.th, "Leave the values as they were?", []string{"What you changed here is not kept yet."},
		[]dialog.Button{{ID: "keep", Label: "Keep the changes"}, {ID: "drop", Label: "Drop them", Danger: true}},
		func(r dialog.Result) tea.Cmd {
			switch r.Choice {
			case "keep":
				return p.keep()
			case "drop":
				return shell.Close(p)
			}
			return nil
		}))
	return true
}

func (p *Page) ask(d dialog.Dialog) {
	p.changed = true
	p.asking.Open(d)
}

// keep hands the overrides over. Values that are wrong can be kept, but not by mistake; text that is no YAML cannot.
func (p *Page) keep() tea.Cmd {
	p.list.finish()
	p.refresh()
	problems := p.Problems()
	switch {
	case p.now.broken != nil:
		p.show(yaml)
		p.nextLine()
		return shell.Toast(theme.Bad, "The values cannot be kept before they are YAML: "+p.now.broken.Error())
	case len(problems) == 0:
		return p.done()
	}
	body := []string{fmt.Sprintf("The profile cannot be applied before %s put right:", isAre(len(problems))), ""}
	const most = 5
	for _, problem := range problems[:min(len(problems), most)] {
		body = append(body, p.th.Glyphs.Bullet+" "+text.Clean(problem.String()))
	}
	if more := len(problems) - most; more > 0 {
		body = append(body, fmt.Sprintf("and %d more", more))
	}
	p.ask(dialog.NewConfirm(p.th, "Keep values that are not in order?", body, []dialog.Button{{ID: "keep", Label: "Keep all the same"}},
		func(r dialog.Result) tea.Cmd {
			if r.Choice != "keep" {
				return nil
			}
			return p.done()
		}))
	return nil
}

func isAre(n int) string {
	if n == 1 {
		return "1 problem is"
	}
	return fmt.Sprintf("%d problems are", n)
}

func (p *Page) done() tea.Cmd { return tea.Sequence(shell.Close(p), p.accept(p.Overrides())) }

// Hints implements shell.Page.
func (p *Page) Hints() []shell.Hint {
	own := shell.Hint{Key: "ctrl+s", Label: "keep"}
	return append([]shell.Hint{own}, p.Model.Hints()...)
}

// Help implements shell.Page.
func (p *Page) Help() []help.Section {
	sections := p.Model.Help()
	own := shell.Section("", PageBindings(), p.th.Glyphs)
	sections[0].Lines = append(own.Lines, sections[0].Lines...)
	return sections
}

// Commands implements shell.Page.
func (p *Page) Commands() []palette.Entry {
	own := palette.Entry{ID: keyAccept, Title: "Keep these values and go back", Key: "ctrl+s", Run: func(string) tea.Cmd { return p.keep() }}
	return append([]palette.Entry{own}, p.Model.Commands()...)
}
