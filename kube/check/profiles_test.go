package check

import (
	"errors"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apischema "k8s.io/apimachinery/pkg/runtime/schema"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// TestD1Profile: a profile that was applied is in the list, and the cluster is as it says.
func TestD1Profile(t *testing.T) {
	ref := profile.Ref{Name: "vm-platform", Version: "1.1.0"}
	kept := &profile.Profile{Name: ref.Name, Version: ref.Version, Packs: []profile.PackRef{{Registry: pack.PublicRepo, Name: "x"}}}
	refused := apierrors.NewForbidden(apischema.GroupResource{Resource: "clusterprofiles"}, "", errors.New("no"))
	for name, tt := range map[string]struct {
		setup   Setup
		verdict Verdict
		word    string
	}{
		"running":       {Setup{Profiles: []Applied{{Ref: ref, Kept: kept, State: apply.Running}}}, Pass, "vm-platform 1.1.0 is in the list"},
		"not in list":   {Setup{Profiles: []Applied{{Ref: ref, State: apply.Running}}}, Warn, "not in the list any more"},
		"list refused":  {Setup{Profiles: []Applied{{Ref: ref, State: apply.Running}}, ListErr: refused}, NotPermitted, "You may not list cluster profiles"},
		"updating":      {Setup{Profiles: []Applied{{Ref: ref, Kept: kept, State: apply.Updating}}}, Warn, "being made"},
		"drifted":       {Setup{Profiles: []Applied{{Ref: ref, Kept: kept, State: apply.Drifted, Text: "Role x: changed"}}}, Fail, "Role x: changed"},
		"failed":        {Setup{Profiles: []Applied{{Ref: ref, Kept: kept, State: apply.Failing}}}, Fail, "not as the profile"},
		"partly":        {Setup{Profiles: []Applied{{Ref: ref, Kept: kept, State: apply.Unknown}}}, Warn, "Not all"},
		"state unknown": {Setup{Profiles: []Applied{{Ref: ref, Kept: kept, StateErr: errors.New("no answer")}}}, Warn, "cannot be told"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, newFake().only(t, "profile.applied/vm-platform", Options{Setup: configured(tt.setup)}), tt.verdict, tt.word)
		})
	}
	want(t, newFake().only(t, "profile.applied", Options{}), NotApplicable, "by other means")
	want(t, newFake().only(t, "profile.applied", Options{Setup: configured{PacksErr: refused}}), NotPermitted, "Helm's releases")
	r := newFake().only(t, "profile.packs/x", Options{Setup: configured{From: "it", Packs: []Pack{{Name: "x"}}, Profiles: []Applied{{Ref: ref, Kept: kept}}}})
	want(t, r, Fail, "not installed")
	if open, ok := r.Fix.Open.(ApplyProfile); !ok || open.Profile.Name != ref.Name || r.Fix.Command != "vmdeck profile apply vm-platform@1.1.0" {
		t.Errorf("the fix of a pack that is not installed opens %+v and runs %q", r.Fix.Open, r.Fix.Command)
	}
}

// TestD1Entry: the tab or Connect shows as the identity provider says.
func TestD1Entry(t *testing.T) {
	for name, tt := range map[string]struct {
		settings map[string]string
		verdict  Verdict
		word     string
	}{
		"palette":   {map[string]string{"access": "direct", "identityProvider": "palette"}, Pass, "Virtual Machines tab"},
		"none":      {map[string]string{"access": "direct", "identityProvider": "noauth"}, Pass, "Virtual Machines tab"},
		"tenant":    {map[string]string{"identityProvider": "tenant", "oidc-issuer-url": "https://i"}, Pass, "Connect is shown until one has an identity of https://i"},
		"by hand":   {map[string]string{"identityProvider": "none", "oidc-issuer-url": "https://i"}, Pass, "Connect is shown"},
		"no issuer": {map[string]string{"identityProvider": "none"}, Fail, "no OIDC issuer"},
		"nothing":   {nil, NotApplicable, "No profile"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			if tt.settings != nil {
				settings := object("virtual-machine-orchestrator", "data", tt.settings)
				settings["metadata"].(map[string]any)["namespace"] = "vm-dashboard"
				f.page("/api/v1/namespaces/vm-dashboard/configmaps/virtual-machine-orchestrator", page{body: settings})
			}
			want(t, f.only(t, "profile.entry", Options{}), tt.verdict, tt.word)
			if tt.settings["access"] == "direct" {
				want(t, f.only(t, "network.proxy", Options{}), NotApplicable, "Direct")
			}
		})
	}
}

// Registries are those of the applied profile's packs, but for what needs no network.
func TestD3RegistriesOfTheProfile(t *testing.T) {
	s := Setup{Profiles: []Applied{{}, {Kept: &profile.Profile{Packs: []profile.PackRef{
		{Registry: pack.PublicRepo}, {Registry: "here"}, {Registry: "net"}, {Registry: "net"}, {Registry: "lost"}, {Registry: "lost"},
	}}}}}
	s.registries(func() ([]config.Registry, error) {
		return []config.Registry{{Name: "here", Kind: "folder", URL: "/x"}, {Name: "net", Kind: "oci", URL: "oci://r.example"}}, nil
	})
	if len(s.Registries) != 1 || s.Registries[0] != "oci://r.example" || len(s.Unregistered) != 1 || s.Unregistered[0] != "lost" {
		t.Errorf("registries %v, not known %v", s.Registries, s.Unregistered)
	}
	r := newFake().only(t, "network.registry/lost", Options{Setup: configured{Unregistered: []string{"lost"}}})
	want(t, r, Warn, "not known here")
	if _, ok := r.Fix.Open.(ShowRegistries); !ok {
		t.Errorf("the fix opens %+v", r.Fix.Open)
	}
}
