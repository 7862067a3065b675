package wizard

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Widths of the list's columns.
const (
	widestName    = 34
	versionCells  = 12
	registryCells = 14
)

func (s *packs) view(w, h int) string {
	if s.inner != nil {
		return s.inner.view(w, h)
	}
	p := s.page
	about := s.about(w)
	all := s.lines()
	s.current()
	name := min(widestName, max(w-versionCells-registryCells-24, 16))
	var rows []string
	for i, l := range all {
		rows = append(rows, s.row(l, i == s.at, name, w))
	}
	top := 0
	rows = scrolled(rows, s.at, s.at, max(h-len(about)-2, 1), &top)
	head := text.Fit("   PACK", name+4, "") + text.Fit("VERSION", versionCells, "") + text.Fit("REGISTRY", registryCells, "")
	out := append([]string{p.th.Paint(theme.Header, head)}, rows...)
	return strings.Join(append(append(out, ""), about...), "\n")
}

func (s *packs) row(l line, cursor bool, name, w int) string {
	th, front, tone := s.page.th, "   ", theme.Normal
	if cursor {
		front, tone = " "+th.Paint(theme.Accent, th.Glyphs.Cursor)+" ", theme.Accent
	}
	cell := func(words string, width int) string {
		return text.Fit(text.Clean(words), width-1, th.Glyphs.Ellipsis) + " "
	}
	switch {
	case l.manifest != nil:
		return front + th.Paint(tone, cell(l.manifest.Name, name+1)) + cell("", versionCells) + cell("manifest", registryCells) + s.page.standing(*l.manifest, w-name-versionCells-registryCells-4)
	case l.ref != nil:
		remark, remarkTone := "", theme.Dim
		if newer := s.page.newer(*l.ref); newer != "" {
			remark, remarkTone = "newer: "+newer, theme.Info
		} else if l.ref.RequiredBy != "" {
			remark = "required"
		}
		if s.page.settling && s.page.resolved.Layer(l.ref.Name) == nil {
			remark = "reading" + th.Glyphs.Ellipsis
		} else if s.page.problemOf(l.index) != "" {
			remark, remarkTone = th.Glyphs.Cross+" cannot be used", theme.Bad
		}
		return front + th.Paint(tone, cell(s.page.display(l.ref.Name), name+1)) + cell(l.ref.Version, versionCells) + cell(l.ref.Registry, registryCells) +
			th.Paint(remarkTone, text.Truncate(text.Clean(remark), max(w-name-versionCells-registryCells-4, 0), th.Glyphs.Ellipsis))
	}
	words := map[string]string{
		bindUsual: "+ the usual set: Virtual Machine Orchestrator, Spectro VM Dashboard", bindAdd: "+ a pack" + th.Glyphs.Ellipsis, bindManifest: "+ a manifest" + th.Glyphs.Ellipsis,
	}[l.action]
	if !cursor {
		tone = theme.Dim
	}
	return front + th.Paint(tone, text.Truncate(words, max(w-4, 0), th.Glyphs.Ellipsis))
}

// about is what there is to know of the row under the cursor, and what was done by itself.
func (s *packs) about(w int) []string {
	p, c := s.page, s.current()
	var out []string
	put := func(tone theme.Tone, words string) { out = append(out, painted(p.th, tone, words, w-1)...) }
	switch {
	case c.manifest != nil:
		put(theme.Dim, "Applied before the packs. "+source(*c.manifest))
		put(theme.Dim, p.served(*c.manifest))
	case c.ref != nil:
		if problem := p.problemOf(c.index); problem != "" {
			put(theme.Bad, problem)
		} else if l := p.resolved.Layer(c.ref.Name); l != nil {
			put(theme.Dim, l.Pack.Type+". "+l.Pack.Description)
		}
		if c.ref.RequiredBy != "" {
			put(theme.Dim, "It came along: "+p.display(c.ref.RequiredBy)+" needs it, as it is configured.")
		}
		if newer := p.newer(*c.ref); newer != "" {
			put(theme.Info, "There is a newer version, "+newer+": v chooses it. What is set in the values stays.")
		}
	case c.action == bindManifest:
		put(theme.Dim, "For what no pack brings: KubeVirt's or CDI's operator on a cluster without them, from a URL or from a file.")
	case c.action == bindUsual:
		put(theme.Dim, "The platform for VMs and its web dashboard, from the registry that is built in. What they need comes along by itself.")
	default:
		put(theme.Dim, "By type, registry, name and version. o shows the registries and adds others.")
	}
	for _, sentence := range p.did {
		put(theme.Info, sentence)
	}
	return out
}

