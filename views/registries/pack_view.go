package registries

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/pack"
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

// readmeWidth is how wide prose is at most, to be read with ease.
const readmeWidth = 96

const (
	keyFace    = "face"
	keyBack    = "face-back"
	keyVersion = "version"
)

// PackBindings are the keys of the page of a pack besides those of the pager and of every screen.
func PackBindings() []keys.Binding {
	return []keys.Binding{
		{ID: keyFace, Keys: []string{"tab"}, Label: "next", Help: "What it is, the readme, the values"},
		{ID: keyBack, Keys: []string{"shift+tab"}, Label: "back", Help: "The other way round"},
		{ID: keyVersion, Keys: []string{"v"}, Label: "version", Help: "Look at another version"},
		{ID: keyAgain, Keys: []string{"r"}, Label: "read again", Help: "Read the pack again"},
		{ID: keyCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy what is shown to the clipboard of your terminal"},
	}
}

var packKeys = deck.MustKeys(PackBindings(), pager.Bindings()...)

func (p *Pack) do(id string) tea.Cmd {
	switch id {
	case keyFace:
		p.face = (p.face + 1) % faceCount
		return nil
	case keyBack:
		p.face = (p.face + faceCount - 1) % faceCount
		return nil
	case keyVersion:
		if len(p.versions) < 2 {
			return shell.Toast(theme.Warn, "no other version is known")
		}
		return p.pickVersion()
	case keyAgain:
		p.versions = nil
		return p.load()
	case keyCopy:
		return p.copy()
	}
	cmd, _ := p.deck.Do(id)
	return cmd
}

// View implements shell.Page.
func (p *Pack) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	if w != p.w {
		p.w = w
		p.layout()
	}
	switch {
	case p.err != nil:
		return sheet.Instead(p.th, w, h, func(s *sheet.Sheet) {
			s.Say(p.name + " " + p.version + " could not be read.")
			s.Para(0, sheet.Bad(text.Sentence(p.err.Error())))
			s.Para(0, sheet.Dim("r tries again."))
		})
	case p.pack == nil:
		return sheet.Instead(p.th, w, h, func(s *sheet.Sheet) {
			s.Say("Reading "+p.name+" "+p.version+p.th.Glyphs.Ellipsis, "from "+p.registry.Name())
		})
	}
	return text.Block(p.bar(w)+"\n"+p.pagers[p.face].View(w, max(h-1, 1)), w, h)
}

// bar names the ways to look at the pack.
func (p *Pack) bar(w int) string {
	var names []string
	for i, title := range [faceCount]string{"About", "Readme", "Values"} {
		tone := theme.Dim
		if face(i) == p.face {
			tone = theme.Reverse
		}
		names = append(names, p.th.Paint(tone, " "+title+" "))
	}
	return text.Block(" "+strings.Join(names, " "), w, 1)
}

// facts writes what the pack is and what it asks for.
func (p *Pack) facts(s *sheet.Sheet) {
	k, values := p.pack, p.pack.Defaults()
	if k.Description != "" {
		s.Para(2, sheet.Plain(k.Description))
	}
	inside := k.AppVersion
	if inside == "" {
		inside = p.th.Glyphs.None
	}
	left := []sheet.Block{{Title: "Pack", Fields: []sheet.Field{
		sheet.One("Name", k.Name), sheet.One("Type", k.Type), sheet.One("Version", k.Version), sheet.One("What is inside", inside),
	}}}
	right := []sheet.Block{{Title: "Where", Fields: []sheet.Field{
		sheet.One("Registry", p.registry.Name()), sheet.One("Address", where(p.registry)), sheet.One("Versions", text.Listed(p.versions, 6)),
		sheet.One("Namespace", k.Namespace(values)),
	}}}
	s.Beside(left, right)
	for _, g := range k.Groups() {
		s.Heading(g.Name)
		for _, preset := range g.Presets {
			s.Item(p.th.Glyphs.Bullet, theme.Dim, sheet.Plain(presetText(g, preset)))
		}
	}
	p.asks(s, values)
}

// presetText is a preset with what it is for.
func presetText(g pack.Group, preset pack.Preset) string {
	name := preset.DisplayName
	if name == "" {
		name = preset.Name
	}
	if preset.Name == g.Default {
		name += " (default)"
	}
	if preset.Description != "" {
		name += ": " + preset.Description
	}
	return name
}

// asks writes what has to be filled in, and what comes along.
func (p *Pack) asks(s *sheet.Sheet, values pack.Values) {
	if needs := p.pack.Needs(values); len(needs) > 0 {
		s.Heading("To fill in")
		for _, need := range needs {
			s.Item(p.th.Glyphs.Bullet, theme.Dim, sheet.Plain(strings.TrimSuffix(need.Title+": "+need.Description, ": ")))
		}
	}
	if along := p.pack.Requires(values); len(along) > 0 {
		s.Heading("Comes along by default")
		for _, r := range along {
			s.Item(p.th.Glyphs.Bullet, theme.Dim, sheet.Plain(strings.TrimSpace(r.Name+" "+r.Version)))
		}
	}
	if crds := p.pack.CRDs(); len(crds) > 0 {
		s.Heading("Custom resources")
		s.Para(2, sheet.Plain(fmt.Sprintf("%s with definitions of custom resources. Helm creates them on installation, and never changes or deletes them.", text.Count(len(crds), "file"))))
	}
}

// Hints implements shell.Page.
func (p *Pack) Hints() []shell.Hint {
	if p.Capturing() {
		return []shell.Hint{{Key: "enter", Label: "keep search"}, {Key: "esc", Label: "clear"}}
	}
	if p.pack == nil {
		return []shell.Hint{{Key: "r", Label: "read again"}, {Key: "?", Label: "help"}}
	}
	out := []shell.Hint{{Key: "tab", Label: "next part"}}
	if len(p.versions) > 1 {
		out = append(out, shell.Hint{Key: "v", Label: "version", Priority: 1})
	}
	return append(out, shell.Hint{Key: "/", Label: "search", Priority: 2}, shell.Hint{Key: "y", Label: "copy", Priority: 3}, shell.Hint{Key: "?", Label: "help"})
}

// Help implements shell.Page.
func (p *Pack) Help() []help.Section {
	return []help.Section{shell.Section("Pack", PackBindings(), p.th.Glyphs), shell.Section("Moving", pager.Bindings(), p.th.Glyphs)}
}

// Commands implements shell.Page.
func (p *Pack) Commands() []palette.Entry {
	var out []palette.Entry
	for _, b := range PackBindings() {
		out = append(out, palette.Entry{ID: b.ID, Title: b.Help, Key: b.Keys[0], Run: func(string) tea.Cmd { return p.do(b.ID) }})
	}
	return out
}
