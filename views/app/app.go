// Package app puts the screens together: it opens contexts, switches between them and draws the header that all screens share.
package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/act"
	"vmdeck.dev/vmdeck/views/bindings"
	"vmdeck.dev/vmdeck/views/connect"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/detail"
	"vmdeck.dev/vmdeck/views/editor"
	"vmdeck.dev/vmdeck/views/profiles"
	"vmdeck.dev/vmdeck/views/registries"
	"vmdeck.dev/vmdeck/views/rights"
	"vmdeck.dev/vmdeck/views/rollout"
	"vmdeck.dev/vmdeck/views/validation"
	"vmdeck.dev/vmdeck/views/vms"
	"vmdeck.dev/vmdeck/views/wizard"
)

// Opened is a context that is ready to be shown.
type Opened struct {
	Cluster   *kube.Cluster
	Scope     vm.Scope
	Namespace string // shown alone at first; empty: all of the scope
	ReadOnly  string // why nothing may be changed; empty: it may
	// Rules is where binding rules are kept; nil: nowhere.
	Rules binding.Store
	// Profiles is where cluster profiles are kept.
	Profiles profile.Store
	// Groups are the cluster groups that the context belongs to, with their clusters.
	Groups []deck.Group
}

// Options are what the program was started with.
type Options struct {
	Theme *theme.Theme
	// Open prepares a context by its name, "" being the one to start with, as a user of the kubeconfig, "" being the context's own. It
	// reads files, so it runs in a command.
	Open func(ctx context.Context, name, user string) (Opened, error)
	// Users lists the users of the kubeconfig, seen from a context. It reads files, too.
	Users func(name string) ([]config.User, error)
	// ConfigFile is where the configuration is.
	ConfigFile string
	// Contexts lists the contexts that can be opened.
	Contexts func() ([]string, error)
	Audit    kube.Auditor
	// Registries are where packs come from; Drafts is the folder of what was not finished, empty: nowhere.
	Registries deck.Registries
	Drafts     string
	Shell      shell.Options // what the terminal wants: mouse, frames, clock
}

// Said is a line that something below wrote to standard error, such as a credential plugin that asks to log in elsewhere.
type Said struct{ Line string }

// App is the program's state above the screens. It belongs to the goroutine of Update.
type App struct {
	ctx      context.Context
	o        Options
	deck     *deck.Deck
	acts     *act.Flow // actions outlive the screen that they were begun on
	opened   Opened
	list     *vms.Page
	entry    *connect.Page
	profiles *profiles.Page
	binds    *bindings.Page
	check    *validation.Page
	first    *validation.First
	runs     *rollout.Book // of profiles that are carried out; they outlive the screen that they were begun on
	shell    *shell.Model

	connecting bool // the first tab is where one connects, and not the list
	users      identities
}

// New makes the program's model with the first context open.
func New(ctx context.Context, o Options, first Opened) *App {
	a := &App{ctx: ctx, o: o}
	a.show(first)
	s := o.Shell
	s.Theme, s.Pages = o.Theme, a.tabs()
	s.Header, s.Handle, s.Busy, s.Commands, s.Help = a.header, a.handle, a.busy, a.commands, a.help
	a.shell = shell.New(s)
	return a
}

// Init implements tea.Model.
func (a *App) Init() tea.Cmd { return tea.Batch(a.shell.Init(), a.deck.Wait(), tick()) }

// Update implements tea.Model.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	_, cmd := a.shell.Update(msg)
	return a, cmd
}

// View implements tea.Model.
func (a *App) View() tea.View { return a.shell.View() }

// busy says what quitting would interrupt besides what pages do; empty for nothing.
func (a *App) busy() string { return strings.TrimSpace(a.acts.Busy() + " " + a.runs.Busy()) }

// Close ends what runs beside the screens.
func (a *App) Close() { a.deck.Close() }

// show makes a deck and its list for a context.
func (a *App) show(o Opened) {
	if a.deck != nil {
		a.deck.Close()
	}
	a.deck = deck.Open(a.ctx, o.Cluster, a.deckOptions(o))
	a.acts = act.New(a.deck)
	a.opened, a.connecting = o, false
	a.list, a.entry = a.newList(), a.newConnect()
	a.profiles = profiles.New(a.deck)
	a.binds, a.check, a.first = bindings.New(a.deck), validation.New(a.deck), validation.NewFirst(a.deck)
	a.runs = rollout.NewBook(a.deck)
}

