package pack

import (
	"testing"

	"helm.sh/helm/v4/pkg/chart/common/util"
)

func TestProblemsReadWell(t *testing.T) {
	p := public(t, vmo, "1.0.0")
	chart := Path{"charts", vmo}
	for _, c := range []struct {
		at    Path
		value any
		want  string
	}{
		{chart.with("roles").with("create"), "yes", "charts.virtual-machine-orchestrator.roles.create: must be true or false, not text"},
		{chart.with("service").with("type"), "Loadbalancer", "charts.virtual-machine-orchestrator.service.type: is Loadbalancer; it takes ClusterIP, LoadBalancer, NodePort"},
		{chart.with("vmEnabledNamespaces"), []any{}, "charts.virtual-machine-orchestrator.vmEnabledNamespaces: must have at least 1 items, not 0"},
		{chart.with("vmEnabledNamespaces"), []any{"a", "a"}, "charts.virtual-machine-orchestrator.vmEnabledNamespaces: items 1 and 2 are the same"},
		{chart.with("vmEnabledNamespaces"), []any{"A"}, `charts.virtual-machine-orchestrator.vmEnabledNamespaces.0: "A" does not have the right form (^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$)`},
		{chart.with("goldenImagesNamespace"), "", "charts.virtual-machine-orchestrator.goldenImagesNamespace: must not be empty"},
		{chart.with("goldenImages"), "x", "charts.virtual-machine-orchestrator.goldenImages: the pack has no such setting"},
		{Path{"pack", "palette"}, Values{}, "pack.palette.config: is missing"},
		{Path{"pack"}, nil, "pack: must be a group of settings, not nothing"},
	} {
		values := Set(p.Defaults(), c.at, c.value)
		if have := said(p.Check(values), Problem.String); have != c.want {
			t.Errorf("%s = %v:\n%s\nwant\n%s", c.at, c.value, have, c.want)
		}
		if err := util.ValidateAgainstSchema(p.Chart(), values); err == nil {
			t.Errorf("%s = %v: Helm accepts it", c.at, c.value)
		}
	}
	dash := public(t, dashboard, "3.1.0")
	for value, want := range map[any]string{
		2.5: "charts.spectro-vm-dashboard.replicas: must be a whole number, not a number",
		-1.: "charts.spectro-vm-dashboard.replicas: must be at least 0", 11.: "charts.spectro-vm-dashboard.replicas: must be at most 10",
	} {
		if have := said(dash.Check(Set(dash.Defaults(), Path{"charts", dashboard, "replicas"}, value)), Problem.String); have != want {
			t.Errorf("%v: %s\nwant %s", value, have, want)
		}
	}
}

// A form is built from the schema: every default of the chart must be in it, with a title, a text, and the same default.
func TestSchemasDescribeEverySetting(t *testing.T) {
	for _, p := range []*Pack{public(t, vmo, "1.1.0"), public(t, dashboard, "3.1.0"), public(t, proxy, "1.0.0")} {
		fields := map[string]Field{}
		for _, f := range p.Schema().Fields() {
			fields[f.Path.String()] = f
			if f.Title == f.Path[len(f.Path)-1] || f.Description == "" && f.Title == "" {
				t.Errorf("%s: %s has no title or description", p.Name, f.Path)
			}
		}
		for _, c := range Changes(nil, p.Defaults()) {
			f, there := fields[c.Path.String()]
			if !there {
				t.Errorf("%s: the schema does not describe %s", p.Name, c.Path)
				continue
			}
			if f.Default != nil && Show(f.Default) != Show(c.Value) {
				t.Errorf("%s: the default of %s is %s in the schema and %s in values.yaml", p.Name, c.Path, Show(f.Default), Show(c.Value))
			}
		}
	}
	for _, f := range public(t, vmo, "1.0.0").Schema().Fields() {
		if f.Path.String() == "pack.palette.config.dashboard.access" && (f.Type != "string" || len(f.Enum) != 2 || !f.Required || len(f.Groups) != 4) {
			t.Errorf("access is %+v", f)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	p := public(b, vmo, "1.1.0")
	values := p.Defaults()
	for b.Loop() {
		p.Check(values)
	}
}

func BenchmarkPublicRepo(b *testing.B) {
	for b.Loop() {
		if _, err := Public().Packs(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
