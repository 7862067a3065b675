package bindings

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// draw makes the lines of the sub-tab anew when what they are made from has changed.
func (d *detail) draw() {
	now := stamp{d.root.state.At.UnixNano(), d.gone, d.part, d.w}
	if d.w <= 0 || now == d.state {
		return
	}
	d.state, d.changed = now, true
	if d.part == partYAML {
		lines, title := d.yamlLines()
		d.pagers[partYAML].SetTitle(title)
		d.pagers[partYAML].SetLines(lines)
		return
	}
	s := &sheet.Sheet{Theme: d.root.th, Width: max(d.w-2, 1)}
	d.aboutBinding(s)
	if d.row.stored == nil || d.row.stored.Err == nil {
		d.aboutSubjects(s)
		d.aboutRole(s)
		d.aboutGrants(s)
		d.aboutOthers(s)
		d.aboutRule(s)
	}
	d.pagers[partOverview].SetTitle(d.summary())
	d.pagers[partOverview].SetLines(s.Lines)
}

// summary is the line above the overview.
func (d *detail) summary() string {
	if d.row.state != "" {
		return "Needs attention: " + d.row.state
	}
	return "Grants " + d.row.grants.text + " " + inPlace(d.namespace())
}

func (d *detail) namespace() string {
	if d.row.made() || d.row.stored == nil || d.row.stored.ClusterWide {
		return d.row.binding.Namespace
	}
	return d.row.where
}

func (d *detail) aboutBinding(s *sheet.Sheet) {
	r := d.row
	if r.trouble != "" {
		s.Item(d.root.th.Glyphs.Warn, stateTone(r), sheet.Words{Text: r.trouble, Tone: stateTone(r)})
	}
	if !r.made() {
		s.Heading("Rule")
		s.Fields([]sheet.Field{sheet.One("name", r.rule), sheet.One("kept in", d.root.deck.Keeper.Rules.Where()), sheet.One("where", r.where)})
		return
	}
	where := "namespace " + r.binding.Namespace
	if r.binding.Namespace == "" {
		where = "everywhere: in all namespaces, and for what is in none"
	}
	s.Heading("Binding")
	s.Fields([]sheet.Field{sheet.One("kind", r.binding.Kind()), sheet.One("name", r.binding.Name),
		sheet.One("where", where), sheet.Of("made by", d.madeBy())})
}

func (d *detail) madeBy() sheet.Words {
	r := d.row
	switch {
	case r.stored != nil:
		return sheet.Plain(fmt.Sprintf("the rule %s, kept in %s", r.rule, d.root.deck.Keeper.Rules.Where()))
	case r.rule != "":
		return sheet.Plain(fmt.Sprintf("the rule %s, which is kept nowhere: it does not follow new namespaces", r.rule))
	case r.binding.Rule != "":
		return sheet.Warn(fmt.Sprintf("somebody else; it carries the label of the rule %s and is not called as that rule's bindings are", r.binding.Rule))
	}
	return sheet.Plain("somebody else: no rule of vmdeck")
}

func (d *detail) aboutSubjects(s *sheet.Sheet) {
	subjects := d.row.binding.Subjects
	if !d.row.made() && d.row.stored != nil {
		subjects = d.row.stored.Subjects
	}
	s.Heading(fmt.Sprintf("Subjects (%d)", len(subjects)))
	for _, subject := range subjects {
		s.Item(d.root.th.Glyphs.Bullet, theme.Dim, sheet.Plain(subject.String()))
	}
	if len(subjects) == 0 {
		s.Para(2, sheet.Dim("none"))
	}
}

// aboutRole says what the role is for, where it is one of the catalogue's and grants what that does.
func (d *detail) aboutRole(s *sheet.Sheet) {
	ref := d.row.role
	s.Heading(ref.String())
	role, known := rbac.Lookup(ref.Name)
	if !known || ref.Kind != rbac.KindClusterRole {
		if _, found := d.root.state.World.Roles[ref]; found {
			s.Para(2, sheet.Dim("Not one of vmdeck's roles; what it grants on VMs is below."))
		}
		return
	}
	switch d.root.state.World.Stand(role) {
	case binding.Differs:
		s.Item(d.root.th.Glyphs.Warn, theme.Warn, sheet.Warn("This cluster's role grants something else than vmdeck's of the same name: m compares them. What counts is below."))
		return
	case binding.Missing:
		s.Para(2, sheet.Warn("One of vmdeck's roles, not installed on this cluster: m installs it."))
		return
	}
	s.Para(2, sheet.Plain(role.Title+". "+role.Description))
	if len(role.Restrictions) > 0 {
		s.Para(2, sheet.Plain("It "+strings.Join(role.Restrictions, ", ")+"."))
	}
	if role.Reading != "" {
		s.Para(2, sheet.Dim(role.Reading))
	}
}

