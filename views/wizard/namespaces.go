package wizard

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// namespaces is the step of the namespaces for VMs, which are values of the platform's pack.
type namespaces struct {
	*form
	page  *Page
	typed string
	cmd   tea.Cmd
}

func newNamespaces(p *Page) screen {
	n := &namespaces{page: p}
	n.build()
	return n
}

// build makes the field, where a pack of the profile has such namespaces.
func (n *namespaces) build() {
	p := n.page
	layer := withNamespaces(p.resolved)
	if layer == nil {
		n.form = newForm(p.th)
		return
	}
	n.typed = strings.Join(p.resolved.VMNamespaces(), ", ")
	if p.draft.Namespaces != nil {
		n.typed = *p.draft.Namespaces
	}
	e := newEntry(p.th, "namespaces", "Namespaces for VMs", "Names with commas between. Those that are missing are made; removing the profile leaves them.", "virtual-machines", &n.typed, namespacesProblem)
	e.typed = func() {
		typed := n.typed
		p.draft.Namespaces = &typed
		n.cmd = tea.Batch(n.cmd, p.touch(), n.apply())
	}
	n.form = newForm(p.th, e)
}

// apply puts what was typed into the values of the pack, once it can be used.
func (n *namespaces) apply() tea.Cmd {
	p := n.page
	layer := withNamespaces(p.resolved)
	if layer == nil || namespacesProblem(n.typed) != "" {
		return nil
	}
	names := []any{}
	for _, name := range splitNames(n.typed) {
		names = append(names, name)
	}
	values := pack.Set(layer.Values, profile.VMNamespacesAt, names)
	if !p.setValues(layer.Ref.Name, values, layer.Base) {
		return nil
	}
	return p.settle()
}

func (n *namespaces) update(msg tea.Msg) tea.Cmd {
	through := n.form.update(msg)
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "enter" && len(n.form.fields) == 0 {
		through = true
	}
	cmd := n.cmd
	n.cmd = nil
	if through {
		return tea.Batch(cmd, n.page.next())
	}
	return cmd
}

func (n *namespaces) view(w, h int) string {
	if len(n.form.fields) == 0 {
		return formView(n.form, "No pack of this profile makes namespaces for VMs; the Virtual Machine Orchestrator does.", w, h)
	}
	body := formView(n.form, "VMs live in namespaces. At least one that is for VMs alone is recommended over default: rights and limits for VMs can be set there without touching anything else.", w, h)
	var more []string
	for _, line := range n.advice() {
		more = append(more, "")
		more = append(more, painted(n.page.th, line.tone, line.text, min(w-2, widestForm))...)
	}
	return strings.TrimRight(body, "\n") + "\n" + strings.Join(more, "\n")
}

func (n *namespaces) hints() []shell.Hint { return []shell.Hint{{Key: "enter", Label: "next"}} }

func (n *namespaces) escape() bool { return false }

// refresh makes the field when the packs become known after the step was entered.
func (n *namespaces) refresh() tea.Cmd {
	if len(n.form.fields) == 0 {
		n.build()
	}
	return nil
}

func (n *namespaces) fault() string {
	if n.form.fault() {
		return putRight
	}
	n.page.draft.Namespaces = nil
	return ""
}

// words are a sentence in a tone.
type words struct {
	tone theme.Tone
	text string
}

// advice is what there is to say about the namespaces as they are typed.
func (n *namespaces) advice() []words {
	names := splitNames(n.typed)
	var out []words
	switch {
	case namespacesProblem(n.typed) != "":
	case len(names) == 0:
		out = append(out, words{theme.Warn, n.page.th.Glyphs.Warn + " The profile makes no namespace ready for VMs."})
	case len(names) == 1 && names[0] == "default":
		out = append(out, words{theme.Warn, n.page.th.Glyphs.Warn + " VMs would share the namespace default with everything else; at least one namespace for VMs alone is recommended."})
	}
	places := n.page.deck.Namespaces()
	for _, name := range names {
		if slices.Contains(places.Terminating, name) {
			out = append(out, words{theme.Warn, n.page.th.Glyphs.Warn + " The namespace " + name + " is being deleted on this cluster."})
		}
	}
	if existing := n.existing(); existing != "" {
		out = append(out, words{theme.Dim, "On this cluster there are also " + existing + "."})
	}
	return out
}

// existing are the namespaces of the cluster that are not chosen, for the sentence that names them.
func (n *namespaces) existing() string {
	chosen := splitNames(n.typed)
	var out []string
	for _, name := range n.page.deck.Namespaces().Names {
		if !slices.Contains(chosen, name) && !strings.HasPrefix(name, "kube-") {
			out = append(out, name)
		}
	}
	return text.Listed(out, 6)
}
