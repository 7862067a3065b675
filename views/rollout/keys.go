package rollout

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/views/deck"
)

// Names of the page's bindings.
const (
	bindCompare   = "compare"
	bindGroup     = "group"
	bindConfirm   = "confirm"
	bindDiff      = "diff"
	bindFold      = "fold"
	bindOptions   = "options"
	bindAgain     = "again"
	bindCopy      = "copy"
	bindFocus     = "events"
	bindStop      = "stop"
	bindBack      = "roll-back"
	bindProfile   = "profile"
	bindRights    = "give-rights"
	bindTemplates = "templates"
)

func clusterBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindCompare, Keys: []string{"enter"}, Label: "compare", Help: "Compare with the marked clusters, or the one under the cursor; changes nothing"},
		{ID: bindGroup, Keys: []string{"a"}, Label: "mark a group", Help: "Mark all clusters of a group; again: of the next one"},
	}
}

func planBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindConfirm, Keys: []string{"ctrl+s", "c"}, Label: "confirm", Help: "Carry out what the plan shows; asks first"},
		{ID: bindDiff, Keys: []string{"enter"}, Label: "difference", Help: "Show what changes in the object or layer, line by line"},
		{ID: bindFold, Keys: []string{"space"}, Label: "fold", Help: "Show or hide the objects of the layer, or the layers of the cluster"},
		{ID: bindOptions, Keys: []string{"o"}, Label: "options", Help: "What happens when something fails, and how long it may take"},
		{ID: bindAgain, Keys: []string{"r"}, Label: "compare again", Help: "Compare with the cluster anew"},
		{ID: bindCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy the plan to the clipboard of your terminal"},
	}
}

func runBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindFocus, Keys: []string{"tab", "shift+tab"}, Label: "events", Help: "Move in the events, or in what stands above them"},
		{ID: bindStop, Keys: []string{"x"}, Label: "stop", Help: "Stop the run while it is under way; asks first, and says what becomes of the cluster"},
		{ID: bindAgain, Keys: []string{"r"}, Label: "again", Help: "Compare anew and see what is left to do, once the run is over"},
		{ID: bindBack, Keys: []string{"b"}, Label: "roll back", Help: "Go back to what the profile had on the cluster before, once the run is over"},
		{ID: bindProfile, Keys: []string{"p"}, Label: "profile", Help: "Open the profile"},
		{ID: bindRights, Keys: []string{"e"}, Label: "give rights", Help: "Give people rights on VMs: make a role binding rule"},
		{ID: bindTemplates, Keys: []string{"t"}, Label: "templates", Help: "Show the templates that VMs can be made from"},
		{ID: bindCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy the report and the events to the clipboard of your terminal"},
	}
}

var (
	onClusters = deck.MustKeys(clusterBindings(), table.Bindings()...)
	onPlan     = deck.MustKeys(planBindings(), movingBindings()...)
	onRun      = deck.MustKeys(runBindings(), movingBindings()...)
)

func (p *Page) bindings() *keys.Map {
	return [...]*keys.Map{screenClusters: onClusters, screenPlan: onPlan, screenRun: onRun}[p.screen]
}

// do carries out a binding.
func (p *Page) do(id string) tea.Cmd {
	p.changed = true
	switch p.screen {
	case screenClusters:
		switch id {
		case bindCompare:
			return p.choose()
		case bindGroup:
			p.markGroup()
			return nil
		}
	case screenPlan:
		if cmd, ok := p.doPlan(id); ok {
			return cmd
		}
	case screenRun:
		if cmd, ok := p.doRun(id); ok {
			return cmd
		}
	}
	cmd, _ := p.book.deck.Do(id)
	return cmd
}

// again compares with the same clusters anew.
func (p *Page) again() tea.Cmd {
	var contexts []string
	if p.screen == screenRun {
		for _, s := range p.run.shares {
			contexts = append(contexts, s.context)
		}
		return p.startPlan(contexts)
	}
	for _, c := range p.planning.parts {
		contexts = append(contexts, c.context)
	}
	return p.startPlan(contexts)
}

// hint is one of the screen's bindings in the key bar.
func hint(all []keys.Binding, id string, priority int) shell.Hint {
	for _, b := range all {
		if b.ID == id {
			return shell.Hint{Key: b.Keys[0], Label: b.Label, Priority: priority}
		}
	}
	return shell.Hint{}
}

// Hints implements shell.Page.
func (p *Page) Hints() []shell.Hint {
	switch p.screen {
	case screenClusters:
		compare := hint(clusterBindings(), bindCompare, 0)
		compare.Label += " " + p.chosen()
		return []shell.Hint{compare, {Key: "space", Label: "mark"}, hint(clusterBindings(), bindGroup, 1), {Key: "esc", Label: "leave"}}
	case screenPlan:
		return p.planHints()
	}
	return p.runHints()
}

func (p *Page) planHints() []shell.Hint {
	confirm := hint(planBindings(), bindConfirm, 0)
	confirm.Label, confirm.Reason = lower(p.job.verb()), p.planning.off()
	confirm.Off = confirm.Reason != ""
	hints := []shell.Hint{confirm}
	if len(p.rows) > 0 {
		hints = append(hints, hint(planBindings(), bindDiff, 1), hint(planBindings(), bindFold, 2), hint(planBindings(), bindOptions, 2))
	}
	if !p.planning.busy() && p.planning.refused == "" {
		hints = append(hints, hint(planBindings(), bindAgain, 1))
	}
	if len(p.rows) > 0 {
		hints = append(hints, hint(planBindings(), bindCopy, 3))
	}
	return append(hints, shell.Hint{Key: "esc", Label: "back"})
}

func (p *Page) runHints() []shell.Hint {
	focus := hint(runBindings(), bindFocus, 0)
	if p.lower {
		focus.Label = "progress"
		if p.run.ended() {
			focus.Label = "report"
		}
	}
	if !p.run.ended() {
		hints := []shell.Hint{focus}
		if !p.run.isStopping() {
			hints = append(hints, hint(runBindings(), bindStop, 0))
		}
		return append(hints, hint(runBindings(), bindCopy, 1), shell.Hint{Key: "esc", Label: "leave"})
	}
	hints := []shell.Hint{}
	for _, id := range p.offers() {
		hints = append(hints, hint(runBindings(), id, 1))
	}
	return append(hints, hint(runBindings(), bindCopy, 2), focus, shell.Hint{Key: "esc", Label: "back"})
}

// Help implements shell.Page.
func (p *Page) Help() []help.Section {
	g := p.th.Glyphs
	switch p.screen {
	case screenClusters:
		return []help.Section{shell.Section("Clusters", clusterBindings(), g), shell.Section("Table", table.Bindings(), g)}
	case screenPlan:
		return []help.Section{shell.Section("Plan", planBindings(), g), shell.Section("Moving", movingBindings(), g)}
	}
	return []help.Section{shell.Section("Run", runBindings(), g), shell.Section("Moving", movingBindings(), g)}
}

// Commands implements shell.Page.
func (p *Page) Commands() []palette.Entry {
	var entries []palette.Entry
	for _, b := range [...]func() []keys.Binding{screenClusters: clusterBindings, screenPlan: planBindings, screenRun: runBindings}[p.screen]() {
		e := palette.Entry{ID: b.ID, Title: b.Help, Key: b.Keys[0], Run: func(string) tea.Cmd {
			cmd := p.do(b.ID)
			p.refresh()
			return cmd
		}}
		if b.ID == bindConfirm {
			e.Reason = p.planning.off()
			e.Disabled = e.Reason != ""
		}
		entries = append(entries, e)
	}
	return entries
}
