package vms

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

const allNamespaces = "all"

// pickNamespace offers the namespaces that are known; any other can be typed, since not everybody may list them.
func (p *Page) pickNamespace() tea.Cmd {
	counts := p.countByNamespace()
	places := p.deck.Namespaces()
	names := slices.Clone(places.Names)
	for ns := range counts {
		if !slices.Contains(names, ns) {
			names = append(names, ns)
		}
	}
	slices.SortFunc(names, func(a, b string) int { // those with VMs first
		return cmp.Or(cmp.Compare(min(counts[b], 1), min(counts[a], 1)), cmp.Compare(a, b))
	})
	items := []choose.Item{{ID: allNamespaces, Title: allNamespaces, Desc: "every namespace that you may see", Right: vmCount(p.list.Total())}}
	for _, ns := range names {
		items = append(items, choose.Item{ID: ns, Title: ns, Right: vmCount(counts[ns])})
	}
	picker := dialog.NewPicker(p.th, "Namespace", items, func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return p.setNamespace(strings.TrimSpace(r.Choice))
	})
	picker.Free, picker.Note = true, places.Note()
	return shell.OpenDialog(picker)
}

func vmCount(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func (p *Page) countByNamespace() map[string]int {
	counts := map[string]int{}
	p.list.Each(func(r *vm.Row) { counts[r.Namespace]++ })
	return counts
}

// setNamespace narrows the list to one namespace, or widens it. What the inventory already covers is only filtered.
func (p *Page) setNamespace(ns string) tea.Cmd {
	if ns == allNamespaces {
		ns = ""
	}
	if ns != "" {
		if !kube.IsNamespaceName(ns) {
			return shell.Toast(theme.Bad, fmt.Sprintf("%q cannot be a namespace: %s", ns, kube.NamespaceNames))
		}
	}
	p.namespace = ns
	inventory := p.deck.Inventory()
	covers := inventory.Scope().Covers(ns)
	if covers && ns != "" && p.deck.Report.Kinds[vm.Machines].ByNamespace && !slices.Contains(p.deck.Namespaces().Names, ns) {
		covers = false // nobody watches a namespace that was typed
	}
	if !covers {
		scope := vm.Scope{All: true}
		if ns != "" {
			scope = vm.Scope{Namespaces: []string{ns}}
		}
		p.Reset()
		p.deck.SetScope(scope)
	}
	p.refilter()
	return nil
}

// Namespace is the one that is shown alone; empty: several are.
func (p *Page) Namespace() string { return p.namespace }

// NamespaceText says in a word which namespaces are shown.
func (p *Page) NamespaceText() string {
	scope := p.deck.Inventory().Scope()
	switch {
	case p.namespace != "":
		return p.namespace
	case !scope.All:
		return text.Listed(scope.Namespaces, 1)
	default:
		return allNamespaces
	}
}

func (p *Page) namespaceCommand(args string) tea.Cmd {
	if args = strings.TrimSpace(args); args == "" {
		return p.pickNamespace()
	}
	return p.setNamespace(args)
}
