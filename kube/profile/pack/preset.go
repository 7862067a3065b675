package pack

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Group is a radio group: one of its presets is chosen at a time, or none when the values were set otherwise.
type Group struct {
	Name    string
	Default string // the preset that the chart's defaults amount to; empty: none
	Presets []Preset
}

// Groups returns the presets by group, in the order of the file.
func (p *Pack) Groups() []Group {
	var groups []Group
	for _, preset := range p.spec.Presets {
		i := slices.IndexFunc(groups, func(g Group) bool { return g.Name == preset.Group })
		if i < 0 {
			i = len(groups)
			groups = append(groups, Group{Name: preset.Group})
		}
		groups[i].Presets = append(groups[i].Presets, preset)
	}
	for i := range groups {
		if active, ok := groups[i].active(p.defaults); ok {
			groups[i].Default = active.Name
		}
	}
	return groups
}

// Active returns for each group the name of the preset that the values amount to. A group whose values were set otherwise is not in the map.
func (p *Pack) Active(values Values) map[string]string {
	out := map[string]string{}
	for _, g := range p.Groups() {
		if active, ok := g.active(values); ok {
			out[g.Name] = active.Name
		}
	}
	return out
}

// active finds the preset whose additions are all in the values and whose removals are not. Of several the one that says the most is it.
func (g Group) active(values Values) (Preset, bool) {
	best, size := Preset{}, -1
	for _, p := range g.Presets {
		leaves := Changes(nil, p.add)
		fits := !slices.ContainsFunc(leaves, func(c Change) bool {
			v, there := Lookup(values, c.Path)
			return !there || !reflect.DeepEqual(v, c.Value)
		})
		left := slices.ContainsFunc(p.remove, func(at Path) bool {
			_, there := Lookup(values, at)
			return there
		})
		if n := len(leaves) + len(p.remove); fits && !left && n > size {
			best, size = p, n
		}
	}
	return best, size >= 0
}

// Choose returns the values with a preset of a group chosen. What the presets of the group set otherwise goes back to the chart's default first;
// values that no preset of the group mentions stay.
func (p *Pack) Choose(values Values, group, name string) (Values, error) {
	groups := p.Groups()
	i := slices.IndexFunc(groups, func(g Group) bool { return g.Name == group })
	if i < 0 {
		return nil, fmt.Errorf("pack %s has no presets %q", p.Name, group)
	}
	j := slices.IndexFunc(groups[i].Presets, func(p Preset) bool { return p.Name == name })
	if j < 0 {
		return nil, fmt.Errorf("pack %s has no preset %q of %s", p.Name, name, group)
	}
	out := clone(values).(Values)
	for _, other := range groups[i].Presets {
		for _, c := range Changes(nil, other.add) {
			out = p.reset(out, c.Path)
		}
		for _, at := range other.remove {
			out = p.reset(out, at)
		}
	}
	chosen := groups[i].Presets[j]
	for _, at := range chosen.remove {
		out = Remove(out, at)
	}
	return Merge(out, chosen.add), nil
}

func (p *Pack) reset(values Values, at Path) Values {
	if v, there := Lookup(p.defaults, at); there {
		return Set(values, at, v)
	}
	return Remove(values, at)
}

// chosen lists the active presets in the order of their groups.
func (p *Pack) chosen(values Values) []Preset {
	var out []Preset
	for _, g := range p.Groups() {
		if active, ok := g.active(values); ok {
			out = append(out, active)
		}
	}
	return out
}

// Needs lists what a person has to fill in with these values: the pack's own needs and those of the chosen presets.
func (p *Pack) Needs(values Values) []Need {
	needs := slices.Clone(p.spec.Needs)
	for _, preset := range p.chosen(values) {
		needs = append(needs, preset.Needs...)
	}
	return needs
}

// Requires lists the packs that must be in the profile too with these values. One that is asked for several times is listed once, with the
// values of all; a version must satisfy every constraint.
func (p *Pack) Requires(values Values) []Requirement {
	all := slices.Clone(p.spec.Packs)
	for _, preset := range p.chosen(values) {
		all = append(all, preset.Packs...)
	}
	var out []Requirement
	for _, r := range all {
		i := slices.IndexFunc(out, func(o Requirement) bool { return o.Name == r.Name && o.Version == r.Version })
		if i < 0 {
			out = append(out, r)
			continue
		}
		out[i].values = Merge(out[i].values, r.values)
	}
	return out
}

// Check lists all that is wrong with values: what the schema refuses and what still has to be filled in, by path.
func (p *Pack) Check(values Values) []Problem {
	problems := p.schema.Check(values)
	known := map[string]bool{}
	for _, problem := range problems {
		known[problem.Path.String()] = true
	}
	for _, need := range p.Needs(values) {
		v, there := Lookup(values, need.at)
		if !known[need.Path] && (!there || v == nil || v == "") {
			problems = append(problems, Problem{need.At(), fmt.Sprintf("%s is needed%s", need.Title, p.because(values, need))})
		}
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return slices.Compare(a.Path, b.Path) })
	return problems
}

// because names the choice that a need comes with; empty for a need of the pack itself.
func (p *Pack) because(values Values, need Need) string {
	for _, preset := range p.chosen(values) {
		if slices.ContainsFunc(preset.Needs, func(n Need) bool { return n.Path == need.Path }) {
			return fmt.Sprintf(" with %s %s", preset.Group, preset.DisplayName)
		}
	}
	return ""
}

// checkPresets makes sure that a choice leads to values that the schema takes, whatever is chosen.
func (p *Pack) checkPresets() error {
	refused := map[string]bool{}
	for _, problem := range p.schema.Check(p.defaults) {
		refused[problem.String()] = true // a chart may need values that have no default
	}
	for i, preset := range p.spec.Presets {
		values := maps.Clone(p.defaults)
		for _, at := range preset.remove {
			values = Remove(values, at)
		}
		for _, problem := range p.schema.Check(Merge(values, preset.add)) {
			if !refused[problem.String()] {
				return fmt.Errorf("%s: presets[%d] (%s) leads to values that %s refuses: %s", specFile, i, preset.Name, schemaFile, problem)
			}
		}
	}
	return nil
}
