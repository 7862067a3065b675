package registries

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// charts is a folder with a chart in order.
func charts(t testing.TB) string {
	t.Helper()
	folder := t.TempDir()
	for file, content := range map[string]string{
		"Chart.yaml":  "apiVersion: v2\nname: tiny\nversion: 0.1.0\ndescription: A tiny pack.\n",
		"values.yaml": "size: small\n",
	} {
		path := filepath.Join(folder, "tiny", file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// submit fills in the form and sends it.
func (w *world) submit(name, address string) {
	w.Press("n")
	w.Type(name)
	w.Press("tab")
	w.Type(address)
	w.Press("tab", "tab", "tab", "tab", "tab", "enter")
}

func names(entries []config.Registry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, e.Name)
	}
	return out
}

func TestAdd(t *testing.T) {
	folder := charts(t)
	inWorld(t, setting{alone: true}, func(w *world) {
		w.submit("mine", folder)
		if got := w.store.entries; len(got) != 1 || got[0].Name != "mine" || got[0].Kind != "folder" || got[0].URL != folder {
			t.Fatalf("kept %+v\n%s", got, w.Plain())
		}
		w.Contains("has 1 pack; tiny 0.1.0 was read and is in order", "was added to "+w.store.Path())
		w.Pass(time.Second)
		if !strings.Contains(w.Plain(), "▸ mine") || !strings.Contains(w.Plain(), "● 1 pack") {
			t.Errorf("the list does not show it\n%s", w.Plain())
		}
	})
}

func TestAddWhatCannotBeUsed(t *testing.T) {
	for _, tt := range []struct {
		answer []string
		kept   int
		shows  string
	}{
		{[]string{"enter"}, 0, "Public Repo"}, // cancel has the focus
		{[]string{"tab", "tab", "enter"}, 1, "✗ cannot be used"},
		{[]string{"tab", "enter"}, 0, "/no/such/folder"}, // the form again, as it was
	} {
		inWorld(t, setting{alone: true}, func(w *world) {
			w.submit("mine", "/no/such/folder")
			w.Contains("List the packs in /no/such/folder", "Add it all the same")
			w.Press(tt.answer...)
			if len(w.store.entries) != tt.kept {
				t.Errorf("%v: kept %v", tt.answer, names(w.store.entries))
			}
			w.Contains(tt.shows)
		})
	}
}

// TestAddInvalid is refused what could not even be kept.
func TestAddInvalid(t *testing.T) {
	for address, why := range map[string]string{
		"https://user:secret@charts.example.com": "must not carry a login",
		"http://charts.example.com":              "http is for this machine only",
		"ftp://charts.example.com":               "must begin with https://",
	} {
		inWorld(t, setting{alone: true}, func(w *world) {
			w.submit("mine", address)
			w.Contains(why, "Change it")
			w.Lacks("Add it all the same")
		})
	}
}

func TestAddTaken(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.submit("ours", "/srv")
		w.Contains("there is a registry of this name already")
		if len(w.store.entries) != 3 {
			t.Errorf("kept %v", names(w.store.entries))
		}
	})
}

func TestAddFails(t *testing.T) {
	folder := charts(t)
	inWorld(t, setting{alone: true}, func(w *world) {
		w.store.addErr = errors.New("keep the registries: permission denied")
		w.submit("mine", folder)
		w.Contains("Keep the registries: permission denied.")
	})
}

func TestRemove(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Press("D")
		w.Contains("Public Repo is built in and cannot be removed")
		w.Press("j", "D")
		w.Contains("edge 1.0.0, platform 1.0.0 have packs from it")
		w.Press("enter")
		if len(w.store.entries) != 3 {
			t.Fatal("cancel removed it")
		}
		w.Press("D", "tab", "enter")
		if slices.Contains(names(w.store.entries), "ours") || len(w.store.entries) != 2 {
			t.Errorf("left %v", names(w.store.entries))
		}
		w.Lacks("▸ ours")
		w.Press("j", "D")
		w.Contains("No stored profile uses it.")
	})
}

func TestTestAgain(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Press("j", "j")
		w.Contains("✗ cannot be used")
		w.fakes[1].err, w.fakes[1].packs = nil, ours().packs
		w.Press("t")
		w.Contains("testing")
		w.Pass(20 * time.Second)
		w.Contains("has 2 packs; gateway 2.1.0 was read and is in order")
		w.Pass(5 * time.Minute)
		w.Contains("tested 5m ago")
	})
}

// TestSlow is a registry that never answers: the test ends all the same.
func TestSlow(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fakes[0].takes = time.Hour
		w.Press("j", "t")
		w.Pass(2 * probeTimeout)
		w.Contains("✗ cannot be used", "deadline exceeded")
	})
}

// TestPacksCursor has registries answer one after the other: the cursor waits on the first line.
func TestPacksCursor(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fakes[1].err, w.fakes[1].packs = nil, []pack.Summary{{Name: "first", DisplayName: "A first one", Versions: []string{"1.0.0"}}} // the last to answer
		w.Press("p")
		w.Contains("▸ Fine")
		w.Pass(10 * time.Second)
		w.Contains("▸ A first one")
	})
}

// TestUsersUnknown says why it is not known which profiles use a registry.
func TestUsersUnknown(t *testing.T) {
	inWorld(t, setting{profiles: profile.FolderStore("/no/such/folder/either\x00")}, func(w *world) {
		w.Press("j", "D")
		w.Contains("Which profiles use it is not known")
		w.Lacks("No stored profile uses it", "..")
	})
}
