package profiles

import (
	"errors"
	"fmt"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// secretsNeeded says why releases are not known.
var secretsNeeded = fmt.Sprintf("you may not list the secrets in which Helm keeps its releases (needs %s)", rbac.On("list", rbac.GroupCore, "secrets"))

// emptyText is what stands in place of an empty list: why it is empty and what to do.
func (p *Page) emptyText(s *sheet.Sheet) {
	status, err := p.deck.Cluster.Health().Status(), p.state.Err
	unread := p.state.At.IsZero()
	folder := len(profile.Creating(p.keeper().Profiles)) == 0
	switch {
	case p.list.Total() > 0:
		s.Say("No profile matches.", fmt.Sprintf("%d are hidden by the filter %s.", p.list.Total(), p.list.Query.Value()), "esc clears the filter.")
	case unread && err != nil && kube.Classify(err) == kube.KindForbidden:
		p.blindText(s)
	case unread && !folder && status.State == kube.Expired:
		s.Say("The login is not accepted.", status.Reason, "vmdeck goes on by itself once that has worked. R tries now, C chooses another context.")
	case unread && !folder && status.State == kube.Lost:
		s.Say("The API server does not answer.", status.Reason, "Trying again by itself. R tries now, C chooses another context.")
	case unread && err != nil:
		s.Say("The profiles could not be read.", profile.ExplainList(err), "They are kept in "+p.keeper().Profiles.Where()+". Trying again by itself. R tries now.")
	case unread:
		s.Say("Loading profiles"+p.th.Glyphs.Ellipsis, "from "+p.keeper().Profiles.Where()+" of context "+p.deck.Cluster.Target().Context)
	default:
		p.firstStart(s, errors.Is(err, profile.ErrNotInstalled))
	}
}

// blindText says what is missing, and what can be done all the same.
func (p *Page) blindText(s *sheet.Sheet) {
	need := rbac.On("list", rbac.GroupVMDeck, "clusterprofiles")
	lines := []string{fmt.Sprintf("%s needs %s.", p.deck.User(), need)}
	if roles := rbac.Granting(need); len(roles) > 0 {
		lines = append(lines, "Roles that grant it: "+text.Listed(roles, 6)+". A cluster administrator can bind one to you.")
	} else {
		lines = append(lines, "No role of vmdeck grants it: who keeps profiles decides what runs on the cluster. A cluster administrator can give it to you.")
	}
	if reason := p.mayNotMake(); reason != "" {
		lines = append(lines, "You may not make profiles either: "+reason+".")
	}
	s.Say("You may not read the cluster profiles.", append(lines,
		"Profiles can also be kept as files in a folder of your own: profiles: FOLDER in the configuration.", "R asks again, C chooses another context.")...)
}

// firstStart says what a profile is and leads to the first one.
func (p *Page) firstStart(s *sheet.Sheet, absent bool) {
	s.Say("There are no cluster profiles yet.",
		"A cluster profile says which packs, with which settings, make a cluster a platform for VMs: KubeVirt's orchestrator with its roles and "+
			"templates, the dashboard, the proxy. It is applied, upgraded, rolled back and removed as one thing.",
		"Profiles are kept in "+p.keeper().Profiles.Where()+".")
	s.Gap()
	number := 1
	if absent {
		p.step(s, number, listKeys.Binding(keyInstall).Keys[0], "make the custom resource of profiles known to the cluster", p.off(keyInstall))
		number++
	}
	p.step(s, number, listKeys.Binding(keyNew).Keys[0], "make a profile, step by step", p.off(keyNew))
	p.step(s, number+1, listKeys.Binding(keyApply).Keys[0], "apply it to this cluster", "")
	if absent {
		s.Gap()
		s.Para(0, sheet.Dim("Without the custom resource profiles can be kept as files in a folder: profiles: FOLDER in the configuration. Both take the same files."))
	}
	for _, gap := range p.gaps() {
		s.Gap()
		s.Para(0, gap)
	}
}

func (p *Page) step(s *sheet.Sheet, number int, key, what, off string) {
	tone := theme.Normal
	if off != "" {
		what, tone = what+" ("+off+")", theme.Dim
	}
	head := fmt.Sprintf("%d  ", number) + p.th.Paint(theme.Accent, key) + "  "
	for _, line := range text.Wrap(text.Clean(what), max(s.Width-6, 1)) {
		s.Raw(head + p.th.Paint(tone, line))
		head = text.Spaces(6)
	}
}

// installWay is what to do where the cluster does not know the custom resource.
func (p *Page) installWay() string {
	if reason := p.off(keyInstall); reason != "" {
		return "You may not install it (" + reason + ")."
	}
	return listKeys.Binding(keyInstall).Keys[0] + " installs it."
}