// openVM shows a VM's details.
func (a *App) openVM(r *vm.Row) tea.Cmd { return shell.Push(detail.New(a.deck, a.acts, r)) }

func (a *App) deckOptions(o Opened) deck.Options {
	return deck.Options{
		Theme: a.o.Theme, Scope: o.Scope, ReadOnly: o.ReadOnly, Audit: a.o.Audit, Rules: o.Rules, Profiles: o.Profiles, Registries: a.o.Registries,
		Drafts: a.o.Drafts, Groups: o.Groups, OpenMember: a.openMember,
	}
}

// tabs are the screens that the first line offers, in the order of their numbers.
func (a *App) tabs() []shell.Page { return []shell.Page{a.front(), a.profiles, a.binds, a.check} }

// switchTo shows the tab of a page.
func (a *App) switchTo(p shell.Page) tea.Cmd { return shell.SwitchTab(slices.Index(a.tabs(), p)) }

// begin leads to validation on a cluster where the user has nothing yet, or nobody has; not from under somebody who has begun to work.
func (a *App) begin(msg validation.FirstStart) tea.Cmd {
	if msg.Deck != a.deck || a.shell.Page() != shell.Page(a.list) || a.list.Capturing() || a.shell.Dialogs().Len() > 0 {
		return nil
	}
	return tea.Batch(a.switchTo(a.check), shell.Toast(theme.Info, msg.Why))
}

// opened is the outcome of opening a context as a user of the kubeconfig, "" being the context's own.
type opened struct {
	name, user string
	o          Opened
	err        error
}

// handle sees every message that is not input before the screens do.
func (a *App) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case deck.Event:
		if msg.Deck != a.deck {
			return nil
		}
		if msg.Delta != nil {
			a.deck.Report = msg.Delta.Report
		}
		return tea.Batch(a.deck.Wait(), a.first.Look(), a.turn())
	case deck.Tick:
		return tea.Batch(tick(), a.turn())
	case deck.ChooseContext:
		return a.pickContext()
	case deck.LookAs:
		return a.lookAs(msg.Who)
	case deck.EditRule:
		return shell.Push(editor.New(a.deck, msg))
	case deck.ShowWhoCan:
		return shell.Push(rights.NewWhoCan(a.deck, msg))
	case deck.ShowRoles:
		return shell.Push(rights.NewRoles(a.deck))
	case deck.NewProfile:
		return shell.Push(wizard.New(a.deck, msg))
	case deck.ShowRegistries:
		return shell.Push(registries.New(a.deck))
	case deck.ShowTemplates, deck.Launch:
		return a.forTemplates(msg)
	case deck.ShowBindings:
		a.binds.Filter(msg.Query)
		return a.switchTo(a.binds)
	case deck.ShowProfiles:
		return a.showProfiles(msg)
	case opening:
		return a.profiles.Show(profile.Ref(msg))
	case deck.Apply, deck.RollBack, deck.RemoveProfile, rollout.ApplyNamed, rollout.Show:
		return a.runs.Open(msg)
	case rollout.Ended:
		return msg.Tell(a.shell.Page())
	case validation.FirstStart:
		return a.begin(msg)
	case opened:
		return a.switched(msg)
	case deck.Connect:
		return a.details()
	case connect.Looked:
		msg.Take()
		return a.turn()
	case relist:
		msg.list.Renew()
		return nil
	case entering:
		return a.enter(msg)
	case Said:
		return a.said(msg.Line)
	}
	cmd, _ := a.acts.Update(msg)
	return cmd
}

func (a *App) switched(msg opened) tea.Cmd {
	if msg.err != nil {
		return shell.Toast(theme.Bad, msg.err.Error())
	}
	if busy := a.shell.Busy(); busy != "" { // begun while the context was being opened
		return shell.Toast(theme.Warn, busy)
	}
	a.users.choose(msg.name, msg.user)
	a.show(msg.o)
	return tea.Batch(shell.SetTabs(a.tabs()...), a.deck.Wait(), shell.Toast(theme.Info, fmt.Sprintf("context %s", msg.name)))
}

// tick is slow enough to cost nothing and fast enough for elapsed seconds; frames that do not change send nothing.
func tick() tea.Cmd {
	return tea.Tick(time.Second, func(now time.Time) tea.Msg { return deck.Tick{Now: now} })
}
