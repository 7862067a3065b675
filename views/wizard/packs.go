package wizard

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/shell"
)

// usualSet are the packs that most profiles have; what they need comes along by itself.
var usualSet = []string{"virtual-machine-orchestrator", "spectro-vm-dashboard"}

// packs is the step of the packs and manifests. One of its forms may be open over the list.
type packs struct {
	page  *Page
	at    int
	inner inner // nil: the list
}

// inner is a form that is open over the list of packs.
type inner interface {
	update(msg tea.Msg) (cmd tea.Cmd, done bool)
	view(w, h int) string
	hints() []shell.Hint
	typing() bool
	// escape goes back within the form; false: it is left.
	escape() bool
	refresh()
}

// line is a row of the list.
type line struct {
	ref      *profile.PackRef
	manifest *profile.Manifest
	index    int    // in the profile
	action   string // the ID of what the row does, where it is neither
}

func newPacks(p *Page) screen { return &packs{page: p} }

// lines are what the profile has and what can be added, in the order of the profile.
func (s *packs) lines() []line {
	d := &s.page.draft
	var out []line
	for i := range d.Manifests {
		out = append(out, line{manifest: &d.Manifests[i], index: i})
	}
	for i := range d.Packs {
		out = append(out, line{ref: &d.Packs[i], index: i})
	}
	if s.lacksUsual() {
		out = append(out, line{action: bindUsual})
	}
	return append(out, line{action: bindAdd}, line{action: bindManifest})
}

// lacksUsual tells whether the usual set has something that the profile has not.
func (s *packs) lacksUsual() bool {
	return slices.ContainsFunc(usualSet, func(name string) bool {
		_, at := s.page.draft.profile().Pack(name)
		return at < 0
	})
}

func (s *packs) current() line {
	all := s.lines()
	s.at = max(min(s.at, len(all)-1), 0)
	return all[s.at]
}

// Names of the step's bindings.
const (
	bindUsual    = "usual-set"
	bindAdd      = "add-pack"
	bindManifest = "add-manifest"
	bindVersion  = "version"
	bindRemove   = "remove"
	bindReadme   = "readme"
	bindRegistry = "registries"
)

func packsBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindUsual, Keys: []string{"u"}, Label: "usual set", Help: "Add the Virtual Machine Orchestrator and the Spectro VM Dashboard, in their newest versions"},
		{ID: bindAdd, Keys: []string{"a"}, Label: "add pack", Help: "Add a pack: its type, registry, name and version"},
		{ID: bindManifest, Keys: []string{"m"}, Label: "add manifest", Help: "Add a manifest, such as KubeVirt's operator for a cluster without it"},
		{ID: bindVersion, Keys: []string{"v"}, Label: "version", Help: "Choose another version of the pack, or change the manifest"},
		{ID: bindRemove, Keys: []string{"d", "delete"}, Label: "remove", Help: "Take the pack or manifest out of the profile"},
		{ID: bindReadme, Keys: []string{"r"}, Label: "readme", Help: "Read what the pack says about itself"},
		{ID: bindRegistry, Keys: []string{"o"}, Label: "registries", Help: "Add or remove registries; the wizard waits meanwhile"},
	}
}

var onPacks = mapped(append(packsBindings(), letters.Bindings()...)...)

func (s *packs) bindings() []keys.Binding { return packsBindings() }

func (s *packs) update(msg tea.Msg) tea.Cmd {
	if s.inner != nil {
		cmd, done := s.inner.update(msg)
		if done {
			s.inner = nil
		}
		return cmd
	}
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	switch k.String() {
	case "up", "k":
		s.at--
	case "down", "j":
		s.at++
	case "home", "g":
		s.at = 0
	case "end", "G":
		s.at = len(s.lines())
	case "enter":
		if action := s.current().action; action != "" {
			return s.do(action)
		}
		return s.page.next()
	}
	s.current()
	if b, ok := onPacks.Lookup(k); ok {
		return s.do(b.ID)
	}
	return nil
}

