package act

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/progress"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// bulk is one operation on many VMs. It runs on while its view is hidden.
type bulk struct {
	action *vm.Action
	title  string
	view   *progress.Model
	steps  <-chan vm.Step
	cancel context.CancelFunc
}

// step is news of a bulk operation; over says that there will be no more.
type step struct {
	bulk *bulk
	news vm.Step
	over bool
}

// Many begins an action on marked VMs, of which hidden ones are not on the screen. VMs on which it is off are named and left alone.
func (f *Flow) Many(a *vm.Action, rows []*vm.Row, hidden int) tea.Cmd {
	if f.Busy() != "" {
		return tea.Batch(shell.Toast(theme.Warn, f.bulk.title+" is still running"), shell.OpenDialog(f.bulk.view))
	}
	if len(rows) == 1 && hidden == 0 {
		return f.One(a, rows[0])
	}
	var on []*vm.Row
	off := map[string]int{}
	var reasons []string
	for _, r := range rows {
		v := f.deck.Gate.Check(a, r)
		if !v.Off() {
			on = append(on, r)
			continue
		}
		if off[v.Reason]++; off[v.Reason] == 1 {
			reasons = append(reasons, v.Reason)
		}
	}
	if f.deck.Eyes() != nil {
		return f.lookMany(a, rows)
	}
	if len(on) == 0 {
		return shell.Toast(theme.Warn, fmt.Sprintf("%s: off for all %d marked VMs: %s", text.Lower(a.Title), len(rows), strings.Join(reasons, "; ")))
	}
	body := []string{perNamespace(on) + ", context " + f.deck.Cluster.Target().Context}
	if hidden > 0 {
		body = append(body, fmt.Sprintf("%d of the marked VMs are hidden by the filter.", hidden))
	}
	for _, reason := range reasons {
		body = append(body, fmt.Sprintf("%d left out: %s", off[reason], reason))
	}
	if a.Effect != "" {
		body = append(body, "", a.Effect)
	}
	return f.askMany(a, on, append(body, strategyNotes(a, on)...))
}

// lookMany says on how many VMs somebody else, as whom the user looks, might try an action.
func (f *Flow) lookMany(a *vm.Action, rows []*vm.Row) tea.Cmd {
	may := 0
	for _, r := range rows {
		if f.deck.Gate.Check(a, r).Offered() {
			may++
		}
	}
	as := f.deck.Eyes().Name()
	return shell.Toast(theme.Info, fmt.Sprintf("%s: %s may on %d of %d marked VMs; nothing is done while you look as %s", text.Lower(a.Title), as, may, len(rows), as))
}

// strategyNotes tells what the confirmation of a single VM would tell, once for all that it is true of.
func strategyNotes(a *vm.Action, rows []*vm.Row) []string {
	counts := map[string]int{}
	var notes []string
	for _, r := range rows {
		note := a.StrategyNote(r)
		if note == "" {
			continue
		}
		if counts[note]++; counts[note] == 1 {
			notes = append(notes, note)
		}
	}
	for i, note := range notes {
		notes[i] = fmt.Sprintf("%d of them: %s", counts[note], text.Lower(note))
	}
	return notes
}

// askMany confirms by danger: the number must be typed for what disturbs guests.
func (f *Flow) askMany(a *vm.Action, rows []*vm.Row, body []string) tea.Cmd {
	title := fmt.Sprintf("%s %d VMs?", a.Title, len(rows))
	if a.Danger == vm.Harmless {
		return shell.OpenDialog(dialog.NewConfirm(f.th, title, body, []dialog.Button{{ID: "do", Label: a.Title}}, func(r dialog.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return f.beginMany(a, rows)
		}))
	}
	return shell.OpenDialog(dialog.NewTypeToConfirm(f.th, title, body, strconv.Itoa(len(rows)), text.Lower(a.Title), func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return f.beginMany(a, rows)
	}))
}

func (f *Flow) beginMany(a *vm.Action, rows []*vm.Row) tea.Cmd {
	items := make([]progress.Item, len(rows))
	for i, r := range rows {
		items[i] = progress.Item{ID: r.UID, Title: r.Key()}
	}
	title := fmt.Sprintf("%s %d VMs", a.Title, len(rows))
	ctx, cancel := context.WithCancel(f.deck.Context())
	f.bulk = &bulk{action: a, title: title, view: progress.New(f.th, title, items), cancel: cancel}
	f.bulk.steps = f.deck.Operator.Bulk(ctx, a, rows, vm.Options{})
	return tea.Batch(shell.OpenDialog(f.bulk.view), f.bulk.wait())
}

// Show opens the view of the bulk operation that runs or ran last.
func (f *Flow) Show() tea.Cmd {
	if f.bulk == nil {
		return shell.Toast(theme.Info, "there has been no bulk operation yet")
	}
	return shell.OpenDialog(f.bulk.view)
}

// Cancel leaves the VMs alone whose turn has not come.
func (f *Flow) Cancel() tea.Cmd {
	if f.Busy() == "" {
		return shell.Toast(theme.Info, "nothing is running")
	}
	f.bulk.cancel()
	return shell.Toast(theme.Warn, f.bulk.title+": what has not begun is left alone")
}

func (b *bulk) wait() tea.Cmd {
	return func() tea.Msg {
		news, ok := <-b.steps
		return step{b, news, !ok}
	}
}

// short leaves the action and the VM out of an outcome: both stand beside it, and the reason needs the room.
func (b *bulk) short(s vm.Step) string {
	text, key := s.Outcome.Text, s.Row.Key()
	for _, said := range []string{key, b.action.ID + " " + key, b.action.Title + " " + key} {
		if rest, ok := strings.CutPrefix(text, said+": "); ok {
			return rest
		}
	}
	return text
}

func (b *bulk) take(s step) tea.Cmd {
	if s.over {
		b.cancel()
		b.view.End()
		return shell.Toast(theme.Info, b.title+": "+b.view.Summary())
	}
	item := progress.Item{ID: s.news.Row.UID, Title: s.news.Row.Key(), State: progress.Running}
	if !s.news.Running {
		item.State, item.Text = progress.Done, b.short(s.news)
		switch {
		case s.news.Outcome.Refused:
			item.State = progress.Refused
		case !s.news.Outcome.Done():
			item.State = progress.Failed
		}
	}
	b.view.Set(item)
	return b.wait()
}
