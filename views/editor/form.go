package editor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/combo"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// part is a place of the form that can have the focus.
type part int

const (
	partScope part = iota
	partRoleKind
	partRole
	partSubjects
	partNamespaces
	partTarget
	partLists
	partName
	partKeep
	partReview
	partCancel
)

// stop is a part and, in a list, the entry.
type stop struct {
	part  part
	index int
}

// form is the rule while it is edited. Subjects and Namespaces end with an empty entry, in which the next one is typed.
type form struct {
	th         *theme.Theme
	cluster    bool
	roleKind   string
	role       *combo.Model
	subjects   []*combo.Model
	namespaces []*combo.Model
	lists      bool
	name       *combo.Model
	named      bool  // the name is the user's and not a proposal
	keep       *bool // whether the rule is stored, if the user has said so

	fixed  bool   // the rule exists, so its name stays
	stored bool   // it is stored already
	group  string // the cluster group of the cluster; empty: none
	groups []deck.Group
	target int           // 0: this cluster only; else all of groups[target-1]
	where  string        // where rules are kept; empty: nowhere
	barred func() string // why rules cannot be stored there; empty: they can, as far as is known
	focus  stop
	left   map[stop]bool // what has been left once may show what is wrong with it
	asked  bool          // a review was asked for, so everything may
	opened string        // what was entered when the form was opened
	state  func() binding.State

	worths  map[string]int // of cluster roles, by what was read then
	worthAt time.Time
}

func newForm(d *deck.Deck, e deck.EditRule) *form {
	f := &form{
		th: d.Theme, group: d.Keeper.Group, groups: d.Groups, state: d.Rights, barred: func() string { return "" }, fixed: e.Exists, stored: e.Version != "",
		roleKind: e.Rule.RoleKind, cluster: e.Rule.ClusterWide, left: map[stop]bool{},
	}
	if store := d.Keeper.Rules; store != nil {
		f.where, f.barred = store.Where(), func() string { return unsaved(d.Cluster.Access().Decide("", binding.Saving(store))) }
	}
	if f.roleKind == "" {
		f.roleKind = rbac.KindClusterRole
	}
	f.role, f.name = combo.New(f.th, "type to search"), combo.New(f.th, "")
	f.role.Choose, f.role.Items = true, f.roleItems
	f.role.SetValue(e.Rule.RoleName)
	for _, s := range e.Rule.Subjects {
		f.subjects = append(f.subjects, f.subjectField(spell(s)))
	}
	for _, n := range e.Rule.Namespaces {
		f.namespaces = append(f.namespaces, f.namespaceField(n))
	}
	f.name.SetValue(e.Rule.Name)
	f.named = e.Rule.Name != ""
	// Every user needs the two, so a new rule brings them along unless somebody says no (C1).
	f.lists = f.group == "" && (e.Rule.Lists || !e.Exists)
	f.settle()
	f.focus = stop{part: partRole}
	if e.Exists {
		f.focus = stop{part: partSubjects, index: len(f.subjects) - 1}
	}
	f.opened = f.entered()
	return f
}

func (f *form) subjectField(value string) *combo.Model {
	c := combo.New(f.th, "name, group:name or sa:namespace/name")
	c.Items = f.subjectItems
	c.SetValue(value)
	return c
}

func (f *form) namespaceField(value string) *combo.Model {
	c := combo.New(f.th, "name, /pattern/ or ~/pattern/")
	c.Items = f.namespaceItems
	c.SetValue(value)
	return c
}

// settle drops entries that were emptied and keeps an empty one at the end of each list.
func (f *form) settle() {
	f.subjects = f.settled(partSubjects, f.subjects, f.subjectField)
	f.namespaces = f.settled(partNamespaces, f.namespaces, f.namespaceField)
}

func (f *form) settled(p part, list []*combo.Model, empty func(string) *combo.Model) []*combo.Model {
	for i := len(list) - 1; i >= 0; i-- {
		here := f.focus == stop{p, i}
		if list[i].Value() != "" || here {
			continue
		}
		list = slices.Delete(list, i, i+1)
		if f.focus.part == p && f.focus.index > i {
			f.focus.index--
		}
	}
	if n := len(list); n == 0 || list[n-1].Value() != "" {
		list = append(list, empty(""))
	}
	return list
}

