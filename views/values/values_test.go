package values

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
)

const (
	direct = "pack:\n  palette:\n    config:\n      dashboard:\n        access: direct\ncharts:\n  virtual-machine-orchestrator:\n    service:\n      type: LoadBalancer\n"
	issuer = "https://issuer.example.com"
)

func plain() *theme.Theme { return theme.New(theme.Options{}) }

func keysTo(m *Model, names ...string) {
	for _, name := range names {
		m.Update(uitest.Key(name))
	}
}

func same(t *testing.T, got, want string) {
	t.Helper()
	a, err := pack.ParseValues(got)
	if err != nil {
		t.Fatalf("%v in\n%s", err, got)
	}
	b, _ := pack.ParseValues(want)
	if pack.Show(a) != pack.Show(b) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestOneTruth makes the same change in each of the ways, and finds it in all of them.
func TestOneTruth(t *testing.T) {
	byPreset := orchestrator(t, "")(plain())
	if err := byPreset.Choose("Access", "direct"); err != nil {
		t.Fatal(err)
	}
	same(t, byPreset.Overrides(), direct)
	if !strings.Contains(byPreset.text.Text(), "        access: direct\n") || !strings.Contains(byPreset.text.Text(), "# private: through the proxy") {
		t.Errorf("the text lost its comments or has no choice:\n%s", byPreset.text.Text())
	}

	byText := orchestrator(t, "")(plain())
	byText.text.Replace(strings.NewReplacer("access: private", "access: direct", "type: ClusterIP", "type: LoadBalancer").Replace(byText.text.Text()))
	byText.refresh()
	if got := byText.now.active["Access"]; got != "direct" {
		t.Errorf("the text says direct, and the preset chosen is %q", got)
	}
	same(t, byText.Overrides(), direct)

	given := orchestrator(t, "# why we do this\n"+direct)(plain())
	if got := given.Overrides(); got != "# why we do this\n"+direct {
		t.Errorf("what was given came back as\n%s", got)
	}
	redundant := "clientConfig:\n  oidc-username-claim: email # as it is anyhow\n"
	if got := orchestrator(t, redundant)(plain()); got.Overrides() != redundant || got.Edited() {
		t.Errorf("what was given and changes nothing came back as\n%s", got.Overrides())
	}
	keysTo(given, "enter") // Proxied
	if got := given.Overrides(); got != "" {
		t.Errorf("the defaults are kept as\n%s", got)
	}
	keysTo(given, "u")
	if got := given.Overrides(); got != "# why we do this\n"+direct {
		t.Errorf("after undo:\n%s", got)
	}
}

// TestNeeds fills in what a choice needs, and takes it back in the steps in which it was typed.
func TestNeeds(t *testing.T) {
	m := orchestrator(t, "")(plain())
	if err := m.Choose("Identity Provider", "tenant"); err != nil {
		t.Fatal(err)
	}
	if len(m.Problems()) != 2 {
		t.Fatalf("problems: %v", m.Problems())
	}
	keysTo(m, "down", "j", "j", "j", "j", "x", "enter")
	if r := m.form.current(); r == nil || r.title != "Issuer URL" || !m.Capturing() {
		t.Fatalf("the cursor is on %+v", r)
	}
	for _, r := range issuer {
		m.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	m.Update(uitest.Key("down"))
	m.Update(tea.PasteMsg{Content: "client"})
	if len(m.Problems()) != 0 {
		t.Errorf("problems: %v", m.Problems())
	}
	for path, want := range map[string]string{"oidc-issuer-url": issuer, "oidc-client-id": "client"} {
		if got, _ := pack.Lookup(m.Values(), pack.Path{"clientConfig", path}); got != want {
			t.Errorf("%s is %v, want %s", path, got, want)
		}
	}
	if m.risky() != 1 {
		t.Errorf("%d risky changes, want the choice alone", m.risky())
	}
	keysTo(m, "ctrl+u", "ctrl+u")
	if got, _ := pack.Lookup(m.Values(), pack.Path{"clientConfig", "oidc-issuer-url"}); got != "" {
		t.Errorf("two steps back the issuer is %v", got)
	}
}

// TestBroken types what is no YAML: typing goes on, the rest says why it waits.
func TestBroken(t *testing.T) {
	m := orchestrator(t, direct)(plain())
	keysTo(m, "tab", "tab", "enter", "{")
	if m.part != yaml || m.now.broken == nil {
		t.Fatalf("part %v, error %v", m.part, m.now.broken)
	}
	same(t, m.Overrides(), direct)
	if err := m.Choose("Access", "proxied"); err == nil || !strings.Contains(err.Error(), "mend") {
		t.Errorf("a choice over broken YAML: %v", err)
	}
	m.SetBase(pack.Set(m.pack.Defaults(), pack.Path{"clientConfig", "oidc-username-claim"}, "sub"))
	keysTo(m, "backspace")
	if m.now.broken != nil {
		t.Fatal(m.now.broken)
	}
	same(t, m.Overrides(), direct)
	if got, _ := pack.Lookup(m.Values(), pack.Path{"clientConfig", "oidc-username-claim"}); got != "sub" {
		t.Errorf("the base that came meanwhile: %v", got)
	}
}

// TestBase has what another pack needs in the values, and not in the overrides.
func TestBase(t *testing.T) {
	at := pack.Path{"manifests", "spectro-proxy", "vmDashboardIntegration", "enabled"}
	p := load(t, "spectro-proxy", "1.0.0")
	m := New(plain(), p, pack.Set(p.Defaults(), at, true), "manifests:\n  spectro-proxy:\n    server: proxy.example.com\n")
	if got, _ := pack.Lookup(m.Values(), at); got != true {
		t.Errorf("enabled is %v", got)
	}
	same(t, m.Overrides(), "manifests:\n  spectro-proxy:\n    server: proxy.example.com\n")
	if shown := theme.Strip(m.View(120, 30)); m.risky() != 0 || !strings.Contains(shown, "another pack needs it") {
		t.Errorf("%d risky changes, want none:\n%s", m.risky(), shown)
	}
	if err := m.reset(at); err == nil || !strings.Contains(err.Error(), "another pack") {
		t.Errorf("reset: %v", err)
	}
	m.SetBase(nil)
	if got, _ := pack.Lookup(m.Values(), at); got != false {
		t.Errorf("without the other pack enabled is %v", got)
	}
	same(t, m.Overrides(), "manifests:\n  spectro-proxy:\n    server: proxy.example.com\n")
}

// TestReset takes back one value, and then all, from each part.
func TestReset(t *testing.T) {
	m := orchestrator(t, direct+"    goldenImagesNamespace: gold\n")(plain())
	keysTo(m, "tab", "r") // the first setting is the namespace of golden images
	same(t, m.Overrides(), direct)
	keysTo(m, "u", "shift+tab", "shift+tab", "r") // the first of the changes
	if m.part != changes {
		t.Fatalf("part %v", m.part)
	}
	same(t, m.Overrides(), direct)
	keysTo(m, "X")
	if m.Overrides() != "" || m.text.Text() != m.pack.ValuesYAML {
		t.Errorf("not all is as it was:\n%s", m.Overrides())
	}
	keysTo(m, "u", "u")
	same(t, m.Overrides(), direct+"    goldenImagesNamespace: gold\n")
}

// TestSettings edits values in a line, of each type.
func TestSettings(t *testing.T) {
	m := orchestrator(t, "")(plain())
	keysTo(m, "tab", "enter", "ctrl+u", "down", "enter")
	if !m.Capturing() {
		t.Fatal("a list is not edited in its line")
	}
	m.Update(tea.PasteMsg{Content: ", team-b"})
	keysTo(m, "esc")
	if m.Overrides() != "" {
		t.Errorf("esc kept\n%s", m.Overrides())
	}
	keysTo(m, "enter")
	m.Update(tea.PasteMsg{Content: ", team-b"})
	keysTo(m, "enter", "down", "space")
	same(t, m.Overrides(), "charts:\n  virtual-machine-orchestrator:\n    vmEnabledNamespaces: [default, virtual-machines, team-b]\n    cdi:\n      enabled: false\n")
}

func TestOnChange(t *testing.T) {
	m := orchestrator(t, "")(plain())
	heard := 0
	m.OnChange = func() tea.Cmd { heard++; return nil }
	keysTo(m, "j", "j", "k")
	if heard != 0 {
		t.Errorf("moving counts as a change")
	}
	keysTo(m, "enter", "u")
	if heard != 2 {
		t.Errorf("heard of %d changes, want 2", heard)
	}
}

// many is a pack with as many settings, some of them hostile, and without presets and schema.
func many(t testing.TB, n int) *pack.Pack {
	t.Helper()
	var b strings.Builder
	b.WriteString("# \x1b]0;owned\x07 hostile\u202e comment\n")
	for i := range n {
		fmt.Fprintf(&b, "key%04d:\n  # what it is for\n  value: \"some text %d\"\n", i, i)
	}
	return chart(t, "many", map[string]string{"values.yaml": strings.ReplaceAll(strings.ReplaceAll(b.String(), "\x1b", ""), "\x07", "")})
}

// chart reads a pack of these files.
func chart(t testing.TB, name string, files map[string]string) *pack.Pack {
	t.Helper()
	folder := t.TempDir()
	files["Chart.yaml"] = "apiVersion: v2\nname: " + name + "\nversion: 1.0.0\n"
	for file, content := range files {
		path := filepath.Join(folder, name, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := pack.Open(pack.RegistryConfig{Name: "here", Kind: pack.KindFolder, URL: folder})
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Load(t.Context(), name, "1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNothingButYAML(t *testing.T) {
	m := New(plain(), many(t, 3), nil, "")
	if m.part != yaml || len(m.parts) != 2 {
		t.Errorf("parts %v", m.parts)
	}
	if shown := theme.Strip(m.View(80, 20)); strings.ContainsRune(shown, '\u202e') || !strings.Contains(shown, "hostile? comment") {
		t.Errorf("shown:\n%s", shown)
	}
	if !strings.Contains(m.text.Text(), "\u202e") {
		t.Error("the text itself was changed")
	}
}

// BenchmarkTyping is a key in a text of 2,000 lines.
func BenchmarkTyping(b *testing.B) {
	m := New(plain(), many(b, 667), nil, "")
	keysTo(m, "down", "down", "down", "end", "left")
	for b.Loop() {
		keysTo(m, "x")
		text.Width(m.View(80, 20))
	}
}
