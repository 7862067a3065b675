package wizard

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/views/deck"
)

// remote is a registry in memory, which answers when it is let.
type remote struct {
	pack.Registry
	name  string
	err   error
	wait  chan struct{} // nil: answers at once
	packs []pack.Summary
}

func (r *remote) Name() string  { return r.name }
func (r *remote) Where() string { return "https://charts.example.com" }

func (r *remote) Packs(ctx context.Context) ([]pack.Summary, error) {
	if r.wait != nil {
		select {
		case <-r.wait:
		case <-ctx.Done():
			return nil, errors.New("asked https://charts.example.com, and it did not answer in time")
		}
	}
	return r.packs, r.err
}

// with gives the wizard registries that are made up, besides the built-in one.
func (w *world) with(all ...pack.Registry) {
	w.T.Helper()
	msg := registriesRead{all: append(profile.Registries{pack.Public()}, all...)}
	w.Send(w.page.mine(func() tea.Msg { return msg })())
}

func TestA3AddAPackByTypeRegistryNameAndVersion(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.press(toPacks...)
		w.press("a")
		w.Contains("Pack Type", "System App", "Authentication", "Helm Chart")
		w.press("enter")
		w.Contains("Registry", "Public Repo", "2 packs", "+ add a registry")
		w.press("enter")
		w.Contains("Pack Name", "Virtual Machine Orchestrator", "Spectro VM Dashboard")
		w.press(`"orch"`, "ctrl+r")
		w.Contains("Virtual Machine Orchestrator 1.1.0")
		w.press("q", "enter")
		w.Contains("Version", "1.1.0", "the newest", "1.0.0")
		w.press("down", "enter")
		if ref, at := w.page.draft.profile().Pack("virtual-machine-orchestrator"); at != 0 || ref.Version != "1.0.0" || ref.Registry != pack.PublicRepo {
			t.Fatalf("the pack is %+v", ref)
		}
		w.press("v")
		w.Contains("Another version of Virtual Machine Orchestrator", "in the profile")
		w.press("enter")
		if ref, _ := w.page.draft.profile().Pack("virtual-machine-orchestrator"); ref.Version != "1.1.0" {
			t.Errorf("the pack is %+v", ref)
		}
		w.press("a", "enter", "enter", "down", "enter")
		w.Contains("is in the profile; v there changes its version")
		w.press("esc", "esc", "esc")
		w.Lacks("Pack Type")
		w.press("d")
		if len(w.page.draft.Packs) > 0 {
			t.Errorf("packs: %+v", w.page.draft.Packs)
		}
		w.Contains("+ the usual set")
		w.press("ctrl+n")
		w.Contains("The profile has no packs yet")
	})
}

// A registry that does not answer keeps nobody from the others.
func TestA3UnreachableRegistry(t *testing.T) {
	gone := &remote{name: "gone", err: errors.New("asked https://charts.example.com, and the host is not known")}
	inWorld(t, setting{}, func(w *world) {
		slow := &remote{name: "slow", wait: make(chan struct{})} // of the bubble
		w.press(toPacks...)
		w.with(slow, gone)
		w.press("a", "enter")
		w.Contains("Public Repo", "2 packs", "slow", "asking…", "gone", "the host is not known")
		w.press(`"gone"`, "enter")
		w.Contains("Gone: asked https://charts.example.com")
		w.press("esc", `"slow"`, "enter")
		w.Contains("Asking https://charts.example.com…")
		w.Pass(readTime)
		w.Contains("did not answer in time")
		gone.err, gone.packs = nil, []pack.Summary{{Name: "old", DisplayName: "Old", Type: pack.TypeSystemApp, Versions: []string{"1.0.0"}}}
		w.press("esc", "ctrl+t")
		w.Contains("1 pack")
	})
}

// The platform is made with certain versions; older ones are not offered.
func TestA3OldVersionsAreRefused(t *testing.T) {
	old := &remote{name: "old", packs: []pack.Summary{{
		Name: "spectro-vm-dashboard", DisplayName: "Dashboard", Type: pack.TypeSystemApp, Versions: []string{"3.2.0", "3.0.9"},
	}}}
	inWorld(t, setting{}, func(w *world) {
		w.press(toPacks...)
		w.with(old)
		w.press("a", "enter", `"old"`, "enter", "enter", `"3.0"`, "enter")
		w.Contains("3.1.0 or newer is needed")
		if len(w.page.draft.Packs) > 0 {
			t.Errorf("packs: %+v", w.page.draft.Packs)
		}
	})
}

// A registry that was added meanwhile is there when the user comes back.
func TestA3RegistryIsAddedOnTheWay(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.press(toPacks...)
		w.press("a", "enter", "up", "down", "down", "enter")
		if !slices.Contains(w.Asked, tea.Msg(deck.ShowRegistries{})) {
			t.Fatalf("said %v", w.Asked)
		}
		folder := filepath.Join(t.TempDir(), "packs")
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		_ = w.added.Add(config.Registry{Name: "corp", Kind: "folder", URL: folder})
		w.Pass(2 * time.Second)
		w.press("up")
		w.Contains("corp", "0 packs")
	})
}

// What is published while the wizard is open is found when it is asked for, and when one comes back from the registries.
func TestA3NewVersionIsFoundMeanwhile(t *testing.T) {
	folder := t.TempDir()
	publish := func(version string) {
		chart := filepath.Join(folder, "vms-"+version)
		err := errors.Join(os.MkdirAll(chart, 0o700),
			os.WriteFile(filepath.Join(chart, "Chart.yaml"), []byte("apiVersion: v2\nname: vms\nversion: "+version+"\n"), 0o600))
		if err != nil {
			t.Fatal(err)
		}
	}
	publish("1.0.0")
	inWorld(t, setting{added: []config.Registry{{Name: "corp", Kind: "folder", URL: folder}}}, func(w *world) {
		w.press(toPacks...)
		w.press("a", "down", "down", "enter", "down", "enter", "enter")
		w.Lacks("1.1.0")
		publish("1.1.0")
		w.press("ctrl+t")
		w.Contains("1.1.0", "1.0.0")
		publish("1.2.0")
		w.press("esc", "esc", "esc", "esc", "o", "a", "down", "down", "enter", "down", "enter", "enter")
		w.Contains("1.2.0", "1.1.0")
	})
}

// A profile whose packs cannot be read says which, and goes no further.
func TestUnreadablePack(t *testing.T) {
	from := profile.Profile{Name: "vms", Version: "1.0.0", Type: profile.TypeAddOn, Packs: []profile.PackRef{{Registry: "away", Name: "thing", Version: "1.0.0"}}}
	inWorld(t, setting{ask: deck.NewProfile{From: &from}}, func(w *world) {
		w.press("ctrl+n", "ctrl+n")
		w.Contains("cannot be used", `there is no registry "away"`)
		w.press("ctrl+n")
		w.Contains("The pack thing 1.0.0 could not be read")
	})
}

func TestManifestLayer(t *testing.T) {
	sum := strings.Repeat("0123456789abcdef", 4)
	inWorld(t, setting{}, func(w *world) {
		w.press(toPacks...)
		w.press("m")
		w.Contains("Manifest of", "KubeVirt", "kubevirt-operator", "This cluster serves kubevirt.io")
		w.press("enter", "enter", "enter", `"http://example.com/k.yaml"`)
		w.Contains("https://")
		w.press("ctrl+u", `"https://example.com/k.yaml"`, "enter", "enter")
		w.Contains("needs its SHA-256 digest")
		w.press(`"`+sum+`"`, "enter")
		w.Contains("kubevirt-operator", "installed: left alone")
		want := profile.Manifest{Name: "kubevirt-operator", URL: "https://example.com/k.yaml", SHA256: sum, UnlessServed: "kubevirt.io"}
		if got := w.page.draft.Manifests; len(got) != 1 || got[0] != want {
			t.Errorf("manifests: %+v", got)
		}
		w.press("home", "v", "tab", "tab", "down", "enter")
		w.press(`"relative.yaml"`)
		w.Contains("absolute path")
		w.press("ctrl+u", `"/srv/kubevirt.yaml"`, "enter", "enter")
		want = profile.Manifest{Name: "kubevirt-operator", File: "/srv/kubevirt.yaml", SHA256: sum, UnlessServed: "kubevirt.io"}
		if got := w.page.draft.Manifests; len(got) != 1 || got[0] != want {
			t.Errorf("manifests: %+v", got)
		}
	})
}

// What was worked out of a draft that was changed since is void.
func TestLateAnswerChangesNothing(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.press(append(toPacks, "u")...)
		late := settled{turn: w.page.turn - 1, did: []string{"Took out everything."}}
		w.Send(w.page.mine(func() tea.Msg { return late })())
		w.Lacks("Took out everything.")
		if len(w.page.draft.Packs) != 3 || len(w.page.resolved.Layers) != 3 {
			t.Errorf("packs: %+v", w.page.draft.Packs)
		}
	})
}