// stops are the places that the focus goes through, in order.
func (f *form) stops() []stop {
	out := []stop{{part: partScope}, {part: partRoleKind}, {part: partRole}}
	for i := range f.subjects {
		out = append(out, stop{partSubjects, i})
	}
	if !f.cluster {
		for i := range f.namespaces {
			out = append(out, stop{partNamespaces, i})
		}
	}
	if len(f.groups) > 0 {
		out = append(out, stop{part: partTarget})
	}
	if f.group == "" {
		out = append(out, stop{part: partLists})
	}
	if !f.fixed {
		out = append(out, stop{part: partName})
	}
	if f.where != "" {
		out = append(out, stop{part: partKeep})
	}
	return append(out, stop{part: partReview}, stop{part: partCancel})
}

// text is the text field with the focus, nil when something else has it.
func (f *form) text() *combo.Model { return f.at(f.focus) }

func (f *form) at(s stop) *combo.Model {
	switch {
	case s.part == partRole:
		return f.role
	case s.part == partName && !f.fixed:
		return f.name
	case s.part == partSubjects && s.index < len(f.subjects):
		return f.subjects[s.index]
	case s.part == partNamespaces && s.index < len(f.namespaces):
		return f.namespaces[s.index]
	}
	return nil
}

// move takes the focus on by some stops, around the ends.
func (f *form) move(by int) {
	stops := f.stops()
	i := max(slices.Index(stops, f.focus), 0)
	f.goTo(stops[(i+by+len(stops))%len(stops)])
}

func (f *form) goTo(s stop) {
	if c := f.text(); c != nil {
		c.Close()
	}
	f.left[f.focus] = true
	f.focus = s
	f.settle()
	if s.part == partRole && f.role.Value() == "" {
		f.role.Open()
	}
}

// rule is what was entered so far, whether it can be used or not.
func (f *form) rule() rbac.BindingRule {
	r := rbac.BindingRule{
		Name: f.name.Value(), RoleKind: f.roleKind, RoleName: strings.TrimSpace(f.role.Value()), ClusterWide: f.cluster,
		Lists: f.lists && f.group == "", ClusterGroup: f.group != "",
	}
	for _, c := range f.subjects {
		if c.Value() != "" {
			r.Subjects = append(r.Subjects, subjectOf(c.Value()))
		}
	}
	if !f.cluster {
		r.Namespaces = f.places()
	}
	return r
}

// places are the names and patterns of namespaces that were entered, also while the other tab is shown.
func (f *form) places() []string {
	var out []string
	for _, c := range f.namespaces {
		if c.Value() != "" {
			out = append(out, strings.TrimSpace(c.Value()))
		}
	}
	return out
}

// entered is everything that was typed, to tell whether there is something to lose.
func (f *form) entered() string {
	r := f.rule()
	name := ""
	if f.named {
		name = r.Name
	}
	return fmt.Sprintf("%q", []any{name, r.RoleKind, r.RoleName, r.Subjects, f.places(), r.ClusterWide, r.Lists, f.target, f.keep != nil && *f.keep != f.stored})
}

// taken tells whether another rule goes by the name: by what is stored, or by what its bindings say.
func taken(s binding.State, name string) bool {
	if _, stored := binding.Find(s.Rules, name); stored {
		return true
	}
	return slices.ContainsFunc(s.World.Bindings, func(b rbac.Binding) bool { return b.Rule == name })
}

// longestProposal leaves room for the suffixes of bindings and of proposals.
const longestProposal = 40

// propose names the rule after its role and its first subject, until the user has named it.
func (f *form) propose() {
	if f.fixed || f.named || f.focus.part == partName {
		return
	}
	r := f.rule()
	words := strings.TrimPrefix(r.RoleName, "spectro-")
	if len(r.Subjects) > 0 {
		words += " " + r.Subjects[0].Name
	}
	proposal, state := nameFrom(words), f.state()
	name := proposal
	for n := 2; name != "" && taken(state, name); n++ {
		name = fmt.Sprintf("%s-%d", proposal, n)
	}
	f.name.SetValue(name)
}

// nameFrom makes a text into a name: lower case letters, digits and dashes.
func nameFrom(words string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(words) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := b.String()
	return strings.Trim(name[:min(len(name), longestProposal)], "-")
}
