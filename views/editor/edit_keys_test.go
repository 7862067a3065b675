package editor

import (
	"slices"
	"testing"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func TestNamesAreProposedUntilOneIsTyped(t *testing.T) {
	inWorld(t, setting{prepare: func(api *fakeapi.Server) {
		api.Put(fakeapi.BindingObject(rbac.Binding{Namespace: "team-c", Name: "vmdeck-vm-user-alice", Rule: "vm-user-alice", Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RoleUser}, Subjects: []rbac.Subject{alice}}))
	}}, func(w *world) {
		w.fill()
		if got := w.page.form.rule().Name; got != "vm-user-alice-2" {
			t.Errorf("proposed %q, although vm-user-alice is taken", got)
		}
		w.Keys("down", "down", "ctrl+u")
		w.Type("vm-user-alice")
		w.Keys("down")
		w.Says("There is a rule vm-user-alice already.")
		w.Keys("ctrl+s")
		w.Lacks("Review┃")
		w.Keys("ctrl+u")
		w.Type("Bad Name")
		w.Keys("down")
		w.Says("The rule's name is wrong at character 1")
		w.Keys("up", "ctrl+u")
		w.Type("mine")
		w.Keys("up", "up", "up", "up", "up")
		w.Type("bob")
		if got := w.page.form.rule().Name; got != "mine" {
			t.Errorf("the name that was typed became %q", got)
		}
	})
}

func TestLettersAreText(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Keys("esc", "tab")
		w.Type("q?:1 y/R")
		if got := w.page.form.subjects[0].Value(); got != "q?:1 y/R" {
			t.Errorf("typed %q", got)
		}
		if w.Quit {
			t.Error("a letter has quit")
		}
	})
}

func TestPaste(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Keys("esc", "tab")
		w.Send(tea.PasteMsg{Content: "alice\r\ngroup:ops\n\n\x1b[31mbo\x07b\n"})
		if got := w.page.form.rule().Subjects; !slices.Equal(got, []rbac.Subject{alice, ops, rbac.SubjectOf("bob")}) {
			t.Errorf("pasted %+v", got)
		}
		w.Keys("tab", "tab")
		w.Send(tea.PasteMsg{Content: "team-a\n/^team-b/"})
		if got := w.page.form.rule().Namespaces; !slices.Equal(got, []string{"team-a", "/^team-b/"}) {
			t.Errorf("pasted %q", got)
		}
	})
}

func TestEscAsksOnlyWhereSomethingIsLost(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Keys("esc") // the list of roles
		w.Keys("esc")
		w.Says("what was there before")
	})
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.Keys("esc")
		w.Says("Discard the changes?")
		w.Quiet()
		w.Keys("enter") // Cancel has the focus
		w.Lacks("Discard")
		w.Says("group:ops")
		w.Keys("tab", "esc") // from a toggle, through the shell
		w.Says("Discard the changes?")
		w.Quiet()
		w.Keys("tab", "enter")
		w.Says("what was there before")
		if w.page.ctx.Err() == nil {
			t.Error("the page was not left")
		}
	})
}

// What would help somebody arrives filled in and is a new rule all the same.
func TestC1ARuleThatWouldHelpArrivesFilledIn(t *testing.T) {
	fix := rbac.BindingRule{Name: "help-bob", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser, Subjects: []rbac.Subject{rbac.SubjectOf("bob")}, Namespaces: []string{"team-b"}}
	inWorld(t, setting{rule: deck.EditRule{Rule: fix}}, func(w *world) {
		w.Says("spectro-vm-user", "bob", "team-b", "help-bob", "■ add the two", "New rule")
		w.Keys("esc")
		w.Says("what was there before")
	})
}

func TestKeepingIsOfferedWhereThereIsAPlace(t *testing.T) {
	inWorld(t, setting{noStore: true}, func(w *world) {
		w.fill()
		w.Lacks("Keep  ")
		w.Says("no place to store rules", "Namespaces that are made later are not covered by its pattern")
	})
	inWorld(t, setting{bare: true}, func(w *world) {
		w.fill()
		w.Says("□ store the rule in the cluster", "not covered by its pattern")
		w.Keys("down", "down", "down", "space")
		w.Says("■ store the rule in the cluster", "the custom resource rolebindingrules.vmdeck.dev is installed first")
		w.Lacks("not covered")
	})
}

func TestHelpAndCommands(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.Keys("tab", "?")
		w.Contains("Review what would change, before anything does", "Open the list of completions")
		w.Keys("esc", ":")
		w.Type("scope")
		w.Keys("enter")
		w.Contains("┃Cluster┃")
		w.Keys("ctrl+t", "ctrl+s")
		w.Keys("?")
		w.Contains("Carry out what the review shows; asks first")
	})
}
