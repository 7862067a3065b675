package profiles

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
)

// finished is the outcome of what was done beside the screen.
type finished struct{ outcome tea.Msg }

// beside does something that takes a while, and of which there is one at a time; what says what, as in "Deleting vm-platform 1.0.0".
func (p *Page) beside(what string, do func(context.Context) tea.Msg) tea.Cmd {
	if p.busy != "" {
		return shell.Toast(theme.Info, "wait: "+p.busyWords())
	}
	p.busy, p.changed = what, true
	ctx := p.deck.Context()
	return func() tea.Msg { return shell.For(p, finished{do(ctx)}) }
}

// outcome goes on with what was done beside the screen.
func (p *Page) outcome(f finished) tea.Cmd {
	p.busy, p.changed = "", true
	switch msg := f.outcome.(type) {
	case standing:
		return p.pickRevision(msg)
	case looked:
		return p.askDelete(msg)
	case deleted:
		return p.deleted(msg)
	case exported:
		return p.exported(msg)
	case tried:
		return p.askInstall(msg)
	case installed:
		return p.installed(msg)
	}
	return nil
}

// statusWithin is how long reading what a profile has on the cluster may take.
const statusWithin = time.Minute

// statusOf returns what reads how a profile is on the cluster, where releases may be read.
func (p *Page) statusOf(name string) func(ctx context.Context) (*apply.Status, error) {
	applier, namespaces := p.deck.Platform.Applier, p.state.UsesIn
	return func(ctx context.Context) (*apply.Status, error) {
		ctx, cancel := context.WithTimeout(ctx, statusWithin)
		defer cancel()
		return applier.Status(ctx, name, slices.Clone(namespaces)...)
	}
}
