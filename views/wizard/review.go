package wizard

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// review is the step that shows all of the profile, in words and as YAML.
type review struct {
	page  *Page
	pager *pager.Model
	yaml  bool
	w     int
}

func newReview(p *Page) screen { return &review{page: p, pager: pager.New(p.th, "")} }

// Names of the step's bindings.
const (
	bindEdit = "edit"
	bindYAML = "yaml"
	bindCopy = "copy"
)

func reviewBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindEdit, Keys: []string{"e"}, Label: "change", Help: "Go back to the step that says what you want otherwise"},
		{ID: bindYAML, Keys: []string{"v"}, Label: "YAML", Help: "Show the profile as it will be kept, or in words again"},
		{ID: bindCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy what is shown to the clipboard of your terminal"},
	}
}

var onReview = deck.MustKeys(reviewBindings(), pager.Bindings()...)

func (r *review) bindings() []keys.Binding { return reviewBindings() }

func (r *review) update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok && !r.pager.Capturing() {
		if k.String() == "enter" {
			return r.page.next()
		}
		if b, ok := onReview.Lookup(k); ok {
			return r.do(b.ID)
		}
	}
	return r.pager.Update(msg)
}

// do implements worker.
func (r *review) do(id string) tea.Cmd {
	switch id {
	case bindEdit:
		return r.page.jump()
	case bindYAML:
		r.yaml, r.w = !r.yaml, 0
	case bindCopy:
		return deck.Copy(r.pager.Text(), "the review")
	default:
		return r.page.do(id)
	}
	return nil
}

func (r *review) view(w, h int) string {
	if r.w != w {
		r.w = w
		r.draw()
	}
	return r.pager.View(w, h)
}

// draw writes the profile for a width.
func (r *review) draw() {
	p := r.page
	if r.yaml {
		data, err := p.draft.profile().Manifest()
		if err != nil {
			data = []byte("# " + err.Error())
		}
		r.pager.SetTitle("What is kept in " + p.deck.Platform.Profiles.Profiles.Where())
		r.pager.SetLines(pager.YAML(string(data), p.th))
		return
	}
	s := &sheet.Sheet{Theme: p.th, Width: max(min(r.w-2, widestForm), 20)}
	r.problems(s)
	r.basics(s)
	r.packs(s)
	r.values(s)
	r.namespaces(s)
	r.pager.SetTitle("")
	r.pager.SetLines(s.Lines)
}

func (r *review) problems(s *sheet.Sheet) {
	g := r.page.th.Glyphs
	for _, problem := range r.page.problems {
		s.Item(g.Cross, theme.Bad, sheet.Bad(problem.Text))
	}
	for _, warning := range r.page.resolved.Warnings() {
		s.Item(g.Warn, theme.Warn, sheet.Warn(warning))
	}
}

func (r *review) basics(s *sheet.Sheet) {
	v := r.page.draft.profile()
	s.Gap()
	s.Heading(stepBasics.String())
	s.Fields([]sheet.Field{
		sheet.One("Name", v.Name), sheet.One("Version", v.Version), sheet.Of("Description", described(v.Description)...), sheet.One("Type", v.Type),
	})
}

func described(text string) []sheet.Words {
	if text == "" {
		return []sheet.Words{sheet.Dim("none")}
	}
	var out []sheet.Words
	for line := range strings.SplitSeq(text, "\n") {
		out = append(out, sheet.Plain(line))
	}
	return out
}

func (r *review) packs(s *sheet.Sheet) {
	p, v := r.page, r.page.draft.profile()
	s.Gap()
	s.Heading(stepPacks.String())
	var fields []sheet.Field
	for _, m := range v.Manifests {
		words := []sheet.Words{sheet.Plain(source(m))}
		if m.SHA256 != "" {
			words = append(words, sheet.Dim("SHA-256 "+m.SHA256))
		}
		if served := p.served(m); served != "" {
			words = append(words, sheet.Dim(served))
		}
		fields = append(fields, sheet.Of(m.Name, words...))
	}
	for _, l := range p.resolved.Layers {
		words := fmt.Sprintf("%s from %s, into the namespace %s", l.Ref.Version, l.Ref.Registry, l.Namespace)
		if l.Ref.RequiredBy != "" {
			words += "; needed by " + p.display(l.Ref.RequiredBy)
		}
		fields = append(fields, sheet.One(l.Pack.DisplayName, words))
	}
	s.Fields(fields)
}

// values are the choices, what was filled in, and the changes from the defaults, pack by pack.
func (r *review) values(s *sheet.Sheet) {
	g := r.page.th.Glyphs
	for _, v := range r.page.resolved.Review() {
		s.Gap()
		s.Heading(stepConfigure.String() + ": " + v.Layer.Pack.DisplayName)
		var fields []sheet.Field
		for _, c := range v.Choices {
			fields = append(fields, sheet.Of(c.Group, chosen(c)))
		}
		for _, need := range v.Filled {
			value, _ := pack.Lookup(v.Layer.Values, need.At())
			fields = append(fields, sheet.One(need.Title, pack.Show(value)))
		}
		for _, need := range v.Open {
			fields = append(fields, sheet.Of(need.Title, sheet.Bad("has to be filled in")))
		}
		var changes []sheet.Words
		for _, c := range v.Changes {
			changes = append(changes, sheet.Plain(g.Arrows(c.String())))
		}
		if len(changes) == 0 {
			changes = []sheet.Words{sheet.Dim("none")}
		}
		s.Fields(append(fields, sheet.Of("Changes", changes...)))
	}
}

// chosen is a choice in words; one that is not the default is marked.
func chosen(c profile.Choice) sheet.Words {
	_, words, _ := strings.Cut(c.String(), ": ")
	if c.IsDefault {
		return sheet.Plain(words + " (default)")
	}
	return sheet.Warn(words)
}

func (r *review) namespaces(s *sheet.Sheet) {
	p := r.page
	if withNamespaces(p.resolved) == nil {
		return
	}
	s.Gap()
	s.Heading(stepNamespaces.String())
	var rows []sheet.Words
	there := p.deck.Namespaces()
	for _, name := range p.resolved.VMNamespaces() {
		switch {
		case slices.Contains(there.Names, name):
			rows = append(rows, sheet.Plain(name))
		case there.Listed:
			rows = append(rows, sheet.Plain(name+" (is made)"))
		default:
			rows = append(rows, sheet.Plain(name+" (is made where it is missing)"))
		}
	}
	s.Fields([]sheet.Field{sheet.Of("For VMs", rows...)})
}

func (r *review) typing() bool { return r.pager.Capturing() }

func (r *review) escape() bool { return r.pager.Escape() }

func (r *review) refresh() tea.Cmd {
	r.w = 0
	return nil
}

func (r *review) fault() string {
	p := r.page
	if why := p.draft.nameProblem(p.list); why != "" {
		return why
	}
	if why := p.draft.versionProblem(); why != "" {
		return why
	}
	if why := p.packsProblem(); why != "" {
		return why
	}
	if len(p.problems) > 0 {
		return p.problems[0].Text
	}
	return ""
}

func (r *review) hints() []shell.Hint {
	other := "YAML"
	if r.yaml {
		other = "in words"
	}
	return []shell.Hint{{Key: "enter", Label: "next step"}, {Key: "e", Label: "change"}, {Key: "v", Label: other}, {Key: "/", Label: "search", Priority: 2}}
}