// newer is the newest version of a pack that its registry has, where that is newer than the profile's; empty: none is known.
func (p *Page) newer(ref profile.PackRef) string {
	for _, s := range p.shelves {
		if s.registry.Name() != ref.Registry {
			continue
		}
		for _, sum := range s.packs {
			if sum.Name == ref.Name && len(sum.Versions) > 0 && profile.CompareVersions(sum.Versions[0], ref.Version) > 0 {
				return sum.Versions[0]
			}
		}
	}
	return ""
}

// problemOf says why a pack of the profile cannot be used at all; its values are another step's.
func (p *Page) problemOf(index int) string {
	for _, problem := range p.problems {
		if problem.Field == "Packs" && problem.Index == index && problem.Part != "Values" {
			return problem.Text
		}
	}
	return ""
}

// source says where a manifest comes from.
func source(m profile.Manifest) string {
	switch {
	case m.URL != "":
		return "From " + m.URL + "."
	case m.File != "":
		return "From the file " + m.File + "."
	}
	return "Its content is in the profile."
}

// served says whether the cluster has what a manifest brings.
func (p *Page) served(m profile.Manifest) string {
	if m.UnlessServed == "" {
		return ""
	}
	info := p.deck.Info()
	switch version, there := info.Groups[m.UnlessServed]; {
	case there:
		return "This cluster serves " + m.UnlessServed + " (" + version + ") already: installed, so it is left alone."
	case info.GroupsErr != nil || info.Groups == nil:
		return "It is left alone where " + m.UnlessServed + " is served; whether this cluster does is not known."
	}
	return "This cluster does not serve " + m.UnlessServed + ": it is installed first."
}

// standing is served in two words, for the list.
func (p *Page) standing(m profile.Manifest, w int) string {
	words := ""
	if _, there := p.deck.Info().Groups[m.UnlessServed]; there {
		words = "installed: left alone"
	}
	return p.th.Paint(theme.Dim, text.Truncate(words, max(w, 0), p.th.Glyphs.Ellipsis))
}

// complain says why nothing was done.
func (p *Page) complain(words string) tea.Cmd {
	p.say(theme.Warn, words)
	return nil
}

// askUnasked asks the registries that were never asked.
func (p *Page) askUnasked() tea.Cmd {
	for _, s := range p.shelves {
		if !s.asked {
			return p.askRegistries()
		}
	}
	return nil
}

// toRegistries leads to the registries. What is added there is known when the user comes back.
func (p *Page) toRegistries() tea.Cmd {
	p.away = true
	return tea.Sequence(p.keepNow(), func() tea.Msg { return deck.ShowRegistries{} })
}

// loadedReadme is what a pack says about itself.
type loadedReadme struct {
	title, text string
	err         error
}

// readme shows what a version of a pack says about itself.
func (p *Page) readme(registry, name, version string) tea.Cmd {
	registries, ctx := p.registries, p.ctx
	return p.mine(func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, readTime)
		defer cancel()
		r, err := registries.Find(registry)
		if err != nil {
			return loadedReadme{err: err}
		}
		loaded, err := r.Load(ctx, name, version)
		if err != nil {
			return loadedReadme{err: err}
		}
		return loadedReadme{title: loaded.DisplayName + " " + loaded.Version, text: loaded.Readme}
	})
}

func (p *Page) takeReadme(msg loadedReadme) tea.Cmd {
	switch {
	case msg.err != nil:
		return p.complain("The readme cannot be shown. " + text.Sentence(msg.err.Error()))
	case strings.TrimSpace(msg.text) == "":
		return p.complain(msg.title + " says nothing about itself.")
	}
	m := pager.New(p.th, msg.title)
	m.SetLines(pager.PlainLines(msg.text))
	return shell.OpenDialog(&pager.Overlay{Model: m})
}
