package wizard

import (
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// enter shows a step. Its screen is made anew from the draft, which has everything that was typed.
func (p *Page) enter(s step) tea.Cmd {
	p.draft.Step, p.did = s, nil
	p.screen = makers[s](p)
	return tea.Batch(p.screen.refresh(), p.keepNow())
}

// makers make the screens of the steps.
var makers [steps]func(*Page) screen

func init() {
	makers = [steps]func(*Page) screen{
		stepBasics: newBasics, stepType: newKind, stepPacks: newPacks, stepConfigure: newConfigure,
		stepNamespaces: newNamespaces, stepReview: newReview, stepFinish: newFinish,
	}
}

// next leaves a step forwards, once what the packs amount to is worked out.
func (p *Page) next() tea.Cmd {
	if p.within() {
		p.say(theme.Info, "Finish this first, or leave it with esc.")
		return nil
	}
	if p.settling {
		p.onward = true
		return nil
	}
	if fault := p.screen.fault(); fault != "" {
		p.say(theme.Bad, fault)
		return nil
	}
	if inner, ok := p.screen.(*configure); ok && inner.turnPage(1) {
		return p.keepNow()
	}
	if int(p.draft.Step) == steps-1 {
		return nil
	}
	return p.enter(p.draft.Step + 1)
}

// within tells whether a form is open over the step.
func (p *Page) within() bool {
	s, ok := p.screen.(*packs)
	return ok && s.inner != nil
}

// back leaves a step backwards; what is wrong in it stays for later.
func (p *Page) back() tea.Cmd {
	p.onward = false
	if p.within() {
		p.screen.escape()
		return nil
	}
	if inner, ok := p.screen.(*configure); ok && inner.turnPage(-1) {
		return nil
	}
	if p.draft.Step == stepBasics {
		return nil
	}
	return p.enter(p.draft.Step - 1)
}

// Escape implements shell.Escaper: it undoes one thing, goes back a step, and asks before the wizard is left.
func (p *Page) Escape() bool {
	p.changed = true
	switch {
	case p.screen == nil:
		return false
	case p.saving:
		return true
	case p.screen.escape():
		return true
	case p.draft.Step != stepBasics:
		p.later(p.back())
		return true
	case p.draft.same(p.begun):
		return false
	}
	p.askToLeave()
	return true
}

// later runs a command that Escape cannot return, with the next message.
func (p *Page) later(cmd tea.Cmd) { p.queue = tea.Batch(p.queue, cmd) }

// askToLeave asks what becomes of the draft.
func (p *Page) askToLeave() {
	body := []string{"The profile is not saved yet.", "A draft is kept until you carry on with it: the wizard offers it the next time."}
	buttons := []dialog.Button{{ID: "keep", Label: "Keep the draft"}, {ID: "discard", Label: "Discard", Danger: true}}
	if p.path == "" {
		body, buttons = []string{"The profile is not saved yet, and drafts are kept nowhere."}, buttons[1:]
	}
	for _, name := range slices.Sorted(maps.Keys(p.editors)) {
		if p.editors[name].Broken() {
			body = append(body, "The values of "+p.display(name)+" are not YAML as they stand: of them the draft has what was YAML last.")
		}
	}
	p.question(dialog.NewConfirm(p.th, "Leave the wizard?", body, buttons, func(r dialog.Result) tea.Cmd {
		switch r.Choice {
		case "keep":
			return tea.Sequence(p.keepNow(), shell.Close(p), shell.Toast(theme.Info, "the draft is kept"))
		case "discard":
			p.over = true
			return tea.Sequence(p.drop(), shell.Close(p))
		}
		return nil
	}))
}

// jump offers the steps.
func (p *Page) jump() tea.Cmd {
	var items []choose.Item
	for s := range step(steps - 1) {
		it := choose.Item{ID: s.String(), Title: s.String()}
		if s == p.draft.Step {
			it.Right = "here"
		}
		if why := p.closed(s); why != "" {
			it.Off, it.Reason = true, why
		}
		items = append(items, it)
	}
	p.question(dialog.NewPicker(p.th, "Go to", items, func(r dialog.Result) tea.Cmd {
		for s := range step(steps) {
			if r.OK && s.String() == r.Choice {
				return p.enter(s)
			}
		}
		return nil
	}))
	return nil
}

// closed says why a step cannot be gone to yet: something before it is missing.
func (p *Page) closed(s step) string {
	switch {
	case s <= p.draft.Step:
		return ""
	case p.draft.nameProblem(p.list) != "" || p.draft.versionProblem() != "":
		return "the basics come first"
	case s > stepPacks && p.packsProblem() != "":
		return "the packs come first"
	case s > stepConfigure && len(p.problems) > 0:
		return "the packs need values first"
	}
	return ""
}

// touch notes that the draft was changed; it is kept after a moment without further changes.
func (p *Page) touch() tea.Cmd {
	p.edits++
	edits := p.edits
	wait := tea.Tick(draftPause, func(time.Time) tea.Msg { return draftDue{edits} })
	return p.mine(func() tea.Msg { return wait() })
}

// draftDue says that a change is a moment old.
type draftDue struct{ edits int }

// draftKept is the outcome of keeping the draft.
type draftKept struct{ err error }

// keepDraft keeps the draft unless it was changed again meanwhile.
func (p *Page) keepDraft(edits int) tea.Cmd {
	if edits != p.edits {
		return nil
	}
	return p.keepNow()
}

// keepNow keeps the draft. One in which nothing is left that was not there from the beginning goes instead.
func (p *Page) keepNow() tea.Cmd {
	if p.over {
		return nil
	}
	p.keptEdits = p.edits
	if p.draft.same(p.begun) {
		if !p.kept {
			return nil
		}
		p.kept = false
		return p.drop()
	}
	p.kept = true
	path, d, now := p.path, p.draft, time.Now()
	return p.mine(func() tea.Msg { return draftKept{saveDraft(path, d, now)} })
}

// Interrupt implements shell.Interrupter: what was typed a moment ago is kept before the program is left.
func (p *Page) Interrupt() bool {
	if p.screen == nil || p.over || p.path == "" || p.keptEdits == p.edits {
		return false
	}
	p.later(tea.Sequence(p.keepNow(), shell.Quit()))
	return true
}

func (p *Page) takeKept(msg draftKept) {
	if msg.err != nil {
		p.say(theme.Warn, text.Sentence(msg.err.Error()))
	}
}

// drop removes the draft's file.
func (p *Page) drop() tea.Cmd {
	path := p.path
	return func() tea.Msg {
		if err := dropDraft(path); err != nil {
			return shell.Toast(theme.Warn, err.Error())()
		}
		return nil
	}
}

// refreshScreen has the step take in what became known.
func (p *Page) refreshScreen() tea.Cmd {
	if p.screen == nil {
		return nil
	}
	return p.screen.refresh()
}
