package templates

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// asked is in how many namespaces it is asked whether VMs may be made there, so that a cluster with hundreds is not flooded.
const asked = 24

// launchingIn judges whether a VM may be made from a template in a namespace.
func launchingIn(d *deck.Deck, namespace string) vm.Verdict {
	return d.Gate.Permit(func(access vm.Decider) rbac.Decision { return template.Decide(access, namespace) })
}

// launching judges whether a VM may be made anywhere: as long as one namespace is left in which it might, it is offered.
func launching(d *deck.Deck) vm.Verdict {
	everywhere := launchingIn(d, "")
	if everywhere.Cause != vm.Permission {
		return everywhere
	}
	names := places(d)
	for _, namespace := range names[:min(len(names), asked)] {
		if v := launchingIn(d, namespace); v.Cause != vm.Permission {
			return v
		}
	}
	if len(names) > asked {
		return vm.Verdict{} // not all were asked about: the form says of the one that is chosen
	}
	if missing := everywhere.Decision.Missing; slices.Equal(missing, template.Launches()) {
		everywhere.Reason = "needs " + missing[0].Short() + " in a namespace"
		everywhere.Decision.Reason = everywhere.Reason
		if len(names) > 0 {
			everywhere.Decision.Reason += ", and has it in none of " + text.Listed(names, 4)
		}
	}
	return everywhere
}

// places are the namespaces that VMs could be made in, the likeliest first: the context's own, those that the applied profile has for VMs,
// the others, and the cluster's own last. It is asked about no more than the first of them.
func places(d *deck.Deck) []string {
	known, own := d.Namespaces(), d.Cluster.Target().Namespace
	all := slices.DeleteFunc(slices.Clone(known.Names), func(name string) bool { return slices.Contains(known.Terminating, name) })
	if own != "" && !slices.Contains(all, own) && !known.Listed {
		all = append(all, own)
	}
	forVMs := d.Setup().Namespaces
	rank := func(name string) int {
		switch {
		case name == own:
			return 0
		case rbac.IsSystemNamespace(name):
			return 3
		case slices.Contains(forVMs, name):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	return all
}

// writing judges whether the catalogue may be changed by a verb: create, update or delete.
func writing(d *deck.Deck, verb string) vm.Verdict {
	return d.Gate.Permit(func(access vm.Decider) rbac.Decision { return access.Decide("", template.Writes(verb)) })
}

// explain says why something is not offered: in a line, or where a permission is missing with the roles that would give it.
func explain(d *deck.Deck, what string, v vm.Verdict) tea.Cmd {
	if v.Cause != vm.Permission {
		return shell.Toast(theme.Warn, what+": "+v.Reason)
	}
	buttons := []dialog.Button{{ID: "roles", Label: "Roles"}}
	missing := v.Decision.Missing
	launch := slices.ContainsFunc(missing, func(p rbac.Permission) bool { return p == template.Launches()[0] })
	if launch {
		buttons = append([]dialog.Button{{ID: "who", Label: "Who can"}}, buttons...)
	}
	namespace := v.Decision.Namespace
	return shell.OpenDialog(dialog.NewReason(d.Theme, strings.ToUpper(what[:1])+what[1:]+": not permitted", lacking(d, v), buttons, func(r dialog.Result) tea.Cmd {
		switch r.Choice {
		case "who":
			return message(deck.ShowWhoCan{Need: binding.Launch, Namespace: namespace})
		case "roles":
			return message(deck.ShowRoles{})
		}
		return nil
	}))
}

// lacking says in sentences who lacks what, and which roles would give it.
func lacking(d *deck.Deck, v vm.Verdict) []string {
	who := d.User()
	if d.Gate.As != "" {
		who = d.Gate.As
	}
	lines := []string{fmt.Sprintf("%s %s.", who, v.Decision.Reason)}
	if len(v.Decision.Grants) > 0 {
		lines = append(lines, "Roles that grant it: "+strings.Join(v.Decision.Grants, ", ")+". An administrator can bind one to you.")
	}
	return lines
}

// message makes a command of a message for the program.
func message(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }
