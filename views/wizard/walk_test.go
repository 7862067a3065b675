package wizard

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

// keys that most walks have in common.
var (
	toPacks     = []string{`"vm-platform"`, "enter", `"1.2"`, "enter", `"All for VMs"`, "enter", "enter"}
	toConfigure = append(slices.Clone(toPacks), "enter", "enter")
	direct      = []string{"down", "enter"}
	toReview    = append(append(slices.Clone(toConfigure), direct...), "ctrl+n", "ctrl+n", "enter")
)

// stored are the profiles of the store.
func (w *world) stored() []profile.Profile {
	w.T.Helper()
	all, err := w.store.List(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	var out []profile.Profile
	for _, s := range all {
		if s.Err != nil {
			w.T.Fatal(s.Err)
		}
		out = append(out, s.Value)
	}
	return out
}

// files are the drafts that are kept.
func (w *world) files() []string {
	entries, _ := os.ReadDir(w.drafts)
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestA1WizardSavesAProfile(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.press(toReview...)
		w.Contains("Direct (default: Proxied)", "Palette (default)", "virtual-machines (is made)", "Not all defaults were left")
		w.press("enter", "enter")
		want := profile.Profile{Name: "vm-platform", Version: "1.2.0", Description: "All for VMs", Type: profile.TypeAddOn, Packs: []profile.PackRef{
			{Registry: pack.PublicRepo, Name: "virtual-machine-orchestrator", Version: "1.1.0"},
			{Registry: pack.PublicRepo, Name: "spectro-vm-dashboard", Version: "3.1.0"},
		}}
		got := w.stored()
		if len(got) != 1 {
			t.Fatalf("stored: %+v", got)
		}
		for i, ref := range got[0].Packs {
			values, err := pack.ParseValues(ref.Values)
			chart := pack.Path{"charts", ref.Name, "service", "type"}
			kind, _ := pack.Lookup(values, chart)
			access, _ := pack.Lookup(values, pack.Path{"pack", "palette", "config", "dashboard", "access"})
			if err != nil || kind != "LoadBalancer" || access != "direct" || len(pack.Changes(pack.Values{}, values)) != 2 {
				t.Errorf("%s: %v %q", ref.Name, err, ref.Values)
			}
			got[0].Packs[i].Values = ""
		}
		if !reflect.DeepEqual(got[0], want) {
			t.Errorf("stored %+v\nwant   %+v", got[0], want)
		}
		if !reflect.DeepEqual(w.Asked, []any{deck.ShowProfiles{Ref: want.Ref()}}) && len(w.Asked) != 1 {
			t.Errorf("said %v", w.Asked)
		}
		if len(w.files()) > 0 {
			t.Errorf("drafts are left: %v", w.files())
		}
		if len(w.audit.Entries()) != 1 || w.audit.Last().Action != "create" {
			t.Errorf("audited %+v", w.audit.Entries())
		}
		w.Contains("Apply vm-platform 1.2.0 to demo now?")
		w.press("enter")
		if apply, ok := w.Asked[len(w.Asked)-1].(deck.Apply); !ok || apply.Profile.Name != "vm-platform" || len(apply.Profile.Packs) != 2 {
			t.Errorf("said %v", w.Asked)
		}
	})
}

// Who may not apply a profile is not asked whether to.
func TestSavingOffersToApplyWhereThatIsPermitted(t *testing.T) {
	inWorld(t, setting{as: "alice"}, func(w *world) {
		w.press(toReview...)
		w.press("enter", "enter")
		if len(w.stored()) != 1 {
			t.Errorf("stored %+v", w.stored())
		}
		w.Lacks("to demo now?")
	})
}

