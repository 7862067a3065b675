package templates

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/combo"
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
		partTemplate: "type to search", partName: "", partNamespace: "type to search", partCPU: "", partMemory: "",
		partStorage: "the template's, or the cluster's default", partLabels: "tier=web, owner=team-a",
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
	candidates := places(f.deck)
	for _, name := range candidates[:min(len(candidates), asked)] {
		switch v := launchingIn(f.deck, name); v.Cause {
		case vm.Permission:
			off = append(off, combo.Item{Value: name, Desc: "not permitted"})
		default:
			items = append(items, combo.Item{Value: name})
		}
	}
	for _, name := range candidates[min(len(candidates), asked):] {
		items = append(items, combo.Item{Value: name})
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

// place proposes the likeliest namespace in which VMs may be made.
func (f *form) place() {
	if f.placed || f.focus == partNamespace {
		return
	}
	candidates := places(f.deck)
	proposal := ""
	for _, name := range candidates[:min(len(candidates), asked)] {
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
