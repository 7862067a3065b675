package rights

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

func rolesBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindOpen, Keys: []string{"enter"}, Label: "rules", Help: "Everything about the role, with its rules"},
		{ID: bindUse, Keys: []string{"u"}, Label: "use", Help: "Open the rule editor with this role"},
		{ID: bindWhoCan, Keys: []string{"w"}, Label: "who can", Help: "Show who can do what the cursor is on"},
		{ID: bindFilter, Keys: []string{"/"}, Label: "find role", Help: "Go to a role by its name"},
		{ID: bindInstall, Keys: []string{"I"}, Label: "install", Help: "Install the catalogue's roles or bring them up to date, after a preview"},
		{ID: bindCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy the role as YAML to the clipboard of your terminal"},
	}
}

// Names of the bindings that move the cursor.
const (
	moveUp       = "up"
	moveDown     = "down"
	moveLeft     = "left"
	moveRight    = "right"
	moveTop      = "top"
	moveBottom   = "bottom"
	moveFirst    = "first"
	moveLast     = "last"
	moveHalfDown = "half-down"
	moveHalfUp   = "half-up"
)

func movingBindings() []keys.Binding {
	return []keys.Binding{
		{ID: moveDown, Keys: []string{"down", "j"}, Label: "down", Help: "Next action"},
		{ID: moveUp, Keys: []string{"up", "k"}, Label: "up", Help: "Previous action"},
		{ID: moveRight, Keys: []string{"right", "l"}, Label: "right", Help: "Next role"},
		{ID: moveLeft, Keys: []string{"left", "h"}, Label: "left", Help: "Previous role"},
		{ID: moveTop, Keys: []string{"g"}, Label: "top", Help: "First action"},
		{ID: moveBottom, Keys: []string{"G"}, Label: "bottom", Help: "Last action"},
		{ID: moveFirst, Keys: []string{"home", "0"}, Label: "first", Help: "First role"},
		{ID: moveLast, Keys: []string{"end", "$"}, Label: "last", Help: "Last role"},
		{ID: moveHalfDown, Keys: []string{"ctrl+d", "pgdown"}, Label: "half down", Help: "Five actions down"},
		{ID: moveHalfUp, Keys: []string{"ctrl+u", "pgup"}, Label: "half up", Help: "Five actions up"},
	}
}

var (
	rolesKeys  = deck.MustKeys(rolesBindings(), movingBindings()...)
	movingKeys = deck.MustKeys(movingBindings())
)

// steer moves the cursor by a key.
func (p *Roles) steer(msg tea.KeyPressMsg) {
	b, _ := movingKeys.Lookup(msg)
	switch b.ID {
	case moveDown:
		p.move(0, 1)
	case moveUp:
		p.move(0, -1)
	case moveRight:
		p.move(1, 0)
	case moveLeft:
		p.move(-1, 0)
	case moveTop:
		p.move(0, -len(p.needs))
	case moveBottom:
		p.move(0, len(p.needs))
	case moveFirst:
		p.move(-len(p.columns), 0)
	case moveLast:
		p.move(len(p.columns), 0)
	case moveHalfDown:
		p.move(0, 5)
	case moveHalfUp:
		p.move(0, -5)
	}
}

func (p *Roles) do(id string) tea.Cmd {
	switch id {
	case bindOpen:
		return p.open()
	case bindUse:
		return p.use()
	case bindWhoCan:
		need := p.needs[p.row].ID
		return func() tea.Msg { return deck.ShowWhoCan{Need: need} }
	case bindFilter:
		return p.pickRole()
	case bindInstall:
		return p.install()
	case bindCopy:
		return p.copyRole()
	}
	return retry(p.deck, id)
}

// open shows everything about the role in a pager. Colours take a while, so they are made beside the screen.
func (p *Roles) open() tea.Cmd {
	c, th := p.current(), p.th
	about := p.story(c, true)
	return func() tea.Msg {
		body, err := yaml.Marshal(c.object())
		if err != nil {
			return shell.Toast(theme.Bad, fmt.Sprintf("show the role %s: %v", c.name(), err))()
		}
		var lines []pager.Line
		for _, n := range about {
			for _, part := range text.Wrap(text.Clean(n.Text), 100) {
				lines = append(lines, pager.Styled(th.Paint(n.Tone, part)))
			}
		}
		lines = append(append(lines, pager.Plain("")), pager.YAML(string(body), th)...)
		view := pager.New(th, c.ref.String())
		view.Copied = func(int) tea.Cmd { return shell.Toast(theme.Info, "copied, if your terminal allows it (OSC 52)") }
		view.SetLines(lines)
		return shell.OpenDialog(&pager.Overlay{Model: view})()
	}
}