// Proxied, the default, brings the proxy along, which needs to know where it connects to.
func TestA4ProxiedAddsTheProxyAndDirectTakesItOut(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.press(toPacks...)
		w.press("u")
		w.Contains("Spectro Proxy", "required", "Added the pack spectro-proxy 1.0.0")
		w.press("down", "down", "d")
		w.Contains("It came along: Virtual Machine Orchestrator needs it", "It would come back at once.")
		w.press("enter", "ctrl+n", "ctrl+n")
		w.Contains("Spectro Proxy 1.0.0  pack 3 of 3", "2 values to fill in")
		w.press("ctrl+n")
		w.Contains("Spectro Proxy cannot be installed like this")
		w.press(`"frp.example.com"`, "enter", `"vms"`, "ctrl+n")
		w.Contains("Namespaces for VMs")
		if ref, at := w.page.draft.profile().Pack("spectro-proxy"); at < 0 || !strings.Contains(ref.Values, "server: frp.example.com") || ref.RequiredBy == "" {
			t.Errorf("the proxy is %+v", ref)
		}
		w.press("esc", "ctrl+p", "ctrl+p") // back to the first pack
		w.Contains("Virtual Machine Orchestrator 1.1.0  pack 1 of 3")
		w.press(direct...)
		w.Contains("Took out the pack spectro-proxy with the values that were set in it", "Spectro VM Dashboard follows: Access is one choice for the profile.", "pack 1 of 2")
		if v := w.page.resolved.Layer("spectro-vm-dashboard"); v.Pack.Active(v.Values)["Access"] != "direct" {
			t.Errorf("the dashboard is %v", v.Pack.Active(v.Values))
		}
	})
}

func TestA4IdentityProviderAsksForWhatItNeeds(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.press(toConfigure...)
		w.press("down", "enter", "down", "down", "enter")
		w.Contains("2 values to fill in", "Issuer URL", "Client ID")
		w.press("ctrl+n")
		w.Contains("cannot be installed like this: clientConfig.oidc-issuer-url")
		w.press(`"https://id.example.com"`, "enter", `"vms"`, "ctrl+n", "ctrl+n")
		w.Contains("Namespaces for VMs")
		for _, name := range usualSet {
			l := w.page.resolved.Layer(name)
			issuer, _ := pack.Lookup(l.Values, pack.Path{"clientConfig", "oidc-issuer-url"})
			client, _ := pack.Lookup(l.Values, pack.Path{"clientConfig", "oidc-client-id"})
			if l.Pack.Active(l.Values)["Identity Provider"] != "tenant" || issuer != "https://id.example.com" || client != "vms" {
				t.Errorf("%s: %v, issuer %v, client %v", name, l.Pack.Active(l.Values), issuer, client)
			}
		}
	})
}

func TestA1BackAndForthLosesNothing(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.press(toConfigure...)
		w.press("down", "enter", "ctrl+n", "ctrl+n", "ctrl+a", `"vms, "`, "enter", "enter")
		before := w.page.draft
		for range 7 {
			w.press("esc")
		}
		if w.page.draft.Step != stepBasics {
			t.Fatalf("at %v", w.page.draft.Step)
		}
		w.Contains("vm-platform", "1.2", "All for VMs")
		for range 7 {
			w.press("ctrl+n")
		}
		if !w.page.draft.same(before) || w.page.draft.Step != stepFinish {
			t.Errorf("before %+v\nafter  %+v", before, w.page.draft)
		}
		if got := w.page.resolved.VMNamespaces(); !reflect.DeepEqual(got, []string{"vms", "default", "virtual-machines"}) {
			t.Errorf("namespaces: %v", got)
		}
	})
}

func TestA1BasicsAreCheckedWhileTyped(t *testing.T) {
	taken := profile.Profile{Name: "vm-platform", Version: "1.0.0", Type: profile.TypeAddOn}
	inWorld(t, setting{stored: []profile.Profile{taken}}, func(w *world) {
		w.press("enter")
		w.Contains("The profile needs a name.")
		w.press("up", `"VM"`)
		w.Contains("A name like this cannot be kept")
		w.press("backspace", "backspace", `"vm-platform"`)
		w.Contains("vm-platform 1.0.0 exists already", "There are versions of vm-platform already: 1.0.0.")
		w.press("ctrl+n")
		w.Contains("exists already")
		w.press("enter", `"one"`)
		w.Contains(`"one" is no version`)
		w.press("backspace", "backspace", "backspace", `"1.1"`)
		w.Lacks("exists already", "is no version")
		w.press("ctrl+n")
		w.Contains("An add-on profile")
	})
}

