package profiles

import (
	"slices"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

func TestDelete(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("lab")
		w.Press("D")
		w.Type("lab")
		w.Press("enter")
		if w.api.Get("clusterprofiles", "", "lab-0.1.0") == nil {
			t.Fatal("deleted without its whole name")
		}
		w.Type("-0.1.0")
		w.Press("enter")
		w.Pass(2 * time.Second)
		w.Lacks("lab  ")
		if got := w.audit.Lines(); !slices.Equal(got, []string{"delete ClusterProfile/lab-0.1.0 accepted"}) {
			t.Errorf("%q", got)
		}
		w.To("old-site") // what cannot be read can still be deleted, from its page, which goes with it
		w.Press("enter", "D")
		w.Type("old-site-2.0.0")
		w.Press("enter")
		w.Pass(2 * time.Second)
		w.Lacks("old-site  ", "Profile ")
	})
}

// Whatever happens between the question and its answer, nothing goes that is in use, and nobody's change goes unseen.
func TestDeletionRaces(t *testing.T) {
	use := fakeapi.Release{Namespace: "gpu", Name: "gpu-operator", Chart: "gpu-operator", Version: "2.0.0", Profile: profile.Ref{Name: "lab", Version: "0.1.0"}}
	for _, tt := range []struct {
		name string
		race func(api *fakeapi.Server)
		want []string
	}{
		{"applied meanwhile", func(api *fakeapi.Server) { api.Put(use.Object()) }, []string{"lab 0.1.0 was not deleted", "the profile is in use", "gpu/gpu-operator (deployed)"}},
		{"changed meanwhile", func(api *fakeapi.Server) {
			p := lab()
			p.Description = "changed by somebody else"
			api.Put(fakeapi.Profile(p))
		}, []string{"lab 0.1.0 was not deleted", "it was changed since you opened it"}},
		{"made anew meanwhile", func(api *fakeapi.Server) { api.Replace(fakeapi.Profile(lab())) }, []string{"lab 0.1.0 was not deleted", "it was changed since you opened it"}},
		{"refused", func(api *fakeapi.Server) { api.Become(*reader()) }, []string{"lab 0.1.0 was not deleted", "not permitted"}},
		{"away", func(api *fakeapi.Server) { api.Down(true) }, []string{"lab 0.1.0 was not deleted", "the API server cannot"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, setting{}, func(w *world) {
				w.To("lab")
				w.Press("D")
				w.Type("lab-0.1.0")
				tt.race(w.api)
				w.Press("enter")
				w.Pass(time.Minute)
				w.Contains(tt.want...)
				if w.api.Get("clusterprofiles", "", "lab-0.1.0") == nil {
					t.Error("it was deleted")
				}
			})
		})
	}
	inWorld(t, setting{}, func(w *world) { // gone already is as wished
		w.To("lab")
		w.Press("D")
		w.Type("lab-0.1.0")
		w.api.Delete("clusterprofiles", "", "lab-0.1.0")
		w.Press("enter")
		w.Contains("deleted lab 0.1.0")
	})
	inWorld(t, setting{}, func(w *world) { // in use before the list has seen it: that is said, and where it goes from there
		w.To("lab")
		w.api.Put(use.Object())
		w.Press("D")
		w.Contains("lab 0.1.0 is in use", "gpu/gpu-operator (deployed)")
		w.Press("tab", "enter")
		if got, _ := stage.Asked[deck.RemoveProfile](w.Stage); got.Profile != "lab" {
			t.Errorf("%+v", got)
		}
	})
}