// use opens the rule editor with the role; a role of a namespace can be bound there only.
func (p *Roles) use() tea.Cmd {
	c := p.current()
	if p.known() && c.standing == binding.Missing {
		return shell.Toast(theme.Warn, c.name()+" is not on this cluster; I installs it")
	}
	rule := rbac.BindingRule{RoleKind: c.ref.Kind, RoleName: c.ref.Name}
	if c.ref.Namespace != "" {
		rule.Namespaces = []string{c.ref.Namespace}
	}
	return func() tea.Msg { return deck.EditRule{Rule: rule} }
}

func (p *Roles) copyRole() tea.Cmd {
	c := p.current()
	body, err := yaml.Marshal(c.object())
	if err != nil {
		return shell.Toast(theme.Bad, fmt.Sprintf("copy the role %s: %v", c.name(), err))
	}
	return deck.Copy(string(body), c.name()+" as YAML")
}

func (p *Roles) pickRole() tea.Cmd {
	var items []choose.Item
	for _, c := range p.columns {
		item := choose.Item{ID: c.ref.String(), Title: c.name(), Desc: c.ref.Kind}
		if c.role != nil {
			item.Desc = c.role.Title
		}
		items = append(items, item)
	}
	return shell.OpenDialog(dialog.NewPicker(p.th, "Role", items, func(r dialog.Result) tea.Cmd {
		if i := slices.IndexFunc(p.columns, func(c column) bool { return c.ref.String() == r.Choice }); r.OK && i >= 0 {
			p.at = i
		}
		return nil
	}))
}

// Hints implements shell.Page.
func (p *Roles) Hints() []shell.Hint {
	off := p.installOff()
	install := shell.Hint{Key: "I", Label: "install", Priority: 1, Off: off != "", Reason: off}
	hints := []shell.Hint{{Key: "enter", Label: "rules"}, {Key: "u", Label: "use in a rule", Priority: 1}}
	if off == "" {
		hints = append(hints, install)
	}
	hints = append(hints, shell.Hint{Key: "w", Label: "who can", Priority: 1}, shell.Hint{Key: "/", Label: "find role", Priority: 2},
		shell.Hint{Key: "y", Label: "copy", Priority: 3}, shell.Hint{Key: "?", Label: "help"})
	if off != "" {
		hints = append(hints, install)
	}
	return hints
}

// Help implements shell.Page.
func (p *Roles) Help() []help.Section {
	own := shell.Section("Roles", rolesBindings(), p.th.Glyphs)
	for i, b := range rolesBindings() {
		if b.ID == bindInstall {
			own.Lines[i].Off = p.installOff()
		}
	}
	g := p.th.Glyphs
	signs := help.Section{Title: "Signs", Lines: []help.Line{
		{Key: g.Mark, Text: "the role permits the action"},
		{Key: g.None, Text: "it does not; what it lacks stands below"},
		{Key: g.Warn, Text: "the catalogue's role of that name says otherwise"},
		{Key: g.Ring, Text: "the role is not on this cluster: what the catalogue says is shown"},
	}}
	return []help.Section{own, shell.Section("Moving", movingBindings(), g), signs}
}

// Commands implements shell.Page.
func (p *Roles) Commands() []palette.Entry {
	off := p.installOff()
	return []palette.Entry{
		{ID: "role", Title: "Go to a role", Key: "/", Run: func(string) tea.Cmd { return p.pickRole() }},
		{ID: "use", Title: "Use the role in a rule", Key: "u", Run: func(string) tea.Cmd { return p.use() }},
		{ID: "install", Title: "Install the catalogue's roles", Key: "I", Disabled: off != "", Reason: off, Run: func(string) tea.Cmd { return p.install() }},
		{ID: "who-can", Title: "Who can do what the cursor is on", Key: "w", Run: func(string) tea.Cmd { return p.do(bindWhoCan) }},
	}
}
