package apply

import (
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube/profile/pack"
)

func public(t *testing.T, name, version string) *pack.Pack {
	t.Helper()
	p, err := pack.Public().Load(t.Context(), name, version)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLayersInOrder(t *testing.T) {
	orchestrator, dash := public(t, "virtual-machine-orchestrator", "1.0.0"), public(t, "spectro-vm-dashboard", "3.1.0")
	first := pack.Values{"pack": pack.Values{"spectrocloud.com/install-priority": "1"}}
	for name, c := range map[string]struct {
		packs []Pack
		want  string
	}{
		"by priority":          {[]Pack{{Pack: dash}, {Pack: orchestrator}}, "crds virtual-machine-orchestrator spectro-vm-dashboard"},
		"as somebody set them": {[]Pack{{Pack: orchestrator}, {Pack: dash, Values: first}}, "crds spectro-vm-dashboard virtual-machine-orchestrator"},
	} {
		all, err := Layers{Profile: "p", Version: "1.0.0", Packs: c.packs, Manifests: []Manifest{{Name: "crds", Content: platform("x", "y")}}}.prepare()
		if err != nil {
			t.Fatal(err)
		}
		var have []string
		for _, l := range all {
			have = append(have, l.release)
		}
		if strings.Join(have, " ") != c.want {
			t.Errorf("%s: %s, want %s", name, strings.Join(have, " "), c.want)
		}
		if all[0].namespace != all[1].namespace {
			t.Errorf("the manifest goes to %s, want the first pack's %s", all[0].namespace, all[1].namespace)
		}
	}
}

func TestManifestBecomesAChart(t *testing.T) {
	l, err := Manifest{Name: "m", Content: platform("x", "y")}.layer("1.0.0", "home")
	if err != nil {
		t.Fatal(err)
	}
	if len(l.crds) != 1 || l.crds[0].GetName() != "toasters.x.example.com" || len(crdsOf(l.chart)) != 1 {
		t.Errorf("its definitions are %v", l.crds)
	}
	body := ""
	for _, f := range l.chart.Files {
		if !strings.HasPrefix(f.Name, "crds/") {
			body += string(f.Data)
		}
	}
	for _, want := range []string{"helm.sh/resource-policy: keep", "kind: Toaster", "{{ not a template }}"} {
		if !strings.Contains(body, want) {
			t.Errorf("the chart has no %s:\n%s", want, body)
		}
	}
	if strings.Contains(body, "CustomResourceDefinition") {
		t.Error("the release would delete the kind with all its objects")
	}
}

func TestManifestsThatAreNone(t *testing.T) {
	for content, want := range map[string]string{
		"kind: ConfigMap\nmetadata: {name: a}":                   "document 1 has no apiVersion, kind or metadata.name",
		"apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\n- a": "document 2 is not the YAML of an object",
		"a: b: c": "document 1 is not the YAML of an object",
	} {
		if _, err := (Layers{Profile: "p", Version: "1", Manifests: []Manifest{{Name: "m", Content: content}}}).prepare(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", content, err, want)
		}
	}
}

// Helm changes the charts that it installs; a pack's is shared.
func TestChartsAreCopied(t *testing.T) {
	p := public(t, "spectro-vm-dashboard", "3.1.0")
	c := cloneChart(p.Chart())
	c.Values["more"], c.Metadata.Name = "x", "other"
	if _, there := p.Chart().Values["more"]; there || p.Chart().Metadata.Name == "other" {
		t.Error("the pack's chart was changed")
	}
}
