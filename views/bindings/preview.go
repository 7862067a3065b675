package bindings

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// preview shows what would go and who would lose what, before anything is deleted.
type preview struct {
	root   *Page
	target target
	under  shell.Page // is about what goes; nil: none

	ctx     context.Context
	cancel  context.CancelFunc
	plan    rbac.Plan
	at      time.Time // of the state that the plan was made from
	effect  *effect   // nil: being worked out
	round   int       // of the plans, so that the effect of an old one is dropped
	again   bool      // the bindings have changed while this was looked at
	running *atomic.Int32

	pager   *pager.Model
	w       int
	changed bool
}

// effect is what a plan does.
type effect struct {
	round  int
	losses []loss
	own    []string
	err    error // of the server's dry run
}

func newPreview(root *Page, t target, under shell.Page) *preview {
	return &preview{root: root, target: t, under: under, pager: pager.New(root.th, "")}
}

// Init implements shell.Page: it begins to work out what would happen.
func (v *preview) Init() tea.Cmd {
	v.ctx, v.cancel = context.WithCancel(v.root.deck.Context())
	return v.replan()
}

// Leave implements shell.Leaver. What is being deleted goes on.
func (v *preview) Leave() { v.cancel() }

// Title implements shell.Page.
func (v *preview) Title() string { return "Delete" }

// Capturing implements shell.Page.
func (v *preview) Capturing() bool { return v.pager.Capturing() }

// Escape implements shell.Escaper.
func (v *preview) Escape() bool { return v.pager.Escape() }

// Changed implements shell.Changer.
func (v *preview) Changed() bool {
	changed := v.changed
	v.changed = false
	return changed
}

// replan makes the plan from what is known now, and has the server try it.
func (v *preview) replan() tea.Cmd {
	v.plan, v.at, v.effect, v.changed = v.root.planOf(v.target), v.root.state.At, nil, true
	v.round++
	v.target.stored = v.storedNow()
	v.draw()
	work := v.work()
	return func() tea.Msg { return shell.For(v, work()) }
}

// work is what finds out what the plan does. It runs beside the screen.
func (v *preview) work() func() effect {
	plan, round, world, identity := v.plan, v.round, v.root.state.World.World, v.root.deck.Info().Identity
	ctx, cluster := v.ctx, v.root.deck.Cluster
	return func() effect {
		e := effect{round: round, losses: losses(plan, world), own: ownLosses(plan, world, rbac.WhoIs(identity.User, identity.Groups...))}
		ctx, cancel := context.WithTimeout(ctx, applyLimit)
		defer cancel()
		e.err = binding.DryRun(ctx, cluster, plan, nil)
		return e
	}
}

// storedNow is the rule as it is kept now; its version may be another one than when the key was pressed.
func (v *preview) storedNow() *binding.Stored {
	for i, s := range v.root.state.Rules {
		if v.target.rule != "" && s.Name == v.target.rule {
			return &v.root.state.Rules[i]
		}
	}
	return nil
}

// Update implements shell.Page.
func (v *preview) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if b, ok := previewKeys.Lookup(msg); ok && !v.Capturing() {
			return v.do(b.ID)
		}
		return v.pager.Update(msg)
	case tea.PasteMsg, tea.MouseWheelMsg:
		return v.pager.Update(msg)
	case effect:
		if msg.round == v.round {
			v.effect = &msg
			v.draw()
		}
	case deck.Event:
		if msg.Deck == v.root.deck {
			return v.event()
		}
	case deck.Tick:
		if v.running != nil {
			v.draw()
		}
	}
	return nil
}

// event looks whether what was planned is still there as it was.
func (v *preview) event() tea.Cmd {
	v.changed = true // the key bar tells what may be done
	if v.running != nil || v.root.state.At.Equal(v.at) {
		return nil
	}
	v.at = v.root.state.At
	if samePlan(v.root.planOf(v.target), v.plan) &&
		version(v.storedNow()) == version(v.target.stored) {
		return nil
	}
	v.again = true
	return v.replan()
}

// steps is how many bindings the plan writes.
func (v *preview) steps() int { return len(v.plan.Create) + len(v.plan.Change) + len(v.plan.Remove) }

// samePlan tells whether two plans do the same to the same versions of bindings.
func samePlan(a, b rbac.Plan) bool {
	same := func(a, b rbac.Binding) bool { return a.UID == b.UID && a.ResourceVersion == b.ResourceVersion }
	return slices.Equal(a.Lines(), b.Lines()) && slices.EqualFunc(a.Remove, b.Remove, same) &&
		slices.EqualFunc(a.Change, b.Change, func(a, b rbac.Change) bool { return same(a.Before, b.Before) })
}

// failed lets the deletion be tried again with what is left.
func (v *preview) failed() {
	v.running = nil
	v.draw()
}

