package keep

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type note struct{ name, text string }

var notes = Kind[note]{
	Group: "vmdeck.dev", Version: "v1", Resource: "notes", Kind: "Note", Siblings: []string{"Letter"}, One: "note", Many: "notes", Holds: "what to remember",
	Name: func(n note) string { return n.name },
	Spec: func(n note) any { return map[string]string{"text": n.text} },
	Read: func(name string, s Spec) (note, error) {
		var spec struct {
			Text string `json:"text"`
		}
		return note{name, spec.Text}, s.Into(&spec)
	},
	Check: func(n note) error {
		if n.text == "" {
			return errors.New("it says nothing")
		}
		return nil
	},
	NotInstalled: errors.New("not installed"), Changed: errors.New("changed"), Exists: errors.New("exists"),
}

// TestSiblingsArePassedOver: a folder may hold all that vmdeck keeps, and a kind that is only misspelt is not taken for another.
func TestSiblingsArePassedOver(t *testing.T) {
	dir := t.TempDir()
	for name, kind := range map[string]string{"letter": "Letter", "typo": "note"} {
		text := "apiVersion: vmdeck.dev/v1\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec: {text: x}\n"
		if err := os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store := notes.Folder(dir)
	if _, err := store.Save(t.Context(), note{"milk", ""}, ""); err == nil || !strings.Contains(err.Error(), "save the note milk: it says nothing") {
		t.Error(err)
	}
	if _, err := store.Save(t.Context(), note{"milk", "two"}, ""); err != nil {
		t.Fatal(err)
	}
	all, err := store.List(t.Context())
	if err != nil || len(all) != 2 || all[0].Value != (note{"milk", "two"}) || all[1].Err == nil || !strings.Contains(all[1].Err.Error(), "a note is a Note of vmdeck.dev/v1") {
		t.Errorf("%+v %v", all, err)
	}
}
