package profile

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/profile/pack"
)

const (
	platform  = "virtual-machine-orchestrator"
	dashboard = "spectro-vm-dashboard"
	proxy     = "spectro-proxy"

	proxyFilledIn = "manifests: {spectro-proxy: {server: proxy.example.com, subdomain: demo}}"
)

var public = Registries{pack.Public()}

// sample is a profile as it is before its packs are completed.
func sample(version string) Profile {
	return Profile{
		Name: "vm-platform", Version: version, Description: "VMs for all", Type: TypeAddOn,
		Manifests: []Manifest{{Name: "kubevirt-operator", URL: "https://example.com/op.yaml", SHA256: strings.Repeat("a", 64), UnlessServed: "kubevirt.io"}},
		Packs:     []PackRef{{Registry: pack.PublicRepo, Name: platform, Version: "1.0.0"}, {Registry: pack.PublicRepo, Name: dashboard, Version: "3.1.0", Values: "# why\ncharts: {}\n"}},
	}
}

func choose(t *testing.T, p *Profile, name, group, preset string) {
	t.Helper()
	r, problems := Resolve(t.Context(), *p, public)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	l := r.Layer(name)
	values, err := l.Pack.Choose(l.Values, group, preset)
	if err != nil {
		t.Fatal(err)
	}
	_, i := p.Pack(name)
	if p.Packs[i].Values, err = pack.Rewrite("", pack.Overrides(l.Base, values)); err != nil {
		t.Fatal(err)
	}
}

func names(p Profile) (out []string) {
	for _, r := range p.Packs {
		out = append(out, r.Name)
	}
	return out
}

// A3, A4: Proxied brings the proxy along and says so, Direct takes it out again.
func TestA4ProxyComesAndGoes(t *testing.T) {
	p, did, err := Complete(t.Context(), sample("1.0.0"), public)
	if err != nil || !slices.Equal(names(p), []string{platform, dashboard, proxy}) || len(did) != 1 || !strings.Contains(did[0], "Added the pack spectro-proxy 1.0.0") {
		t.Fatalf("%v %q %v", names(p), did, err)
	}
	ref, _ := p.Pack(proxy)
	if ref.RequiredBy != platform || ref.Registry != pack.PublicRepo {
		t.Errorf("%+v", ref)
	}
	r, problems := Resolve(t.Context(), p, public)
	if got, _ := pack.Lookup(r.Layer(proxy).Values, pack.Path{"manifests", proxy, "vmDashboardIntegration", "enabled"}); got != true || len(problems) > 0 {
		t.Errorf("the proxy has not what the others need of it: %v %v", got, problems)
	}
	if again, did, err := Complete(t.Context(), p, public); err != nil || len(did) > 0 || !reflect.DeepEqual(again, p) {
		t.Errorf("completed twice: %q %v", did, err)
	}
	choose(t, &p, platform, "Access", "direct")
	if p, did, err = Complete(t.Context(), p, public); err != nil || len(did) > 0 {
		t.Errorf("the dashboard needs it still: %q %v", did, err)
	}
	if ref, _ := p.Pack(proxy); ref.RequiredBy != dashboard {
		t.Errorf("%+v", ref)
	}
	choose(t, &p, dashboard, "Access", "direct")
	if p, did, err = Complete(t.Context(), p, public); err != nil || !slices.Equal(names(p), []string{platform, dashboard}) || len(did) != 1 || !strings.Contains(did[0], "Took out") {
		t.Errorf("%v %q %v", names(p), did, err)
	}
	p.Packs = append(p.Packs, PackRef{Registry: pack.PublicRepo, Name: proxy, Version: "1.0.0"})
	if kept, did, err := Complete(t.Context(), p, public); err != nil || len(did) > 0 || len(kept.Packs) != 3 {
		t.Errorf("what somebody chose stays: %v %q %v", names(kept), did, err)
	}
}