const keyConfirm = "confirm"

var previewKeys = deck.MustKeys(previewBindings(), pager.Bindings()...)

func previewBindings() []keys.Binding {
	return []keys.Binding{
		{ID: keyConfirm, Keys: []string{"D"}, Label: "delete", Help: "Delete all that is listed; the name has to be typed"},
		{ID: keyCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy this preview to the clipboard of your terminal"},
	}
}

func (v *preview) do(id string) tea.Cmd {
	switch id {
	case keyConfirm:
		return v.confirm()
	case keyCopy:
		return deck.Copy(v.pager.Text(), "the preview")
	}
	cmd := v.root.around(id)
	if id == keyRetry && v.running == nil {
		return tea.Batch(cmd, v.replan())
	}
	return cmd
}

// empty tells whether there is nothing left to delete.
func (v *preview) empty() bool { return v.plan.Empty() && v.target.stored == nil }

// off says why nothing can be confirmed at the moment.
func (v *preview) off() string {
	switch {
	case v.running != nil:
		return "it is being deleted"
	case v.empty():
		return "there is nothing left to delete"
	case v.root.changesOff() != "":
		return v.root.changesOff()
	case v.effect == nil:
		return "what it would do is still being worked out"
	case v.effect.err != nil:
		return "the server refuses it, see below"
	}
	return ""
}

func (v *preview) confirm() tea.Cmd {
	if reason := v.off(); reason != "" {
		return shell.Toast(theme.Warn, "delete: "+reason)
	}
	plan, name, want := v.plan, v.target.name(v.plan), v.target.want(v.plan)
	body := []string{fmt.Sprintf("%s will be deleted. This cannot be undone.", text.Count(len(plan.Remove), "binding"))}
	if v.target.stored != nil {
		body[0] = fmt.Sprintf("The rule and its %s will be deleted. This cannot be undone.", text.Count(len(plan.Remove), "binding"))
	}
	if n := v.losers(); n > 0 {
		body = append(body, fmt.Sprintf("%s rights by it.", map[bool]string{true: "1 subject loses", false: fmt.Sprintf("%d subjects lose", n)}[n == 1]))
	}
	body = append(body, v.effect.own...)
	return shell.OpenDialog(dialog.NewTypeToConfirm(v.root.th, "Delete "+name, body, want, "delete", func(r dialog.Result) tea.Cmd {
		if !r.OK || v.running != nil {
			return nil
		}
		v.running = &atomic.Int32{}
		v.draw()
		return v.root.carryOut(v, plan, v.running)
	}))
}

func (v *preview) losers() int {
	seen := map[rbac.Subject]bool{}
	for _, l := range v.effect.losses {
		if len(l.lost) > 0 {
			seen[l.subject] = true
		}
	}
	return len(seen)
}

// Hints implements shell.Page.
func (v *preview) Hints() []shell.Hint {
	if v.Capturing() {
		return []shell.Hint{{Key: "enter", Label: "keep search"}, {Key: "esc", Label: "clear"}}
	}
	reason := v.off()
	return []shell.Hint{{Key: "esc", Label: "keep it all"}, {Key: "D", Label: "delete", Off: reason != "", Reason: reason},
		{Key: "y", Label: "copy", Priority: 2}, {Key: "/", Label: "search", Priority: 2}, {Key: "?", Label: "help", Priority: 1}}
}

// Help implements shell.Page.
func (v *preview) Help() []help.Section {
	own := shell.Section("Deletion", previewBindings(), v.root.th.Glyphs)
	own.Lines[0].Off = v.off()
	return []help.Section{own, shell.Section("Moving and searching", pager.Bindings(), v.root.th.Glyphs)}
}

// Commands implements shell.Page.
func (v *preview) Commands() []palette.Entry {
	reason := v.off()
	return []palette.Entry{
		{ID: "delete", Title: "Delete all that is listed", Key: "D", Disabled: reason != "", Reason: reason, Run: func(string) tea.Cmd { return v.confirm() }},
		{ID: "copy", Title: "Copy this preview", Key: "y", Run: func(string) tea.Cmd { return v.do(keyCopy) }},
	}
}

// View implements shell.Page.
func (v *preview) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	if w != v.w {
		v.w = w
		v.draw()
	}
	var lines []string
	if status := v.root.deck.Cluster.Health().Status(); status.State == kube.Lost || status.State == kube.Expired {
		lines = append(lines, v.root.th.Paint(theme.Bad, text.Fit(" The connection is lost: nothing can be deleted. R tries now.", w, v.root.th.Glyphs.Ellipsis)))
	}
	if rest := h - len(lines); rest > 0 {
		lines = append(lines, v.pager.View(w, rest))
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}