// aboutGrants lists every need, whether the role grants it there, and whether the subject has it by another binding too.
func (d *detail) aboutGrants(s *sheet.Sheet) {
	r := d.row
	if _, known := d.root.state.World.Roles[r.role]; !known {
		return
	}
	th, others := d.root.th, d.others()
	place := needsIn(r.binding.Namespace)
	if !r.made() && r.stored != nil && !r.stored.ClusterWide {
		place = needsIn("in a namespace")
	}
	s.Heading("Grants " + inPlace(d.namespace()))
	width := 0
	for _, n := range place {
		width = max(width, text.Width(n.Title))
	}
	for _, n := range place {
		var by []rbac.BindingRef
		for _, o := range others {
			if d.root.state.World.Roles[o.Role].AllowsAll(n.Perms) {
				by = append(by, o.Ref(r.subject))
			}
		}
		granted := slices.Contains(r.grants.ids, n.ID)
		note := ""
		switch {
		case granted && len(by) > 0:
			note = "also by " + refs(by)
		case granted && r.made() && r.subject.Kind != "":
			note = "by this binding alone"
		case len(by) > 0:
			note = "by " + refs(by)
		}
		if granted {
			s.Item(th.Glyphs.Mark, theme.Good, sheet.Plain(text.Fit(n.Title, width, "")+"  "+note))
		} else {
			s.Item(th.Glyphs.None, theme.Dim, sheet.Dim(text.Fit(n.Title, width, "")+"  "+note))
		}
	}
}

// others are the bindings that count in the same place for the same subject.
func (d *detail) others() []rbac.Binding {
	r := d.row
	if r.subject.Kind == "" {
		return nil
	}
	who := r.subject.Who()
	var out []rbac.Binding
	for _, b := range d.root.state.World.Bindings {
		counts := b.Namespace == "" || r.made() && b.Namespace == r.binding.Namespace
		if counts && b.UID != r.binding.UID && slices.ContainsFunc(b.Subjects, who.Is) {
			out = append(out, b)
		}
	}
	return out
}

// aboutOthers lists what else the subject has there, what does not concern VMs left out.
func (d *detail) aboutOthers(s *sheet.Sheet) {
	var lines []string
	for _, b := range d.others() {
		g, known := d.root.state.World.Roles[b.Role]
		if text := grantsOf(g, b.Namespace).text; known && text != wordNothing {
			lines = append(lines, fmt.Sprintf("%s → %s: %s", b, b.Role, text))
		}
	}
	if d.row.subject.Kind == "" || !d.row.made() {
		return
	}
	s.Heading(fmt.Sprintf("Other bindings of %s that count there", d.row.subject))
	for _, l := range lines {
		s.Item(d.root.th.Glyphs.Bullet, theme.Dim, sheet.Plain(l))
	}
	if len(lines) == 0 {
		s.Para(2, sheet.Dim("none that concerns VMs"))
	}
}

// aboutRule says in what the cluster is not as the rule says.
func (d *detail) aboutRule(s *sheet.Sheet) {
	stored := d.row.stored
	if stored == nil {
		return
	}
	s.Heading("Rule " + stored.Name)
	where := strings.Join(stored.Namespaces, "  ")
	if stored.ClusterWide {
		where = everywhere
	}
	s.Fields([]sheet.Field{sheet.One("namespaces", where),
		sheet.One("lists", cmp.Or(map[bool]string{true: "with the bindings that let everybody list namespaces and templates"}[stored.Lists], "without the bindings for listing namespaces and templates"))})
	plan, err := rbac.NewPlan(stored.BindingRule, d.root.state.World.World)
	switch {
	case err != nil:
		s.Para(2, sheet.Words{Text: err.Error(), Tone: theme.Bad})
	case plan.Empty() && len(plan.Conflicts) == 0:
		s.Para(2, sheet.Dim("The cluster is as the rule says."))
	default:
		s.Para(2, sheet.Warn("The cluster is not as the rule says. vmdeck bindings sync would do this:"))
		for _, l := range plan.Lines() {
			s.Para(4, sheet.Plain(l))
		}
	}
}

// yamlLines are the binding as a manifest.
func (d *detail) yamlLines() ([]pager.Line, string) {
	if !d.row.made() {
		return []pager.Line{pager.Plain("The rule has made no binding.")}, "No manifest"
	}
	data, err := yaml.Marshal(d.row.binding.Object())
	if err != nil {
		return []pager.Line{pager.Plain(err.Error())}, "No manifest"
	}
	return pager.YAML(string(data), d.root.th), "As vmdeck reads it; other labels and annotations are left out"
}

// bindingsOf is a row's binding, where it has one.
func bindingsOf(r *row) []rbac.Binding {
	if !r.made() {
		return nil
	}
	return []rbac.Binding{r.binding}
}
