package deck

import (
	"cmp"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
)

// Whom is a picker of somebody: a subject of the cluster's bindings, which come when they have been read, or a user with groups as
// typed.
type Whom struct {
	*dialog.Picker
	deck     *Deck
	first    []choose.Item
	at       time.Time // when the subjects were read
	subjects map[string]rbac.Subject
	done     func(WhomResult) tea.Cmd
}

// WhomResult is who was chosen.
type WhomResult struct {
	// First is the ID of the item in front of the subjects that was chosen; empty: somebody was.
	First string
	// Subject is that of a binding; its zero value: what was typed.
	Subject rbac.Subject
	Who     rbac.Who
}

// NewWhom makes a picker with items of the caller's own in front. done runs inside Update once somebody was chosen.
func NewWhom(d *Deck, title string, first []choose.Item, done func(WhomResult) tea.Cmd) *Whom {
	w := &Whom{deck: d, first: first, done: done}
	w.Picker = dialog.NewPicker(d.Theme, title, first, w.chosen)
	w.Free = true
	w.refresh()
	return w
}

// Update implements dialog.Dialog.
func (w *Whom) Update(msg tea.Msg) (tea.Cmd, bool) {
	if e, ok := msg.(Event); ok && e.Deck == w.deck {
		w.refresh()
	}
	return w.Picker.Update(msg)
}

func (w *Whom) chosen(r dialog.Result) tea.Cmd {
	if !r.OK {
		return nil
	}
	if slices.ContainsFunc(w.first, func(it choose.Item) bool { return it.ID == r.Choice }) {
		return w.done(WhomResult{First: r.Choice})
	}
	if s, ok := w.subjects[r.Choice]; ok {
		return w.done(WhomResult{Subject: s, Who: s.Who()})
	}
	who := ParseWho(r.Choice)
	if who.User == "" {
		return nil
	}
	return w.done(WhomResult{Who: who})
}

// refresh takes in the subjects of bindings, when they were read anew.
func (w *Whom) refresh() {
	state := w.deck.Rights()
	switch gaps := state.World.GapsIn(""); {
	case state.Err != nil:
		w.Note = kube.Explain(state.Err, "read whom roles are bound to")
	case state.At.IsZero():
		w.Note = "Reading whom roles are bound to" + w.deck.Theme.Glyphs.Ellipsis
	case len(state.World.Bindings) == 0 && len(gaps) > 0:
		w.Note = "You may not read whom roles are bound to: type a name."
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
	w.SetItems(slices.Concat(w.first, items))
}

// rank has people first, then groups and accounts, and last what belongs to Kubernetes itself.
func (w *Whom) rank(id string) int {
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
		return choose.Item{ID: id, Title: s.Name, Desc: "group"}
	case rbacv1.ServiceAccountKind:
		return choose.Item{ID: id, Title: s.Namespace + "/" + s.Name, Desc: "service account"}
	}
	return choose.Item{ID: id, Title: s.Name, Desc: "user"}
}

// ParseWho reads a user and groups, apart by blanks; quotes keep blanks together, and sa:NAMESPACE/NAME is a service account. Nothing
// makes nobody.
func ParseWho(typed string) rbac.Who {
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
	if len(words) == 0 || words[0] == "" {
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