// What is typed in the line of a setting counts, whichever way the step is left.
func TestHalfTypedSettingIsKept(t *testing.T) {
	for _, key := range []string{"ctrl+n", "ctrl+p", "ctrl+o"} {
		inWorld(t, setting{}, func(w *world) {
			w.press(toConfigure...)
			w.press("tab", "enter", `"-x"`, key)
			if ref := w.page.draft.Packs[0]; !strings.Contains(ref.Values, "vmo-golden-images-x") {
				t.Errorf("%s: the values are %q", key, ref.Values)
			}
		})
	}
}

func TestLeavingAManifestAsks(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.press(toPacks...)
		w.press("m", "esc")
		w.Contains("+ a manifest")
		w.press("m", "tab", "tab", "tab", `"https://example.com/x.yaml"`, "esc")
		w.Contains("Leave the manifest?", "[ Stay here ]")
		w.press("enter")
		w.Contains("https://example.com/x.yaml")
		w.press("esc", "right", "enter")
		w.Contains("+ a manifest")
		w.Lacks("https://example.com/x.yaml")
		if len(w.page.draft.Manifests) != 0 {
			t.Errorf("manifests: %+v", w.page.draft.Manifests)
		}
	})
}

// Another version begins as the one after the newest, with packs that have newer versions pointed out, and is left unasked while it is so.
func TestNewVersionProposesTheNext(t *testing.T) {
	was := profile.Profile{Name: "vm-platform", Version: "1.0.0", Type: profile.TypeAddOn, Packs: []profile.PackRef{
		{Registry: pack.PublicRepo, Name: "virtual-machine-orchestrator", Version: "1.0.0"}}}
	newest := was
	newest.Version = "1.9.3"
	inWorld(t, setting{stored: []profile.Profile{was, newest}, ask: deck.NewProfile{From: &was}}, func(w *world) {
		w.Contains("vm-platform", "1.10.0", "There are versions of vm-platform already: 1.9.3, 1.0.0.")
		w.Lacks("exists already")
		w.press("ctrl+n", "ctrl+n")
		w.Contains("newer: 1.1.0", "There is a newer version, 1.1.0: v chooses it.")
	})
	bare := profile.Profile{Name: "vm-platform", Version: "1.0.0", Type: profile.TypeAddOn}
	inWorld(t, setting{stored: []profile.Profile{bare}, ask: deck.NewProfile{From: &bare}}, func(w *world) {
		w.Contains("1.1.0")
		w.press("esc")
		w.Contains(stage.Below)
	})
}

func TestInPlaceKeepsNameAndVersion(t *testing.T) {
	was := profile.Profile{Name: "vm-platform", Version: "1.0.0", Type: profile.TypeAddOn, Description: "one\ntwo"}
	inWorld(t, setting{stored: []profile.Profile{was}}, func(w *world) {
		all, _ := w.store.List(w.T.Context())
		w.press("esc")
		w.again(deck.NewProfile{From: &all[0].Value, Replaces: all[0]})
		w.Contains("Profile vm-platform 1.0.0", "is changed in place", "one", "two")
		w.press("enter", "enter")
		w.Contains("+ the usual set")
		w.press("enter", "enter")
		w.press(direct...)
		w.press("ctrl+n", "ctrl+n", "enter", "enter", "enter")
		got := w.stored()
		if len(got) != 1 || len(got[0].Packs) != 2 || got[0].Description != was.Description {
			t.Errorf("stored %+v", got)
		}
	})
}

func TestSavingFailsAndNothingIsLost(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.press(toReview...)
		other := profile.Profile{Name: "vm-platform", Version: "1.2.0", Type: profile.TypeAddOn}
		if _, err := w.store.Save(w.T.Context(), other, ""); err != nil {
			t.Fatal(err)
		}
		w.press("enter", "enter")
		w.Contains("here is a profile of that name and version already", "Nothing of what you entered")
		if len(w.files()) != 1 {
			t.Errorf("drafts: %v", w.files())
		}
		w.press("ctrl+o", `"Basics"`, "enter")
		w.Contains("vm-platform 1.2.0 exists already")
		w.press("down", "backspace", "backspace", "ctrl+n")
		for range 7 {
			w.press("ctrl+n")
		}
		w.press("enter")
		if got := w.stored(); len(got) != 2 {
			t.Errorf("stored %+v", got)
		}
	})
}
