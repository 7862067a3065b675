package wizard

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// finish is the step that saves the profile.
type finish struct {
	page    *Page
	err     string // why it could not be saved
	changed bool   // because somebody else changed it meanwhile
}

func newFinish(p *Page) screen {
	p.mayApply() // so that the answer is there once the profile is saved
	return &finish{page: p}
}

// saved is the outcome of saving.
type saved struct {
	stored profile.Stored
	err    error
}

// saveTime bounds the saving.
const saveTime = 30 * time.Second

func (f *finish) update(msg tea.Msg) tea.Cmd {
	k, _ := msg.(tea.KeyPressMsg)
	b, _ := onFinish.Lookup(k)
	return f.do(b.ID)
}

// Names of the step's bindings.
const (
	bindSave  = "save"
	bindAsNew = "as-new"
)

func finishBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindSave, Keys: []string{"enter"}, Label: "save", Help: "Save the profile; no cluster is changed by that"},
		{ID: bindAsNew, Keys: []string{"n"}, Label: "as another version", Help: "Save as another version, where somebody else has changed the profile meanwhile"},
	}
}

var onFinish = deck.MustKeys(finishBindings())

func (f *finish) bindings() []keys.Binding { return finishBindings() }

// do implements worker.
func (f *finish) do(id string) tea.Cmd {
	p := f.page
	switch {
	case id == bindSave:
		return p.save()
	case id == bindAsNew && f.changed:
		p.draft.Object, p.draft.ObjectVersion = "", ""
		cmd := p.enter(stepBasics)
		p.say(theme.Info, "Choose another version, or another name.")
		return cmd
	}
	return nil
}

// save keeps the profile in the store. It is not ended by leaving the page: half of it would be worse.
func (p *Page) save() tea.Cmd {
	if p.saving || p.settling {
		return nil
	}
	if why := (&review{page: p}).fault(); why != "" {
		p.say(theme.Bad, why)
		return nil
	}
	p.saving = true
	keeper, ctx, ready, version := p.deck.Platform.Profiles, p.deck.Context(), p.draft.profile(), p.draft.ObjectVersion
	path := p.path
	return p.mine(func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, saveTime)
		defer cancel()
		stored, err := keeper.Save(ctx, ready, version)
		if stored.Name != "" {
			err = errors.Join(err, dropDraft(path))
		}
		return saved{stored, err}
	})
}

// takeSaved leads to the list of profiles, or says why nothing was saved; then the draft is as it was.
func (p *Page) takeSaved(msg saved) tea.Cmd {
	p.saving = false
	if msg.stored.Name == "" {
		if f, ok := p.screen.(*finish); ok {
			f.err, f.changed = p.unsaved(msg.err), errors.Is(msg.err, profile.ErrChanged)
		}
		return tea.Batch(p.keepNow(), p.relist())
	}
	p.over = true
	made, ref := msg.stored.Value, msg.stored.Value.Ref()
	if made.Name == "" {
		made = p.draft.profile()
		ref = made.Ref()
	}
	cmds := []tea.Cmd{
		shell.Close(p), func() tea.Msg { return deck.ShowProfiles{Ref: ref} },
		shell.Toast(theme.Good, fmt.Sprintf("%s is kept in %s", ref, p.deck.Platform.Profiles.Profiles.Where())),
	}
	if msg.err != nil {
		cmds = append(cmds, shell.Toast(theme.Warn, "the profile is kept, but "+msg.err.Error()))
	}
	return tea.Sequence(append(cmds, p.offerApply(made))...)
}

// listed are the profiles of the store as they are now.
type listed struct{ all []profile.Stored }

// relist reads anew which profiles there are, after one turned up that was not known.
func (p *Page) relist() tea.Cmd {
	store, ctx := p.deck.Platform.Profiles.Profiles, p.ctx
	return p.mine(func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, readTime)
		defer cancel()
		all, err := store.List(ctx)
		if err != nil {
			return nil
		}
		return listed{all}
	})
}

// offerApply asks whether the profile goes to the cluster at once. Who may not is not asked; the profile's page says why.
func (p *Page) offerApply(made profile.Profile) tea.Cmd {
	if !p.mayApply() {
		return nil
	}
	where := p.deck.Platform.Context()
	body := []string{"The profile is kept and changes no cluster by itself.", "Applying shows first what would change, and asks once more."}
	q := dialog.NewConfirm(p.th, fmt.Sprintf("Apply %s to %s now?", made.Ref(), where), body,
		[]dialog.Button{{ID: "apply", Label: "Apply" + p.th.Glyphs.Ellipsis}}, func(r dialog.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return func() tea.Msg { return deck.Apply{Profile: made} }
		}).Focus("apply")
	q.Keep = "Not now"
	return shell.OpenDialog(q)
}

// mayApply tells whether a profile can perhaps be applied. The first time it only asks.
func (p *Page) mayApply() bool {
	return p.deck.Platform.Applier.ReadOnly == "" && apply.CanRelease(p.deck.Gate.Access, p.deck.Namespaces().Names).Verdict != rbac.Denied
}

// unsaved says why nothing was saved, and what to do next.
func (p *Page) unsaved(err error) string {
	kept := " Nothing of what you entered is lost."
	switch {
	case errors.Is(err, profile.ErrExists):
		return text.Sentence(err.Error()) + " ctrl+o leads to Basics." + kept
	case errors.Is(err, profile.ErrChanged):
		return text.Sentence(err.Error()) + " Or save what you have as another version, with n." + kept
	case kube.Classify(err) == kube.KindForbidden:
		return text.Sentence(err.Error()) + " Somebody who may can save it from the YAML of the review." + kept
	}
	return text.Sentence(err.Error()) + " Enter tries again." + kept
}

func (f *finish) view(w, h int) string {
	p := f.page
	v := p.draft.profile()
	s := &sheet.Sheet{Theme: p.th, Width: max(min(w-2, widestForm), 20)}
	var names []string
	for _, l := range p.resolved.Layers {
		names = append(names, l.Pack.DisplayName+" "+l.Ref.Version)
	}
	for _, m := range v.Manifests {
		names = append(names, m.Name)
	}
	s.Fields([]sheet.Field{
		sheet.One("Profile", v.Ref().String()), sheet.One("Packs", text.Listed(names, len(names))),
		sheet.One("Is kept in", p.deck.Platform.Profiles.Profiles.Where()),
	})
	s.Gap()
	words := "Enter saves the profile. It is then in the list of profiles, from where it is applied to clusters; saving changes no cluster."
	if p.draft.inPlace() {
		words = "Enter saves the profile in place of what is stored. Clusters that use it stay as they are until it is applied again."
	}
	s.Para(0, sheet.Dim(words))
	if p.saving {
		s.Gap()
		s.Para(0, sheet.Plain("Saving"+p.th.Glyphs.Ellipsis))
	} else if f.err != "" {
		s.Gap()
		s.Item(p.th.Glyphs.Cross, theme.Bad, sheet.Bad(f.err))
	}
	out := make([]string, 0, len(s.Lines))
	for _, l := range s.Lines {
		out = append(out, " "+l.Shown)
	}
	return strings.Join(out, "\n")
}

func (f *finish) hints() []shell.Hint {
	out := []shell.Hint{{Key: "enter", Label: "save"}}
	if f.changed {
		out = append(out, shell.Hint{Key: "n", Label: "as another version"})
	}
	return out
}

func (f *finish) typing() bool { return false }

func (f *finish) escape() bool { return false }

func (f *finish) refresh() tea.Cmd { return nil }

func (f *finish) fault() string { return "" }
