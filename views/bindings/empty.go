package bindings

import (
	"fmt"
	"strings"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// emptyText is what stands in place of an empty list: why it is empty and what to do.
func (p *Page) emptyText(s *sheet.Sheet) {
	say := s.Say
	status := p.deck.Cluster.Health().Status()
	visible := p.list.Total() - p.hidden()
	switch {
	case visible > 0 && p.filterErr != nil:
		say("The filter cannot be read.", p.filterErr.Error())
	case visible > 0:
		say("No binding matches.", fmt.Sprintf("%d are hidden by the filter %s.", visible, p.list.Query.Value()), "Keys to filter by: "+strings.Join(firsts(filterKeys), " "), "esc clears the filter.")
	case p.state.At.IsZero() && status.State == kube.Expired:
		say("The login is not accepted.", status.Reason, "vmdeck goes on by itself once that has worked. R tries now, C chooses another context.")
	case p.state.At.IsZero() && status.State == kube.Lost:
		say("The API server does not answer.", status.Reason, "Trying again by itself. R tries now, C chooses another context.")
	case p.state.At.IsZero() && p.state.Err != nil:
		say("Roles and bindings could not be read.", kube.Explain(p.state.Err, "Reading them"), "Trying again by itself. R tries now.")
	case p.state.At.IsZero():
		say("Loading roles and bindings"+p.th.Glyphs.Ellipsis, "from context "+p.deck.Cluster.Target().Context)
	case p.facts.blind:
		say("You may not list role bindings here.", p.blindText()...)
	default:
		p.firstStart(s, say)
	}
}

// blindText says what is missing, who could give it, and what can be found out all the same.
func (p *Page) blindText() []string {
	lists := []rbac.Permission{rbac.On("list", rbac.GroupRBAC, "rolebindings"), rbac.On("list", rbac.GroupRBAC, "clusterrolebindings")}
	lines := []string{fmt.Sprintf("%s needs %s and %s.", p.deck.User(), lists[0], lists[1])}
	if roles := rbac.Granting(lists...); len(roles) > 0 {
		lines = append(lines, "Roles that grant it: "+strings.Join(roles, ", ")+". A cluster administrator can bind one to you.")
	}
	if looked := p.state.World.Namespaces; len(looked) > 0 {
		lines = append(lines, "Looked across the cluster, and in: "+text.Listed(looked, 6)+".")
	}
	return append(lines, "What you may do yourself, and who could change it, is said of every action that is off in the list of VMs (1), and by "+
		"vmdeck why ACTION NAMESPACE/VM.", "R asks again.")
}

// firstStart leads to the first rule (MISSION C7).
func (p *Page) firstStart(s *sheet.Sheet, say func(string, ...string)) {
	say("Nobody has been given rights on VMs yet.",
		"Roles say what may be done, bindings say by whom and where. Until there are some, nobody can use VMs, their administrators included.")
	s.Gap()
	step := func(number, key, what, off string) {
		tone := theme.Normal
		if off != "" {
			what, tone = what+" ("+off+")", theme.Dim
		}
		head := number + "  " + p.th.Paint(theme.Accent, key) + "  "
		for _, line := range text.Wrap(text.Clean(what), max(s.Width-6, 1)) {
			s.Raw(head + p.th.Paint(tone, line))
			head = text.Spaces(6)
		}
	}
	switch n := len(p.facts.missing); {
	case n == 0:
		step("1", p.th.Glyphs.Mark, "vmdeck's roles are on this cluster", "")
	default:
		step("1", "m", fmt.Sprintf("install vmdeck's roles: %d of %d are missing on this cluster", n, len(rbac.Names())), "")
	}
	step("2", "n", "make a rule: who gets which role in which namespaces", p.off(keyNew))
	if p.facts.system > 0 || len(p.facts.gaps) > 0 {
		s.Gap()
	}
	if p.hidden() > 0 {
		s.Para(0, sheet.Dim(fmt.Sprintf("%d bindings by which the system itself has rights are hidden: t shows them.", p.facts.system)))
	}
	for _, gap := range p.facts.gaps {
		s.Para(0, sheet.Warn(gap))
	}
}
