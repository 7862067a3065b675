package wizard

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

// A session that is lost leaves the draft, and the next one carries on where it was.
func TestA1LostSessionIsCarriedOn(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "drafts")
	var before draft
	inWorld(t, setting{drafts: folder}, func(w *world) {
		w.press(toConfigure...)
		w.press(append(direct, "ctrl+n", "ctrl+n", "end", `", vms"`)...)
		w.Pass(draftPause)
		before = w.page.draft
		files := w.files()
		if len(files) != 1 {
			t.Fatalf("drafts: %v", files)
		}
		info, err := os.Stat(filepath.Join(folder, files[0]))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the draft has mode %v, %v", info.Mode(), err)
		}
	})
	inWorld(t, setting{drafts: folder}, func(w *world) {
		w.Contains("Carry on with the draft?", "vm-platform 1.2", "at step 5 of 7 (Namespaces)")
		w.press("enter")
		w.Contains("default, virtual-machines, vms")
		if !w.page.draft.same(before) || w.page.draft.Step != stepNamespaces {
			t.Errorf("before %+v\nafter  %+v", before, w.page.draft)
		}
		w.press("enter", "enter", "enter")
		if got := w.stored(); len(got) != 1 || !strings.Contains(got[0].Packs[0].Values, "vms") {
			t.Errorf("stored %+v", got)
		}
		if len(w.files()) > 0 {
			t.Errorf("drafts are left: %v", w.files())
		}
	})
}

func TestEscAsksWhatBecomesOfTheDraft(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []string
		left int
		open bool
	}{
		{"cancel", []string{"enter"}, 1, true},
		{"keep", []string{"right", "enter"}, 1, false},
		{"discard", []string{"right", "right", "enter"}, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, setting{}, func(w *world) {
				w.press(`"vms"`, "enter", "esc")
				w.Contains("Leave the wizard?")
				w.press(c.keys...)
				w.Pass(draftPause)
				if len(w.files()) != c.left || w.Has("Description") != c.open {
					t.Errorf("drafts %v", w.files())
				}
			})
		})
	}
}

// What was typed a moment before quitting is in the draft too.
func TestQuittingKeepsTheDraft(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Type("vms")
		w.Keys("ctrl+c")
		if w.Quit {
			t.Error("quit before the draft was kept")
		}
		w.Pass(time.Second)
		if k, _ := readDraft(w.page.path); !w.Quit || k == nil || k.Draft.Name != "vms" {
			t.Errorf("quit %v, draft %+v", w.Quit, k)
		}
	})
}

func TestNothingEnteredNothingAsked(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.press(`"v"`)
		w.Pass(draftPause)
		w.press("backspace")
		w.Pass(draftPause)
		if len(w.files()) > 0 {
			t.Errorf("drafts are left: %v", w.files())
		}
		w.press("esc")
		w.Contains(stage.Below)
	})
}

// Text that is no YAML cannot be in the draft, which is said before the wizard is left.
func TestLeavingTellsWhatTheDraftHasNot(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.press(toConfigure...)
		w.press("tab", "tab", `": ["`, "esc", "esc", "esc", "esc", "esc")
		w.Contains("Leave the wizard?", "The values of Virtual Machine Orchestrator are not YAML as they stand")
	})
}

// A copy does not take the draft's place unasked.
func TestCopyAsksAboutTheDraft(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.press(`"unfinished"`, "esc", "right", "enter")
		w.again(deck.NewProfile{From: &profile.Profile{Name: "other", Version: "2.0.0", Type: profile.TypeAddOn}})
		w.Contains("There is a draft of unfinished", "You are about to begin with other 2.0.0 instead.")
		w.press("right", "enter")
		w.Contains("other", "2.1.0")
		if len(w.files()) > 0 {
			t.Errorf("drafts are left: %v", w.files())
		}
	})
}

func TestBrokenDraftIsSetAside(t *testing.T) {
	for name, c := range map[string]struct{ content, why string }{
		"damaged": {`{"Format": 1, "Draft": {"Na`, "its file is damaged"},
		"newer":   {fmt.Sprintf(`{"Format": %d, "Drafts": []}`, draftFormat+1), "a newer vmdeck wrote it"},
		"step":    {`{"Format": 1, "Draft": {"Step": 77}}`, "its file is damaged"},
		"foreign": {`[1, 2]`, "its file is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := draftPath(folder, "demo", "the folder /srv/profiles")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			inWorld(t, setting{drafts: folder, Size: drive.Size{W: 200, H: 40}}, func(w *world) {
				w.Contains("The draft that was left cannot be used: "+c.why, "It was set aside")
				w.Contains("Description")
				kept, err := os.ReadFile(path + ".bad")
				if err != nil || string(kept) != c.content {
					t.Errorf("set aside: %q, %v", kept, err)
				}
			})
		})
	}
}

// Drafts of different clusters and stores do not mix.
func TestDraftsAreApart(t *testing.T) {
	a, b, c := draftPath("/d", "one", "x"), draftPath("/d", "two", "x"), draftPath("/d", "one", "y")
	if a == b || a == c || draftPath("", "one", "x") != "" {
		t.Error(a, b, c)
	}
	path := filepath.Join(t.TempDir(), "new", "draft.json")
	text := "vms, "
	want := draft{Name: "x", Namespaces: &text, Packs: []profile.PackRef{{Name: "p", Values: "a: 1\n"}}, Step: stepReview, Object: "x-1", ObjectVersion: "7"}
	if err := saveDraft(path, want, time.Unix(7, 0)); err != nil {
		t.Fatal(err)
	}
	got, note := readDraft(path)
	if got == nil || !got.Draft.same(want) || got.Draft.Step != want.Step || note != "" {
		t.Errorf("%+v %q", got, note)
	}
}
