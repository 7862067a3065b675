package wizard

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/input"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// level is one of the questions by which a pack is chosen.
type level int

const (
	levelType level = iota
	levelRegistry
	levelPack
	levelVersion
	levels int = iota
)

var levelNames = [levels]string{"Pack Type", "Registry", "Pack Name", "Version"}

// chooser adds a pack, or changes the version of one: type, registry, name, version. What is typed narrows the list.
type chooser struct {
	page   *Page
	level  level
	first  level // beyond it esc closes
	chosen [levels]string
	list   *choose.List
	query  *input.Model
}

func newChooser(p *Page) inner {
	c := &chooser{page: p, list: choose.New(p.th, nil), query: input.New(p.th)}
	c.show(levelType)
	return c
}

// newVersions is the chooser for another version of a pack of the profile.
func newVersions(p *Page, ref profile.PackRef) inner {
	c := &chooser{page: p, first: levelVersion, list: choose.New(p.th, nil), query: input.New(p.th)}
	c.chosen[levelRegistry], c.chosen[levelPack] = ref.Registry, ref.Name
	c.show(levelVersion)
	return c
}

func (c *chooser) show(l level) {
	c.level = l
	c.query.SetValue("")
	c.query.Placeholder = "type to search"
	c.list = choose.New(c.page.th, c.items())
}

func (c *chooser) refresh() { c.list.SetItems(c.items()) }

func (c *chooser) items() []choose.Item {
	switch c.level {
	case levelType:
		return c.types()
	case levelRegistry:
		return append(c.registries(), choose.Item{ID: "", Title: "+ add a registry" + c.page.th.Glyphs.Ellipsis})
	case levelPack:
		return c.packs()
	}
	return c.versions()
}

func (c *chooser) update(msg tea.Msg) (tea.Cmd, bool) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		c.typed(msg)
		return nil, false
	}
	switch k.String() {
	case "up", "ctrl+k":
		c.list.Move(-1)
	case "down", "ctrl+j":
		c.list.Move(1)
	case "pgup":
		c.list.Move(-10)
	case "pgdown":
		c.list.Move(10)
	case "ctrl+r":
		return c.readme(), false
	case "ctrl+t":
		return c.page.askAnew(), false
	case "enter", "tab":
		return c.take()
	case "shift+tab":
		return nil, !c.escape()
	default:
		c.typed(msg)
	}
	return nil, false
}

func (c *chooser) typed(msg tea.Msg) {
	before := c.query.Value()
	if c.query.Update(msg) && c.query.Value() != before {
		c.list.Filter(c.query.Value())
	}
}

// take chooses what the cursor is on; the version is the last question.
func (c *chooser) take() (tea.Cmd, bool) {
	it, ok := c.list.Current()
	if !ok {
		return nil, false
	}
	if it.Off {
		return c.page.complain(text.Sentence(it.Title + ": " + it.Reason)), false
	}
	if c.level == levelRegistry && it.ID == "" {
		return c.page.toRegistries(), false
	}
	c.chosen[c.level] = it.ID
	if c.level != levelVersion {
		c.show(c.level + 1)
		return nil, false
	}
	p, name := c.page, c.chosen[levelPack]
	ref, at := p.draft.profile().Pack(name)
	ref.Registry, ref.Name, ref.Version = c.chosen[levelRegistry], name, it.ID
	refs := p.draft.profile().Packs
	if at < 0 {
		refs = append(refs, ref)
	} else {
		refs[at] = ref
	}
	p.draft.Packs = refs
	return p.packsChanged(), true
}

// readme shows that of the pack under the cursor, or of the version.
func (c *chooser) readme() tea.Cmd {
	it, ok := c.list.Current()
	switch {
	case !ok || c.level < levelPack:
		return c.page.complain("Packs have readmes; choose one first.")
	case c.level == levelVersion:
		return c.page.readme(c.chosen[levelRegistry], c.chosen[levelPack], it.ID)
	}
	return c.page.readme(c.chosen[levelRegistry], it.ID, it.Right)
}

func (c *chooser) escape() bool {
	if c.query.Value() != "" {
		c.query.SetValue("")
		c.list.Filter("")
		return true
	}
	if c.level == c.first {
		return false
	}
	c.show(c.level - 1)
	return true
}

func (c *chooser) typing() bool { return true }

func (c *chooser) hints() []shell.Hint {
	out := []shell.Hint{{Key: "enter", Label: "choose"}}
	if c.level >= levelPack {
		out = append(out, shell.Hint{Key: "ctrl+r", Label: "readme"})
	}
	if c.level > levelType {
		out = append(out, shell.Hint{Key: "ctrl+t", Label: "ask again", Priority: 2})
	}
	return out
}

// view draws what was chosen, the question, and what there is to know of the answer under the cursor.
func (c *chooser) view(w, h int) string {
	th := c.page.th
	var said []string
	for l := c.first; l < c.level; l++ {
		said = append(said, levelNames[l]+": "+text.Clean(c.chosen[l]))
	}
	head := "Add a pack"
	if c.first == levelVersion {
		head = "Another version of " + c.page.display(c.chosen[levelPack])
	}
	if len(said) > 0 {
		head += "  " + th.Paint(theme.Dim, strings.Join(said, ", "))
	}
	out := []string{" " + th.Paint(theme.Strong, text.Truncate(head, max(w-2, 0), th.Glyphs.Ellipsis)), "",
		" " + th.Paint(theme.Accent, text.Fit(levelNames[c.level], 12, "")) + c.query.View(max(w-15, 8), true)}
	about := c.about(w)
	for _, line := range c.list.View(w-2, max(h-len(out)-len(about)-1, 1)) {
		out = append(out, " "+line)
	}
	for len(out) < h-len(about) {
		out = append(out, "")
	}
	return strings.Join(append(out, about...), "\n")
}

// about is all of what the list has cut off.
func (c *chooser) about(w int) []string {
	th := c.page.th
	it, ok := c.list.Current()
	switch {
	case c.level == levelPack && c.list.Len() == 0 && c.query.Value() == "":
		s := c.shelf()
		if s != nil && s.err != nil {
			return painted(th, theme.Bad, text.Sentence(s.err.Error()), w-1)
		}
		if s != nil && s.loading {
			return painted(th, theme.Dim, "Asking "+s.registry.Where()+th.Glyphs.Ellipsis, w-1)
		}
		return painted(th, theme.Dim, "There is no pack of this type here.", w-1)
	case !ok:
		return painted(th, theme.Dim, "Nothing matches.", w-1)
	case it.Off:
		return painted(th, theme.Bad, text.Sentence(it.Reason), w-1)
	case c.level == levelPack:
		return painted(th, theme.Dim, it.Desc, w-1)
	}
	return nil
}
