package detail

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// manifest is the state of the YAML sub-tab.
type manifest struct {
	instance bool // the instance is shown and not the VirtualMachine
	revealed bool // cloud-init data is shown
	version  int  // of the detail, counted from its first change
	lines    []pager.Line
	masked   bool        // something is hidden in lines
	made     manifestKey // what lines show
	asked    manifestKey // what is being made
}

// manifestKey names one of the texts that the sub-tab can show.
type manifestKey struct {
	instance, revealed bool
	version            int
}

// nothing is a key that no text has.
var nothing = manifestKey{version: -1}

// coloured brings the lines of a manifest, which are made beside the screen.
type coloured struct {
	key    manifestKey
	lines  []pager.Line
	masked bool
}

func (m *manifest) key() manifestKey { return manifestKey{m.instance, m.revealed, m.version} }

// colour makes the lines of the manifest that is shown, if they are not there yet.
func (p *Page) colour() tea.Cmd {
	key := p.manifest.key()
	if p.manifest.made == key || p.manifest.asked == key || p.tab != tabYAML {
		return nil
	}
	p.manifest.asked = key
	source := p.facts.detail.MachineYAML
	if key.instance {
		source = p.facts.detail.InstanceYAML
	}
	if made := p.manifest.made; made.instance != key.instance || made.revealed && !key.revealed {
		p.manifest.lines = nil // must not stay on the screen until the new ones come
		p.stale(tabYAML)
	}
	if source == "" {
		p.manifest.lines, p.manifest.made = nil, key
		return nil
	}
	th := p.th
	return p.mine(func() tea.Msg {
		whole := source
		if !key.revealed {
			source = vm.Mask(source)
		}
		return coloured{key, pager.YAML(source, th), strings.Count(source, vm.Masked) > strings.Count(whole, vm.Masked)}
	})
}

func (p *Page) takeColoured(c coloured) {
	if c.key == p.manifest.asked {
		p.manifest.asked = nothing
	}
	if c.key == p.manifest.key() {
		p.manifest.made, p.manifest.lines, p.manifest.masked = c.key, c.lines, c.masked
		p.stale(tabYAML)
	}
}

// yamlTab shows the manifest, or why there is none.
func (p *Page) yamlTab(s *tabSheet) {
	part, there := p.facts.parts()[0], p.facts.detail.Machine != nil
	if p.manifest.instance {
		part, there = p.facts.parts()[1], p.facts.detail.Instance != nil
	}
	switch {
	case p.facts.missing(s, part, there):
		if !p.manifest.instance && p.facts.detail.Instance != nil || p.manifest.instance && p.facts.detail.Machine != nil {
			s.Para(0, sheet.Dim("v shows the other object."))
		}
	case len(p.manifest.lines) == 0:
		s.Para(0, sheet.Dim("Loading"+s.Theme.Glyphs.Ellipsis))
	default:
		s.Lines = p.manifest.lines
	}
}

// yamlTitle says which object is shown and whether all of it.
func (p *Page) yamlTitle() string {
	title := "VirtualMachine"
	if p.manifest.instance {
		title = "VirtualMachineInstance"
	}
	switch {
	case p.manifest.revealed:
		return title + ", cloud-init data shown"
	case p.manifest.masked:
		return title + ", cloud-init data masked: U shows it"
	}
	return title
}

// other shows the other of the two objects.
func (p *Page) other() tea.Cmd {
	p.show(tabYAML)
	p.manifest.instance = !p.manifest.instance
	p.pagers[tabYAML], p.drawn[tabYAML] = pager.New(p.th, ""), nil
	p.stale(tabYAML)
	return nil
}

// reveal shows cloud-init data, or hides it again.
func (p *Page) reveal() tea.Cmd {
	if p.tab != tabYAML {
		return shell.Toast(theme.Info, "cloud-init data stands in the YAML sub-tab")
	}
	p.manifest.revealed = !p.manifest.revealed
	p.stale(tabYAML)
	return nil
}

// copyTab copies what the sub-tab shows, to its end; what is masked stays so.
func (p *Page) copyTab() tea.Cmd {
	what := tabs[p.tab].title
	if p.tab == tabYAML && len(p.manifest.lines) == 0 {
		return shell.Toast(theme.Info, "there is nothing to copy")
	}
	return deck.Copy(p.pagers[p.tab].Text(), what+" of "+p.row().Key())
}
