package profile

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// Layer is a pack of a profile that was found and read, with all its values.
type Layer struct {
	Ref  PackRef
	Pack *pack.Pack
	// Base are the pack's defaults with what other packs of the profile need it to have. Values are what the chart is rendered with.
	Base, Values pack.Values
	// Namespace is where the release goes.
	Namespace string

	overrides pack.Values
}

// Resolved is a profile whose packs were found.
type Resolved struct {
	Profile Profile
	Layers  []Layer // in the order of installation
}

// Layer returns the layer of a pack; nil when there is none.
func (r Resolved) Layer(name string) *Layer {
	for i := range r.Layers {
		if r.Layers[i].Ref.Name == name {
			return &r.Layers[i]
		}
	}
	return nil
}

// Resolve finds and reads the packs of a profile. Those that could not be read, or whose values are no YAML, are in the problems and not
// among the layers; what else is wrong is found by Resolved.Problems.
func Resolve(ctx context.Context, p Profile, registries Registries) (Resolved, []Problem) {
	return newFinder(registries).resolve(ctx, p)
}

func (f *finder) resolve(ctx context.Context, p Profile) (Resolved, []Problem) {
	var wrong faults
	r := Resolved{Profile: p}
	loaded, failed := f.loadAll(ctx, p.Packs)
	for i, ref := range p.Packs {
		if failed[i] != nil {
			wrong.add("Packs", i, "Version", "The pack %s %s could not be read: %v.", ref.Name, ref.Version, failed[i])
			continue
		}
		overrides, err := ref.Overrides()
		if err != nil {
			wrong.add("Packs", i, "Values", "The values of the pack %s cannot be used: %v.", ref.Name, err)
			continue
		}
		r.Layers = append(r.Layers, Layer{Ref: ref, Pack: loaded[i], overrides: overrides})
	}
	r.settle()
	slices.SortStableFunc(r.Layers, func(a, b Layer) int { return a.Pack.Priority(a.Values) - b.Pack.Priority(b.Values) })
	return r, wrong
}

// settle works out the values of all layers. What one needs of another may in turn make that one need something, so it goes round until
// nothing changes; a circle of packs that undo each other ends after as many rounds as there are packs.
func (r *Resolved) settle() {
	for range len(r.Layers) + 1 {
		changed := false
		needed := map[string]pack.Values{}
		for _, l := range r.Layers {
			if l.Values == nil {
				continue
			}
			for _, need := range l.Pack.Requires(l.Values) {
				needed[need.Name] = pack.Merge(needed[need.Name], need.Overrides())
			}
		}
		for i := range r.Layers {
			l := &r.Layers[i]
			base := l.Pack.Values(needed[l.Ref.Name])
			values := pack.Merge(base, l.overrides)
			if !reflect.DeepEqual(values, l.Values) || !reflect.DeepEqual(base, l.Base) {
				l.Base, l.Values, changed = base, values, true
			}
			if l.Namespace = l.Ref.Namespace; l.Namespace == "" {
				l.Namespace = l.Pack.Namespace(values)
			}
		}
		if !changed {
			return
		}
	}
}

// Problems lists what keeps a profile whose packs were found from being applied: values that a pack refuses or that have to be filled in,
// and packs that others need.
func (r Resolved) Problems() []Problem {
	var f faults
	for _, l := range r.Layers {
		_, index := r.Profile.Pack(l.Ref.Name)
		open := l.open()
		for _, need := range open {
			f.add("Packs", index, "Values", "The pack %s needs a value for %s (%s).", l.Ref.Name, need.Title, need.Path)
		}
		for _, problem := range l.Pack.Check(l.Values) {
			if slices.ContainsFunc(open, func(need pack.Need) bool { return need.At().String() == problem.Path.String() }) {
				continue
			}
			f.add("Packs", index, "Values", "The values of the pack %s cannot be used: %s.", l.Ref.Name, problem)
		}
		for _, need := range l.Pack.Requires(l.Values) {
			other, at := r.Profile.Pack(need.Name)
			switch {
			case at < 0:
				f.add("Packs", index, "", "The pack %s needs %s, which is not in the profile.", l.Ref.Name, describe(need))
			case !need.Allows(other.Version):
				f.add("Packs", at, "Version", "The pack %s needs %s, and the profile has version %s.", l.Ref.Name, describe(need), other.Version)
			}
		}
	}
	return f
}

// describe reads "the pack spectro-proxy >=1.0.0".
func describe(r pack.Requirement) string {
	if r.Version == "" {
		return "the pack " + r.Name
	}
	return "the pack " + r.Name + " " + r.Version
}

// Check finds the packs of a profile and says all that is wrong with it, as one error.
func Check(ctx context.Context, p Profile, registries Registries) (Resolved, error) {
	problems := p.Validate()
	if len(problems) > 0 {
		return Resolved{Profile: p}, asError(problems)
	}
	r, problems := Resolve(ctx, p, registries)
	if len(problems) == 0 {
		problems = r.Problems()
	}
	return r, asError(problems)
}

// errEndless says that no set of packs satisfies all.
var errEndless = errors.New("the packs of the profile add and take out each other without end; choose their versions by hand")
