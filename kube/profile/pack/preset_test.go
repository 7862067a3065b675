package pack

import (
	"strings"
	"testing"
)

// choose chooses a preset and fails the test where that is not possible.
func choose(t *testing.T, p *Pack, values Values, group, name string) Values {
	t.Helper()
	out, err := p.Choose(values, group, name)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func said[T any](list []T, say func(T) string) string {
	var out []string
	for _, item := range list {
		out = append(out, say(item))
	}
	return strings.Join(out, "\n")
}

func TestDefaultsOfThePublishedParameters(t *testing.T) {
	for _, p := range []*Pack{public(t, vmo, "1.0.0"), public(t, vmo, "1.1.0"), public(t, dashboard, "3.1.0")} {
		groups := said(p.Groups(), func(g Group) string {
			return g.Name + " (" + g.Default + "): " + strings.ReplaceAll(said(g.Presets, func(p Preset) string { return p.DisplayName }), "\n", ", ")
		})
		want := "Access (proxied): Proxied, Direct\nIdentity Provider (palette): Palette, Inherit from Tenant, Specified on Kubernetes layer"
		if groups != want {
			t.Errorf("%s: groups\n%s", p.Name, groups)
		}
		if problems := p.Check(p.Defaults()); len(problems) > 0 {
			t.Errorf("%s: the defaults are refused: %v", p.Name, problems)
		}
		if p.Namespace(p.Defaults()) != "vm-dashboard" {
			t.Errorf("%s goes to %s", p.Name, p.Namespace(p.Defaults()))
		}
	}
}

func TestAccessBringsAndTakesTheProxy(t *testing.T) {
	p := public(t, vmo, "1.0.0")
	required := func(v Values) string {
		return said(p.Requires(v), func(r Requirement) string { return r.Name + r.Version })
	}
	if have := required(p.Defaults()); have != "spectro-proxy>=1.0.0" {
		t.Errorf("Proxied requires %q", have)
	}
	direct := choose(t, p, p.Defaults(), "Access", "direct")
	if have := required(direct); have != "" {
		t.Errorf("Direct requires %q", have)
	}
	changed := said(p.Changes(direct), Change.String)
	if want := "charts.virtual-machine-orchestrator.service.type: ClusterIP → LoadBalancer\npack.palette.config.dashboard.access: private → direct"; changed != want {
		t.Errorf("Direct changes\n%s\nwant\n%s", changed, want)
	}
	if back := choose(t, p, direct, "Access", "proxied"); len(p.Changes(back)) > 0 {
		t.Errorf("back to Proxied leaves %v", p.Changes(back))
	}
	other := Set(direct, Path{"charts", vmo, "service", "type"}, "NodePort")
	if active := p.Active(other); active["Access"] != "" || active["Identity Provider"] != "palette" || required(other) != "" {
		t.Errorf("with values of one's own %v is active", active)
	}
	r := p.Requires(p.Defaults())[0]
	brought := public(t, proxy, "1.0.0")
	if !r.Allows(brought.Version) || r.Allows("0.9.0") || r.Allows("x") {
		t.Error("the constraint on the proxy's version is wrong")
	}
	if v, _ := Lookup(brought.Values(r.Overrides()), Path{"manifests", proxy, "vmDashboardIntegration", "enabled"}); v != true {
		t.Error("the proxy does not publish the dashboard")
	}
	if have := said(brought.Check(brought.Values(r.Overrides())), Problem.String); have != "manifests.spectro-proxy.server: Proxy server is needed\nmanifests.spectro-proxy.subdomain: Subdomain is needed" {
		t.Errorf("the proxy asks for\n%s", have)
	}
}

func TestIdentityProvidersAskForWhatTheyNeed(t *testing.T) {
	p := public(t, vmo, "1.0.0")
	issuer, client := Path{"clientConfig", "oidc-issuer-url"}, Path{"clientConfig", "oidc-client-id"}
	for preset, provider := range map[string]string{"tenant": "Inherit from Tenant", "kubernetes": "Specified on Kubernetes layer"} {
		values := choose(t, p, p.Defaults(), "Identity Provider", preset)
		want := "clientConfig.oidc-client-id: Client ID is needed with Identity Provider " + provider + "\nclientConfig.oidc-issuer-url: Issuer URL is needed with Identity Provider " + provider
		if have := said(p.Check(values), Problem.String); have != want {
			t.Errorf("%s asks for\n%s\nwant\n%s", preset, have, want)
		}
		values = Set(Set(values, issuer, "https://login.example.com"), client, "vmdeck")
		if problems := p.Check(values); len(problems) > 0 {
			t.Errorf("%s is refused: %v", preset, problems)
		}
		// What was typed is still there after a look at another choice.
		values = choose(t, p, choose(t, p, values, "Identity Provider", "palette"), "Identity Provider", preset)
		if v, _ := Lookup(values, issuer); v != "https://login.example.com" {
			t.Errorf("the issuer became %v", v)
		}
		if have := said(p.Check(Set(values, issuer, "http://x")), Problem.String); !strings.HasPrefix(have, "clientConfig.oidc-issuer-url: ") || strings.Contains(have, "\n") {
			t.Errorf("an issuer without https: %s", have)
		}
	}
}

func TestChooseResetsWhatOnlyTheOtherSet(t *testing.T) {
	p, err := built(map[string]string{
		"values.yaml": "mode: a\nextra: {keep: 1}\n",
		"pack.yaml": `apiVersion: packs.vmdeck.dev/v1alpha1
kind: Pack
presets:
- {name: a, group: Mode, add: "mode: a"}
- {name: b, group: Mode, add: "{mode: b, size: 3, extra: {keep: 2}}"}
- {name: c, group: Mode, add: "mode: c", remove: [extra]}
`})
	if err != nil {
		t.Fatal(err)
	}
	b := choose(t, p, p.Defaults(), "Mode", "b")
	if have := said(p.Changes(b), Change.String); have != "extra.keep: 1 → 2\nmode: a → b\nsize: added 3" {
		t.Errorf("b changes\n%s", have)
	}
	c := choose(t, p, b, "Mode", "c")
	if have := said(p.Changes(c), Change.String); have != "extra: removed {\"keep\":1}\nmode: a → c" {
		t.Errorf("c changes\n%s", have)
	}
	if active := p.Active(c)["Mode"]; active != "c" {
		t.Errorf("active is %q", active)
	}
	if a := choose(t, p, c, "Mode", "a"); len(p.Changes(a)) > 0 {
		t.Errorf("a changes %v", p.Changes(a))
	}
	for _, wrong := range [][2]string{{"Mode", "x"}, {"x", "a"}} {
		if _, err := p.Choose(p.Defaults(), wrong[0], wrong[1]); err == nil {
			t.Errorf("%v was chosen", wrong)
		}
	}
}
