package templates

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/combo"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// part is a place of the form that can have the focus.
type part int

const (
	partTemplate part = iota
	partName
	partNamespace
	partCPU
	partMemory
	partStorage
	partLabels
	partStart
	partCreate
	partYAML
	partCancel
)

// fieldTemplate is the field of problems with the template, which is none of the options.
const fieldTemplate = "template"

// ids are the fields by which problems say what they are about.
var ids = map[part]string{
	partTemplate: fieldTemplate, partName: template.FieldName, partNamespace: template.FieldNamespace, partCPU: template.FieldCPU, partMemory: template.FieldMemory,
	partStorage: template.FieldStorageClass, partLabels: template.FieldLabels, partStart: template.FieldStart,
}

// form is what is chosen for the VM.
type form struct {
	deck    *deck.Deck
	th      *theme.Theme
	fields  map[part]*combo.Model
	start   *bool // nil: as the template says
	focus   part
	classes []string // storage classes, where they may be listed

	named, placed bool // name and namespace are the user's, and no proposals
	touched       bool
	left          map[part]bool // what has been left once may show what is wrong with it
	asked         bool          // the VM was asked for, so everything may
}

func newForm(d *deck.Deck, asked deck.Launch) *form {
	f := &form{deck: d, th: d.Theme, fields: map[part]*combo.Model{}, left: map[part]bool{}}
	for p, placeholder := range map[part]string{
		partTemplate: "type to search", partName: "", partNamespace: "type to search", partCPU: "", partMemory: "", partStorage: "the template's, or the cluster's default", partLabels: "tier=web, owner=team-a",
	} {
		f.fields[p] = combo.New(d.Theme, placeholder)
	}
	f.fields[partTemplate].Items, f.fields[partTemplate].Choose = f.templateItems, true
	f.fields[partNamespace].Items = f.namespaceItems
	f.fields[partStorage].Items = func(string) []combo.Item {
		items := make([]combo.Item, len(f.classes))
		for i, name := range f.classes {
			items[i] = combo.Item{Value: name}
		}
		return items
	}
	f.fields[partTemplate].SetValue(asked.Template)
	f.fields[partNamespace].SetValue(asked.Namespace)
	f.placed = asked.Namespace != ""
	if asked.Template != "" {
		f.focus = partName
	}
	return f
}

func (f *form) value(p part) string { return strings.TrimSpace(f.fields[p].Value()) }

func (f *form) templateItems(string) []combo.Item {
	var items []combo.Item
	for _, t := range f.deck.Templates().Templates {
		desc := t.Title
		if size := sizes(t); size != "" {
			desc += ", " + size
		}
		items = append(items, combo.Item{Value: t.Name, Desc: desc})
	}
	return items
}

// sizes reads "2 CPU, 4Gi".
func sizes(t template.Template) string {
	var out []string
	if t.CPU > 0 {
		out = append(out, cpuText(t)+" CPU")
	}
	if t.Memory > 0 {
		out = append(out, memoryText(t))
	}
	return strings.Join(out, ", ")
}

func (f *form) namespaceItems(string) []combo.Item {
	var items, off []combo.Item
	for _, name := range places(f.deck) {
		switch v := launchingIn(f.deck, name); v.Cause {
		case vm.Permission:
			off = append(off, combo.Item{Value: name, Desc: "not permitted"})
		default:
			items = append(items, combo.Item{Value: name})
		}
	}
	known := f.deck.Namespaces()
	for _, name := range known.Names {
		if !slices.ContainsFunc(append(items, off...), func(it combo.Item) bool { return it.Value == name }) && !slices.Contains(known.Terminating, name) {
			items = append(items, combo.Item{Value: name})
		}
	}
	return append(items, off...)
}

// follow takes in what has become known: templates, namespaces, rights.
func (f *form) follow() {
	if c := f.text(); c != nil {
		c.Refresh()
	}
	if f.focus == partTemplate && f.value(partTemplate) == "" && !f.fields[partTemplate].Opened() && !f.touched {
		f.fields[partTemplate].Open()
	}
	f.place()
}

// place proposes the first namespace in which VMs may be made, the context's own before the others.
func (f *form) place() {
	if f.placed || f.focus == partNamespace {
		return
	}
	candidates := places(f.deck)
	if own := f.deck.Cluster.Target().Namespace; own != "" && slices.Contains(candidates, own) {
		candidates = append([]string{own}, candidates...)
	}
	proposal := ""
	for _, name := range candidates {
		v := launchingIn(f.deck, name)
		if v.Offered() && !rbac.IsSystemNamespace(name) {
			proposal = name
			break
		}
	}
	f.fields[partNamespace].SetValue(cmp.Or(proposal, f.value(partNamespace), first(candidates)))
}

func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// template is the one that is chosen.
func (f *form) template() (template.Template, bool) {
	return f.deck.Templates().Find(f.value(partTemplate))
}

