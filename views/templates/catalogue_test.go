package templates

import (
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

// What others do to the catalogue shows by itself, the kind's coming included.
func TestCatalogueFollows(t *testing.T) {
	inWorld(t, setting{bare: true}, func(w *world) {
		w.Says("This cluster has no VM templates yet.")
		w.Press("p")
		if _, ok := stage.Asked[deck.ShowProfiles](w.Stage); !ok {
			t.Error("p did not ask for the profiles")
		}
		seed(w.api, false)
		w.Pass(time.Minute)
		w.Says("CirrOS", "Alpine", "Database")
		w.api.Put(fakeapi.Template("fedora", "Fedora", "Made by somebody else."))
		w.Pass(2 * time.Second)
		w.Says("Fedora")
		w.To("Fedora")
		w.api.Delete("vmtemplates", "", "fedora")
		w.Pass(2 * time.Second)
		w.Says("the template under the cursor is gone")
	})
}

// MISSION B1: power users cannot manage templates.
func TestB1WhoMayChangeTheCatalogue(t *testing.T) {
	for _, u := range []*fakeapi.User{powerUser(), plainUser(), viewer(), namespaceOnly()} {
		inWorld(t, setting{user: u}, func(w *world) {
			for key, verb := range map[string]string{"n": "create", "e": "update", "D": "delete"} {
				w.Press(key)
				w.Says("not permitted", "needs "+verb+" vmtemplates cluster-wide", "spectro-vm-admin")
				w.Press("esc")
			}
			w.wants()
		})
	}
	admin := as(fakeapi.Persona("ada", rbac.RoleAdmin))
	inWorld(t, setting{user: admin}, func(w *world) {
		w.Press("e")
		w.Says("Edit Alpine")
	})
}

func TestEditATemplate(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("CirrOS")
		w.Press("e")
		w.Says("description: A tiny")
		for range 6 {
			w.Press("down")
		}
		w.Press("end")
		w.Type(" Now with words.")
		w.Press("ctrl+s")
		w.Pass(time.Second)
		w.Says("Save the template cirros?", "The server would accept it.")
		w.wants()
		w.Press("tab", "enter")
		w.Pass(2 * time.Second)
		w.wants("PUT spectrocloud.com/v1/vmtemplates/cirros")
		w.Says("the template cirros is saved", "Now with words.")
		if strings.Contains(w.Plain(), "Edit CirrOS") {
			t.Errorf("the page is still there\n%s", w.Plain())
		}
	})
}

// What somebody else has changed meanwhile is not overwritten, and nobody's text is lost.
func TestAConflictIsToldAndResolved(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("CirrOS")
		w.Press("e", "ctrl+end")
		w.Type(" # mine")
		w.api.Put(fakeapi.Template("cirros", "CirrOS", "Theirs."))
		w.Press("ctrl+s")
		w.Pass(time.Second)
		w.Says("Somebody else has changed it")
		w.wants()
		w.Press("tab", "enter")
		w.Pass(time.Second)
		w.Says("description: Theirs.")
		w.Press("ctrl+u")
		w.Says("description: A tiny")
		w.Press("ctrl+s")
		w.Pass(time.Second)
		w.Press("tab", "enter")
		w.Pass(2 * time.Second)
		w.wants("PUT spectrocloud.com/v1/vmtemplates/cirros")
		w.Says("A tiny Linux")
	})
}

func TestNewTemplates(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("Alpine")
		w.Press("n", "down", "enter")
		w.Says("name: alpine-copy")
		if strings.Contains(w.Plain(), "meta.helm.sh") {
			t.Errorf("the copy belongs to the release\n%s", w.Plain())
		}
		w.Press("ctrl+s")
		w.Pass(time.Second)
		w.Press("tab", "enter")
		w.Pass(2 * time.Second)
		w.wants("POST spectrocloud.com/v1/vmtemplates")
		w.Says("the template alpine-copy is made")
		w.api.Put(fakeapi.Machine("team-a", "ldap", "Stopped"))
		w.Press("n", "down", "down", "enter")
		w.Type("team-a/ldap")
		w.Press("enter", "enter")
		w.Pass(time.Second)
		w.Says("name: ldap", "displayName: ldap", "guest: 4Gi")
	})
}

func TestDeleteByName(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("CirrOS")
		w.Press("D")
		w.Type("cirro")
		w.Press("enter")
		w.wants()
		w.Type("s")
		w.Press("enter")
		w.Pass(2 * time.Second)
		w.wants("DELETE spectrocloud.com/v1/vmtemplates/cirros")
		w.Says("the template cirros is deleted")
	})
}

func TestLineOf(t *testing.T) {
	manifest := "metadata:\n  name: a\nspec:\n  volumes:\n  - name: x\n  - name: y\n    claim: z\n"
	for path, want := range map[string]int{"metadata.name": 2, "spec.volumes[1].claim": 7, "spec.volumes[1].nothing": 6, "spec": 3, "none": 0, "": 0} {
		if got := lineOf(manifest, path); got != want {
			t.Errorf("%s is in line %d, want %d", path, got, want)
		}
	}
}