func TestA4ProblemsOfPacks(t *testing.T) {
	p := sample("1.0.0")
	r, _ := Resolve(t.Context(), p, public)
	if text := asError(r.Problems()); text == nil || !strings.Contains(text.Error(), "needs the pack spectro-proxy >=1.0.0, which is not in the profile") {
		t.Error(text)
	}
	p, _, err := Complete(t.Context(), p, public)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Check(t.Context(), p, public)
	if err == nil || !strings.Contains(err.Error(), "needs a value for Proxy server (manifests.spectro-proxy.server)") || strings.Count(err.Error(), "manifests.spectro-proxy.server") != 1 {
		t.Errorf("an open need: %v", err)
	}
	p.Packs[2].Values = proxyFilledIn
	if _, err := Check(t.Context(), p, public); err != nil {
		t.Error(err)
	}
	p.Packs[0].Values = "charts: {virtual-machine-orchestrator: {service: {type: 7}}}"
	if _, err := Check(t.Context(), p, public); err == nil || !strings.Contains(err.Error(), platform) {
		t.Errorf("a bad value: %v", err)
	}
	p.Packs[0].Values, p.Packs[1].Registry, p.Packs[2].Version = "", "ours", "9.9.9"
	_, problems := Resolve(t.Context(), p, public)
	if len(problems) != 2 || problems[0].Index != 1 || !strings.Contains(problems[0].Text, `no registry "ours"; there are Public Repo`) || problems[1].Index != 2 {
		t.Errorf("%+v", problems)
	}
	if _, did, err := Complete(t.Context(), p, public); err == nil || did != nil {
		t.Errorf("%q %v", did, err)
	}
}

// A5, A6, A8: what was changed from the defaults shows, and the values that are still open.
func TestA6Review(t *testing.T) {
	p := sample("1.0.0")
	choose(t, &p, platform, "Identity Provider", "tenant")
	p, _, err := Complete(t.Context(), p, public)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := Resolve(t.Context(), p, public)
	reviews := r.Review()
	var order []string
	for _, v := range reviews {
		order = append(order, v.Layer.Ref.Name)
	}
	i := slices.Index(order, platform)
	v := reviews[i]
	if len(v.Changes) != 1 || !strings.Contains(v.Changes[0].String(), "identityProvider: palette → tenant") || len(v.Open) != 2 {
		t.Errorf("order %q, changes %v, open %v", order, v.Changes, v.Open)
	}
	if got := []string{v.Choices[0].String(), v.Choices[1].String()}; !slices.Equal(got, []string{"Access: Proxied", "Identity Provider: Inherit from Tenant (default: Palette)"}) {
		t.Errorf("%q", got)
	}
	for _, other := range reviews {
		if other.Layer.Ref.Name == proxy && (len(other.Changes) > 0 || len(other.Open) != 2) {
			t.Errorf("what another pack needs is no change: %v; open %v", other.Changes, other.Open)
		}
	}
	p.Packs[2].Values = proxyFilledIn
	if filled, _ := Resolve(t.Context(), p, public); len(filled.Warnings()) != 1 || strings.Contains(filled.Warnings()[0], "Proxy") {
		t.Errorf("what has to be filled in is no change: %q", filled.Warnings())
	}
	if got := r.VMNamespaces(); !slices.Equal(got, []string{"default", "virtual-machines"}) {
		t.Errorf("%q", got)
	}
	if w := r.Warnings(); len(w) != 1 || !strings.Contains(w[0], ChangedWarning) {
		t.Errorf("%q", w)
	}
	p.Packs[0].Values = "charts: {virtual-machine-orchestrator: {vmEnabledNamespaces: [default]}}"
	r, _ = Resolve(t.Context(), p, public)
	if w := r.Warnings(); len(w) != 2 || !strings.Contains(w[1], "at least one namespace for VMs alone is recommended") {
		t.Errorf("%q", w)
	}
}