// propose gives the VM a name that is free, until the user gives it one.
func (f *form) propose() {
	t, ok := f.template()
	if !ok || f.named || f.focus == partName && f.touched {
		return
	}
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s-%d", t.Name, n)
		if f.deck.Inventory().Find(f.value(partNamespace), name) == nil {
			f.fields[partName].SetValue(name)
			return
		}
	}
}

// typed notes what follows from a change of the field with the focus.
func (f *form) typed() {
	f.touched = true
	switch f.focus {
	case partName:
		f.named = f.value(partName) != ""
	case partNamespace:
		f.placed = f.value(partNamespace) != ""
	}
}

// starts tells whether the VM will be started.
func (f *form) starts() bool {
	if f.start != nil {
		return *f.start
	}
	t, ok := f.template()
	return ok && startsAtOnce(t)
}

// parts are those that there are, in order.
func (f *form) parts() []part {
	t, ok := f.template()
	out := []part{partTemplate, partName, partNamespace}
	if !ok || t.Instancetype == "" {
		out = append(out, partCPU, partMemory)
	}
	if ok && t.DataVolumes > 0 {
		out = append(out, partStorage)
	}
	return append(out, partLabels, partStart, partCreate, partYAML, partCancel)
}

// move goes to another part. The buttons are one stop, which arrows tell apart.
func (f *form) move(by int) {
	if c := f.text(); c != nil {
		c.Close()
	}
	f.left[f.focus] = true
	stops := slices.DeleteFunc(f.parts(), func(p part) bool { return p > partCreate })
	at := slices.Index(stops, min(f.focus, partCreate))
	f.goTo(stops[max(0, min(at+by, len(stops)-1))])
}

func (f *form) goTo(p part) {
	f.focus = p
	if p == partTemplate && f.value(p) == "" {
		f.fields[p].Open()
	}
}

// text is the field with the focus; nil where nothing is typed.
func (f *form) text() *combo.Model { return f.fields[f.focus] }

// options are what is chosen. problems are about what cannot be read.
func (f *form) options() (o template.Options, problems []template.Problem) {
	o = template.Options{Name: f.value(partName), Namespace: f.value(partNamespace), Start: f.start}
	parts := f.parts()
	if typed := f.value(partCPU); typed != "" && slices.Contains(parts, partCPU) {
		n, err := strconv.ParseInt(typed, 10, 32)
		if o.CPU = n; err != nil || n < 1 {
			o.CPU = 0
			problems = append(problems, template.Problem{Field: template.FieldCPU, Text: fmt.Sprintf("%q is no number of CPUs.", typed)})
		}
	}
	if slices.Contains(parts, partMemory) {
		o.Memory = f.value(partMemory)
	}
	if slices.Contains(parts, partStorage) {
		o.StorageClass = f.value(partStorage)
	}
	for _, label := range strings.FieldsFunc(f.value(partLabels), func(r rune) bool { return r == ',' || r == ' ' }) {
		key, value, ok := strings.Cut(label, "=")
		if !ok {
			problems = append(problems, template.Problem{Field: template.FieldLabels, Text: fmt.Sprintf("%q is no label like tier=web.", label)})
			continue
		}
		if o.Labels == nil {
			o.Labels = map[string]string{}
		}
		o.Labels[key] = value
	}
	return o, problems
}

// machine is the VM as it would be made.
func (f *form) machine() (template.Machine, []template.Problem) {
	t, ok := f.template()
	if !ok {
		text := "choose a template."
		if typed := f.value(partTemplate); typed != "" {
			text = fmt.Sprintf("there is no template %q.", typed)
		}
		if s := f.deck.Templates(); s.At.IsZero() && s.Err == nil {
			text = "the templates are still being read."
		} else if s.Err != nil {
			text = strings.TrimSuffix(s.Err.Error(), ".") + "."
		}
		return template.Machine{}, []template.Problem{{Field: fieldTemplate, Text: text}}
	}
	o, problems := f.options()
	m, more := t.Instantiate(o)
	return m, append(problems, more...)
}

// yaml is the manifest; empty without a template.
func (f *form) yaml() string {
	if _, ok := f.template(); !ok {
		return ""
	}
	m, _ := f.machine()
	yaml, err := m.YAML()
	if err != nil {
		return "# " + text.Clean(err.Error())
	}
	return yaml
}

// problems are what is wrong, where it is time to say so: a field that was left, or all when the VM was asked for.
func (f *form) problems() []template.Problem {
	_, all := f.machine()
	unread := f.deck.Templates().At.IsZero() // then nothing helps but to say so
	return slices.DeleteFunc(all, func(pr template.Problem) bool {
		if unread && pr.Field == fieldTemplate {
			return false
		}
		for p, id := range ids {
			if id == pr.Field {
				return !f.asked && (!f.left[p] || f.focus == p)
			}
		}
		return !f.asked
	})
}
