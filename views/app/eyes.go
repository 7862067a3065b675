package app

import (
	"cmp"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// lookAs shows the gates as they are for somebody else, asks for whom, or gives the user's own back.
func (a *App) lookAs(who *rbac.Who) tea.Cmd {
	switch {
	case who == nil:
		return shell.OpenDialog(newWhom(a.deck))
	case who.User == "" && a.deck.Eyes() == nil:
		return shell.Toast(theme.Info, "you look as yourself")
	case who.User == "":
		a.deck.LookThrough(nil)
		return shell.Toast(theme.Info, "you look as yourself again")
	case a.shell.Busy() != "":
		return shell.Toast(theme.Warn, a.shell.Busy())
	}
	a.deck.LookThrough(who)
	return nil
}

// asCommand looks as USER [GROUP…]; without arguments it ends that, or asks whom to look as.
func (a *App) asCommand(args string) tea.Cmd {
	who := whoIs(args)
	switch {
	case who.User == "me", who.User == "" && a.deck.Eyes() != nil:
		return a.lookAs(&rbac.Who{})
	case who.User == "":
		return a.lookAs(nil)
	}
	return a.lookAs(&who)
}

// whoIs reads a user and groups, apart by blanks; quotes keep blanks together, and sa:NAMESPACE/NAME is a service account.
func whoIs(typed string) rbac.Who {
	quoted := false
	words := strings.FieldsFunc(typed, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	})
	for i, w := range words {
		words[i] = strings.Trim(w, `"`)
	}
	if len(words) == 0 {
		return rbac.Who{}
	}
	user := words[0]
	if account, ok := strings.CutPrefix(user, "sa:"); ok {
		if namespace, name, ok := strings.Cut(account, "/"); ok {
			user = rbac.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}.Who().User
		}
	}
	return rbac.WhoIs(user, words[1:]...)
}

// whom asks whom to look as. The subjects of bindings come when they have been read.
type whom struct {
	*dialog.Picker
	deck     *deck.Deck
	at       time.Time // when the subjects were read
	subjects map[string]rbac.Subject
}

func newWhom(d *deck.Deck) *whom {
	w := &whom{deck: d}
	w.Picker = dialog.NewPicker(d.Theme, "Look as: choose, or type a user and groups", nil, w.chosen)
	w.Free = true
	w.refresh()
	return w
}

// Update implements dialog.Dialog.
func (w *whom) Update(msg tea.Msg) (tea.Cmd, bool) {
	if e, ok := msg.(deck.Event); ok && e.Deck == w.deck {
		w.refresh()
	}
	return w.Picker.Update(msg)
}

func (w *whom) chosen(r dialog.Result) tea.Cmd {
	if !r.OK {
		return nil
	}
	who := whoIs(r.Choice)
	if s, ok := w.subjects[r.Choice]; ok {
		who = s.Who()
	}
	return func() tea.Msg { return deck.LookAs{Who: &who} }
}

// refresh takes in the subjects of bindings, when they were read anew.
func (w *whom) refresh() {
	state := w.deck.Rights()
	switch gaps := state.World.GapsIn(""); {
	case state.Err != nil:
		w.Note = kube.Explain(state.Err, "read whom roles are bound to")
	case state.At.IsZero():
		w.Note = "Reading whom roles are bound to" + w.deck.Theme.Glyphs.Ellipsis
	case len(state.World.Bindings) == 0 && len(gaps) > 0:
		w.Note = "You may not read whom roles are bound to."
	default:
		w.Note = ""
	}
	if state.At.Equal(w.at) {
		return
	}
	w.at, w.subjects = state.At, map[string]rbac.Subject{}
	for _, b := range state.World.Bindings {
		for _, s := range b.Subjects {
			w.subjects[s.String()] = s
		}
	}
	var items []choose.Item
	for id, s := range w.subjects {
		items = append(items, subjectItem(id, s))
	}
	slices.SortFunc(items, func(a, b choose.Item) int {
		return cmp.Or(cmp.Compare(w.rank(a.ID), w.rank(b.ID)), cmp.Compare(a.Title, b.Title))
	})
	w.SetItems(items)
}

// rank has people first, then groups and accounts, and last what belongs to Kubernetes itself.
func (w *whom) rank(id string) int {
	s := w.subjects[id]
	rank := map[string]int{rbacv1.UserKind: 0, rbacv1.GroupKind: 1, rbacv1.ServiceAccountKind: 2}[s.Kind]
	if strings.HasPrefix(s.Name, "system:") || s.Kind == rbacv1.ServiceAccountKind && rbac.IsSystemNamespace(s.Namespace) {
		rank += 3
	}
	return rank
}

func subjectItem(id string, s rbac.Subject) choose.Item {
	switch s.Kind {
	case rbacv1.GroupKind:
		return choose.Item{ID: id, Title: s.Name, Desc: "as a member of the group"}
	case rbacv1.ServiceAccountKind:
		return choose.Item{ID: id, Title: s.Namespace + "/" + s.Name, Desc: "service account"}
	}
	return choose.Item{ID: id, Title: s.Name, Desc: "user"}
}

// eyesText says in the header as whom one looks, and what that is worth.
func (a *App) eyesText(e *binding.Eyes) shell.Segment {
	const most = 28 // of a name, so that what the answers are worth stays in sight
	source, known := e.Source()
	worth := "asking"
	switch {
	case e.Blind() != "":
		worth = "not known"
	case known:
		worth = map[binding.Source]string{
			binding.Impersonated: "impersonated", binding.Reviewed: "reviewed", binding.Evaluated: "evaluated, may differ",
		}[source]
	}
	name := text.TruncateMiddle(text.Clean(e.Name()), most, a.o.Theme.Glyphs.Ellipsis)
	return shell.Segment{Text: " AS " + name + " (" + worth + ") ", Tone: theme.Reverse}
}