// do implements worker.
func (s *packs) do(id string) tea.Cmd {
	p, c := s.page, s.current()
	switch id {
	case bindUsual:
		return s.addUsual()
	case bindAdd:
		s.inner = newChooser(p)
		return p.askRegistries()
	case bindManifest:
		s.inner = newManifest(p, -1)
	case bindVersion:
		if c.manifest != nil {
			s.inner = newManifest(p, c.index)
		} else if c.ref != nil {
			s.inner = newVersions(p, *c.ref)
			return p.askRegistries()
		}
	case bindRemove:
		return s.remove(c)
	case bindReadme:
		if c.ref != nil {
			return p.readme(c.ref.Registry, c.ref.Name, c.ref.Version)
		}
	case bindRegistry:
		return p.toRegistries()
	default:
		return p.do(id)
	}
	return nil
}

// addUsual adds what the profile lacks of the usual set.
func (s *packs) addUsual() tea.Cmd {
	p := s.page
	i := slices.IndexFunc(p.shelves, func(s *shelf) bool { return s.registry.Name() == pack.PublicRepo })
	if i < 0 || p.shelves[i].loading || p.shelves[i].err != nil {
		return p.complain("The packs of " + pack.PublicRepo + " are not known yet. Wait a moment, or see the registries with o.")
	}
	for _, name := range usualSet {
		at := slices.IndexFunc(p.shelves[i].packs, func(sum pack.Summary) bool { return sum.Name == name })
		if _, there := p.draft.profile().Pack(name); there < 0 && at >= 0 && len(p.shelves[i].packs[at].Versions) > 0 {
			p.draft.Packs = append(p.draft.Packs, profile.PackRef{Registry: pack.PublicRepo, Name: name, Version: p.shelves[i].packs[at].Versions[0]})
		}
	}
	s.at = len(p.draft.Manifests)
	return p.packsChanged()
}

// remove takes a pack or a manifest out. A pack that another one needs would come back at once.
func (s *packs) remove(c line) tea.Cmd {
	p := s.page
	switch {
	case c.manifest != nil:
		p.draft.Manifests = slices.Delete(slices.Clone(p.draft.Manifests), c.index, c.index+1)
	case c.ref != nil && c.ref.RequiredBy != "":
		return p.complain("It would come back at once. Choose another Access for " + p.display(c.ref.RequiredBy) + " in the next step, or take that one out.")
	case c.ref != nil:
		p.draft.Packs = slices.Delete(slices.Clone(p.draft.Packs), c.index, c.index+1)
	default:
		return nil
	}
	return p.packsChanged()
}

func (s *packs) typing() bool { return s.inner != nil && s.inner.typing() }

func (s *packs) escape() bool {
	if s.inner == nil {
		return false
	}
	if !s.inner.escape() {
		s.inner = nil
	}
	return true
}

func (s *packs) refresh() tea.Cmd {
	if s.inner != nil {
		s.inner.refresh()
	}
	return s.page.askUnasked()
}

func (s *packs) fault() string { return s.page.packsProblem() }

func (s *packs) hints() []shell.Hint {
	if s.inner != nil {
		return s.inner.hints()
	}
	c := s.current()
	if c.action != "" {
		return []shell.Hint{{Key: "enter", Label: map[string]string{bindUsual: "add the set", bindAdd: "add pack", bindManifest: "add manifest"}[c.action]}, {Key: "o", Label: "registries", Priority: 2}}
	}
	out := []shell.Hint{{Key: "enter", Label: "next step"}, {Key: "a", Label: "add pack"}, {Key: "v", Label: "version"}, {Key: "d", Label: "remove"}}
	if c.ref != nil {
		return append(out, shell.Hint{Key: "r", Label: "readme"})
	}
	out[2].Label = "change"
	return out
}

// packsProblem says what keeps the packs from being configured.
func (p *Page) packsProblem() string {
	d := p.draft.profile()
	if len(d.Packs)+len(d.Manifests) == 0 {
		return "The profile has no packs yet: add one."
	}
	for _, problem := range append(d.Validate(), p.problems...) {
		if (problem.Field == "Packs" || problem.Field == "Manifests") && problem.Part != "Values" {
			return problem.Text
		}
	}
	return ""
}

// packsChanged works out anew what the packs amount to.
func (p *Page) packsChanged() tea.Cmd {
	p.did = nil
	return tea.Batch(p.touch(), p.settle())
}

// display is the name of a pack as people know it.
func (p *Page) display(name string) string {
	if l := p.resolved.Layer(name); l != nil {
		return l.Pack.DisplayName
	}
	for _, s := range p.shelves {
		for _, sum := range s.packs {
			if sum.Name == name && sum.DisplayName != "" {
				return sum.DisplayName
			}
		}
	}
	return strings.TrimSpace(name)
}
