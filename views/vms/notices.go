package vms

import (
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/views/deck"
)

// notices lists what limits the list at the moment, most important first.
func (p *Page) notices() []sheet.Words {
	var all []sheet.Words
	if n, ok := p.connectionNotice(); ok {
		all = append(all, n)
	}
	if gone := p.goneNamespace(); gone != "" {
		all = append(all, sheet.Warn(gone))
	}
	all = append(all, p.eyesNotices()...)
	report := p.deck.Report
	if report.Total == 0 {
		return all[:min(len(all), sheet.MostNotices)] // the empty list says the rest at length
	}
	machines := report.Kinds[vm.Machines]
	if machines.Phase == stream.Live && len(machines.Forbidden) > 0 {
		all = append(all, sheet.Warn(fmt.Sprintf("You may not list VMs in %s.", text.Listed(slices.Sorted(slices.Values(machines.Forbidden)), 4))))
	}
	if machines.Phase == stream.Forbidden {
		all = append(all, sheet.Warn("You may not list VirtualMachines: stopped VMs are not shown, only instances."))
	}
	if c := report.Kinds[vm.Instances]; c.Phase == stream.Forbidden {
		all = append(all, sheet.Warn("You may not list VirtualMachineInstances: node, IP and guest OS are unknown."))
	}
	if c := report.Kinds[vm.Migrations]; c.Phase == stream.Forbidden {
		all = append(all, sheet.Dim("You may not list migrations: they show once under way; no cancelling here."))
	}
	return all[:min(len(all), sheet.MostNotices)]
}

// connectionNotice says that the list may be old.
func (p *Page) connectionNotice() (sheet.Words, bool) {
	status := p.deck.Cluster.Health().Status()
	if status.State == kube.Throttled {
		return sheet.Warn("The API server asks for fewer requests (429): changes may come late."), true
	}
	if p.deck.Report.Total == 0 {
		return sheet.Words{}, false // the empty list says it at length
	}
	return deck.ConnectionNotice(status, p.now, "the list is from then, actions are off")
}

// goneNamespace says that the namespace that is shown is being deleted or does not exist; empty otherwise or where that is not known.
func (p *Page) goneNamespace() string {
	places := p.deck.Namespaces()
	switch {
	case p.namespace == "" || !places.Listed:
		return ""
	case slices.Contains(places.Terminating, p.namespace):
		return fmt.Sprintf("Namespace %s is being deleted, with everything in it. n chooses another.", p.namespace)
	case !slices.Contains(places.Names, p.namespace):
		return fmt.Sprintf("There is no namespace %s, or not any more. n chooses another.", p.namespace)
	}
	return ""
}

// loaded says whether the list is complete, as far as it can be.
func (p *Page) loaded() bool {
	c, ok := p.deck.Report.Kinds[vm.Machines]
	return ok && c.Phase != stream.Loading
}

// empty is what stands in place of an empty list: why it is empty and what to do.
func (p *Page) empty(w, h int) string {
	title, lines := p.emptyText()
	return sheet.Instead(p.th, w, h, func(s *sheet.Sheet) { s.Say(title, lines...) })
}

func (p *Page) emptyText() (title string, lines []string) {
	report, target := p.deck.Report, p.deck.Cluster.Target()
	c, known := report.Kinds[vm.Machines]
	status := p.deck.Cluster.Health().Status()
	switch {
	case p.list.Total() > 0 && p.filterErr != nil:
		return "The filter cannot be read.", []string{p.filterErr.Error()}
	case p.list.Total() > 0 && p.list.Query.Value() == "":
		return "There are no virtual machines " + p.where() + ".", []string{p.hiddenText(), "n chooses another namespace."}
	case p.list.Total() > 0:
		return "No VM matches.", []string{p.hiddenText(), "esc clears the filter."}
	case status.State == kube.Expired:
		return "The login is not accepted.", []string{status.Reason, "vmdeck goes on by itself once that has worked. R tries now, C chooses another context."}
	case c.Phase == stream.Lost || status.State == kube.Lost:
		return "The API server does not answer.", []string{reason(c.Err, status.Reason), fmt.Sprintf("Trying again by itself (context %s). R tries now, C chooses another context.", target.Context)}
	case !known || c.Phase == stream.Loading:
		return "Loading virtual machines" + p.th.Glyphs.Ellipsis, []string{"from context " + target.Context}
	case c.Phase == stream.Absent:
		return "This cluster has no KubeVirt.", []string{
			fmt.Sprintf("The API server of context %s does not know the API kubevirt.io/v1.", target.Context),
			"The list appears by itself when KubeVirt is installed. C chooses another context."}
	case c.Phase == stream.Forbidden:
		return "You may not list virtual machines here.", p.forbiddenText(c)
	default:
		return "There are no virtual machines " + p.where() + ".", []string{"New ones appear here by themselves. + makes one from a template, n chooses another namespace."}
	}
}

func (p *Page) where() string {
	scope := p.deck.Inventory().Scope()
	switch {
	case p.namespace != "":
		return "in namespace " + p.namespace
	case !scope.All:
		return "in namespace " + strings.Join(scope.Namespaces, ", ")
	default:
		return "on this cluster"
	}
}

// forbiddenText says who lacks what, and how to go on.
func (p *Page) forbiddenText(c vm.Coverage) []string {
	need := rbac.On("list", rbac.GroupKubeVirt, string(vm.Machines))
	lines := []string{fmt.Sprintf("%s needs %s.", p.deck.User(), need)}
	if roles := rbac.Granting(need); len(roles) > 0 {
		lines = append(lines, "Roles that grant it: "+strings.Join(roles, ", ")+". A cluster administrator can bind one to you.")
	}
	places := p.deck.Namespaces()
	if c.ByNamespace && len(places.Names) == 0 {
		lines = append(lines, "You may not list namespaces either, and none is configured. Do you have rights in one? Press n and type its name.")
	} else {
		lines = append(lines, fmt.Sprintf("Looked in: %s. Press n to type another namespace.", text.Listed(places.Names, 6)))
	}
	return append(lines, "Rights come from role bindings: 3 shows them, and sets them up for those who may. C chooses another context.")
}

func (p *Page) hiddenText() string {
	switch q := p.list.Query.Value(); {
	case q == "":
		return fmt.Sprintf("%d in other namespaces are not shown.", p.list.Total())
	case p.namespace != "":
		return fmt.Sprintf("%d are hidden by namespace %s and the filter %s.", p.list.Total(), p.namespace, q)
	default:
		return fmt.Sprintf("%d are hidden by the filter %s.", p.list.Total(), q)
	}
}

func (p *Page) countText() string { return fmt.Sprintf("%d of %d", p.list.Visible(), p.list.Total()) }

func reason(err error, fallback string) string {
	if err == nil {
		return fallback
	}
	return kube.Explain(err, "list virtual machines")
}