func TestA1Validate(t *testing.T) {
	if problems := sample("1.0.0-rc.1").Validate(); len(problems) > 0 {
		t.Errorf("%+v", problems)
	}
	for name, tt := range map[string]struct {
		change func(*Profile)
		field  string
		index  int
		part   string
		text   string
	}{
		"no name":         {func(p *Profile) { p.Name = "" }, "Name", 0, "", "needs a name"},
		"a name with dot": {func(p *Profile) { p.Name = "a.b" }, "Name", 0, "", `"a.b"`},
		"version":         {func(p *Profile) { p.Version = "one" }, "Version", 0, "", `"one" is no version`},
		"short version":   {func(p *Profile) { p.Version = "v1.1" }, "Version", 0, "", "is written 1.1.0"},
		"build metadata":  {func(p *Profile) { p.Version = "1.0.0+x" }, "Version", 0, "", "is no version"},
		"type":            {func(p *Profile) { p.Type = "infra" }, "Type", 0, "", "is Add-on"},
		"pack twice":      {func(p *Profile) { p.Packs = append(p.Packs, p.Packs[0]) }, "Packs", 2, "Name", "twice"},
		"no registry":     {func(p *Profile) { p.Packs[1].Registry = "" }, "Packs", 1, "Registry", "needs the registry"},
		"pack version":    {func(p *Profile) { p.Packs[1].Version = "new" }, "Packs", 1, "Version", `"new"`},
		"values":          {func(p *Profile) { p.Packs[1].Values = "a: [" }, "Packs", 1, "Values", "not YAML"},
		"namespace":       {func(p *Profile) { p.Packs[0].Namespace = "A" }, "Packs", 0, "Namespace", `"A"`},
		"manifest name":   {func(p *Profile) { p.Manifests[0].Name = platform }, "Manifests", 0, "Name", "called like a pack"},
		"no digest":       {func(p *Profile) { p.Manifests[0].SHA256 = "" }, "Manifests", 0, "SHA256", "needs its SHA-256"},
		"no https":        {func(p *Profile) { p.Manifests[0].URL = "http://x/y" }, "Manifests", 0, "URL", "https://"},
		"two sources":     {func(p *Profile) { p.Manifests[0].Content = "a: b" }, "Manifests", 0, "URL", "exactly one place"},
		"relative file":   {func(p *Profile) { p.Manifests[0] = Manifest{Name: "x", File: "a.yaml"} }, "Manifests", 0, "File", "absolute path"},
	} {
		t.Run(name, func(t *testing.T) {
			p := sample("1.0.0")
			tt.change(&p)
			got := p.Validate()
			if len(got) != 1 || got[0].Field != tt.field || got[0].Index != tt.index || got[0].Part != tt.part || !strings.Contains(got[0].Text, tt.text) {
				t.Errorf("%+v", got)
			}
		})
	}
	for in, want := range map[string]string{"": "1.0.0", "2": "2.0.0", " v1.1 ": "1.1.0", "1.0.0-RC1": "1.0.0-rc1"} {
		if got, err := NormalVersion(in); err != nil || got != want {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
}

func TestA3RegistriesThatWereAdded(t *testing.T) {
	all := OpenRegistries([]config.Registry{{Name: "ours", Kind: "folder", URL: t.TempDir()}, {Name: "odd", Kind: "ftp", URL: "ftp://x"}})
	if len(all) != 3 {
		t.Fatal(all)
	}
	odd, err := all.Find("odd")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := odd.Packs(context.Background()); err == nil || !strings.Contains(err.Error(), "ftp") {
		t.Error(err)
	}
	if _, err := all.Find("theirs"); err == nil || !strings.Contains(err.Error(), "Public Repo, ours, odd") {
		t.Error(err)
	}
}

func TestNextVersion(t *testing.T) {
	for version, want := range map[string]string{"1.0.0": "1.1.0", "1.9.3": "1.10.0", "2.0.0-rc.1": "2.1.0", "": DefaultVersion, "one": DefaultVersion} {
		if got := NextVersion(version); got != want {
			t.Errorf("after %q comes %q, want %q", version, got, want)
		}
	}
}
