package wizard

import (
	"fmt"
	"slices"
	"testing"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// frame is one golden frame: what there is, and what the user does.
type frame struct {
	name string
	setting
	keys []string
	then func(w *world)
}

func goldens(t *testing.T, frames []frame) {
	t.Helper()
	all := make([]drive.Frame[setting, *world], len(frames))
	for i, f := range frames {
		all[i] = drive.Frame[setting, *world]{Name: f.name, Setting: f.setting, Do: func(w *world) {
			w.press(f.keys...)
			if f.then != nil {
				f.then(w)
			}
		}}
	}
	drive.Goldens(t, inWorld, all)
}

func after(keys []string, more ...string) []string { return append(slices.Clone(keys), more...) }

func TestFramesSteps(t *testing.T) {
	goldens(t, []frame{
		{name: "1-basics"},
		{name: "1-basics-wrong", keys: []string{`"VM Platform"`, "enter", `"one"`, "enter"}},
		{name: "1-basics-exists", setting: setting{stored: []profile.Profile{{Name: "vm-platform", Version: "1.0.0", Type: profile.TypeAddOn}}}, keys: []string{`"vm-platform"`}},
		{name: "2-type", keys: toPacks[:len(toPacks)-1]},
		{name: "3-packs-empty", keys: toPacks},
		{name: "3-packs", keys: after(toPacks, "u")},
		{name: "3-packs-required", keys: after(toPacks, "u", "down", "down", "d")},
		{name: "3-manifest", keys: after(toPacks, "m")},
		{name: "4-configure", keys: toConfigure},
		{name: "4-configure-direct", keys: after(toConfigure, direct...)},
		{name: "4-configure-proxy", keys: after(toConfigure, "ctrl+n", "ctrl+n", "ctrl+n")},
		{name: "4-configure-tenant", keys: after(toConfigure, "down", "enter", "down", "down", "enter", "down", "down", `"https://id.example.com"`)},
		{name: "5-namespaces", keys: toReview[:len(toReview)-1]},
		{name: "5-namespaces-default", keys: after(toReview[:len(toReview)-1], "ctrl+u", `"default"`)},
		{name: "5-namespaces-wrong", keys: after(toReview[:len(toReview)-1], "end", `", Team_A"`)},
		{name: "6-review", keys: toReview},
		{name: "6-review-yaml", keys: after(toReview, "v")},
		{name: "6-review-change", keys: after(toReview, "e")},
		{name: "7-finish", keys: after(toReview, "enter")},
		{name: "7-saved", keys: after(toReview, "enter", "enter")},
		{name: "7-exists", keys: after(toReview, "enter"), then: func(w *world) {
			_, _ = w.store.Save(w.T.Context(), profile.Profile{Name: "vm-platform", Version: "1.2.0", Type: profile.TypeAddOn}, "")
			w.press("enter")
		}},
	})
}

func TestFramesChoosingAPack(t *testing.T) {
	others := func(w *world) {
		slow := &remote{name: "mirror", wait: make(chan struct{})}
		gone := &remote{name: "corp", err: fmt.Errorf("asked https://charts.example.com/index.yaml, and the host charts.example.com is not known")}
		w.with(slow, gone)
		w.press("a", "enter")
	}
	goldens(t, []frame{
		{name: "type", keys: after(toPacks, "a")},
		{name: "registry", keys: toPacks, then: others},
		{name: "unreachable", keys: toPacks, then: func(w *world) { others(w); w.press(`"corp"`) }},
		{name: "pack", keys: after(toPacks, "a", "enter", "enter")},
		{name: "version", keys: after(toPacks, "a", "enter", "enter", "down", "enter")},
		{name: "readme", keys: after(toPacks, "a", "enter", "enter", "down", "ctrl+r")},
	})
}

func TestFramesBeforeTheFirstStep(t *testing.T) {
	left := func(w *world) {
		w.press(after(toConfigure, "ctrl+o", `"basics"`, "enter", "esc", "right", "enter")...)
		w.again(deck.NewProfile{})
	}
	goldens(t, []frame{
		{name: "asking", setting: setting{cluster: true, early: true, prepare: func(api *fakeapi.Server) { api.Hang() }}},
		{name: "denied", setting: setting{cluster: true, as: "alice", prepare: served}},
		{name: "read-only", setting: setting{readOnly: "vmdeck was started with --read-only"}},
		{name: "not-installed", setting: setting{cluster: true}},
		{name: "install", setting: setting{cluster: true}, keys: []string{"i"}},
		{name: "draft", then: left},
		{name: "leave", keys: []string{`"vm-platform"`, "enter", "esc"}},
	})
}

func TestFramesLook(t *testing.T) {
	hostile := profile.Profile{Name: "a-very-long-name-of-a-profile-that-goes-on-and-on-for-63-letter", Version: "1.0.0-rc.1", Type: profile.TypeAddOn,
		Description: "\x1b[2Jclear \u202eand\nfar too long a description, in which somebody explains at length what it is all about and why",
		Packs:       []profile.PackRef{{Registry: "a registry with a \x1b]0;name\a", Name: "and-a-pack-with-a-very-long-name-too", Version: "1.0.0"}},
		Manifests:   []profile.Manifest{{Name: "cdi-operator", URL: "https://example.com/cdi-operator.yaml", SHA256: "00", UnlessServed: "cdi.kubevirt.io"}}}
	goldens(t, []frame{
		{name: "ascii", setting: setting{ascii: true}, keys: after(toPacks, "u")},
		{name: "ascii-review", setting: setting{ascii: true}, keys: toReview},
		{name: "hostile-basics", setting: setting{ask: deck.NewProfile{From: &hostile}}},
		{name: "hostile-packs", setting: setting{ask: deck.NewProfile{From: &hostile}}, keys: []string{"ctrl+n", "ctrl+n", "down"}},
		{name: "old-pack", setting: setting{ask: deck.NewProfile{From: &profile.Profile{Name: "vms", Version: "2.0.0", Type: profile.TypeAddOn, Packs: []profile.PackRef{
			{Registry: pack.PublicRepo, Name: "virtual-machine-orchestrator", Version: "9.9.9"}}}}}, keys: []string{"ctrl+n", "ctrl+n"}},
	})
}
