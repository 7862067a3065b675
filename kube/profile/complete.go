package profile

import (
	"context"
	"fmt"
	"slices"

	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// maxRounds is how often packs that need packs are followed.
const maxRounds = 10

// Complete adds the packs that the packs of a profile need with their values, and takes out those that came along for a need that is no
// more. The sentences say what it did. Where something is wrong the profile comes back as it was given.
func Complete(ctx context.Context, p Profile, registries Registries) (completed Profile, did []string, err error) {
	f, given := newFinder(registries), p
	for range maxRounds {
		r, problems := f.resolve(ctx, p)
		if len(problems) > 0 {
			return given, nil, asError(problems)
		}
		next, notes, err := f.round(ctx, r)
		if err != nil {
			return given, nil, err
		}
		did = append(did, notes...)
		if len(notes) == 0 {
			return next, did, nil
		}
		p = next
	}
	return given, nil, errEndless
}

// asked is what a pack is needed for.
type asked struct {
	by   Layer
	need pack.Requirement
}

// round looks once at what is needed. Without notes nothing changed but for whom packs are there.
func (f *finder) round(ctx context.Context, r Resolved) (Profile, []string, error) {
	needs := map[string][]asked{}
	var order []string
	for _, l := range r.Layers {
		for _, need := range l.Pack.Requires(l.Values) {
			if needs[need.Name] == nil {
				order = append(order, need.Name)
			}
			needs[need.Name] = append(needs[need.Name], asked{l, need})
		}
	}
	var notes []string
	packs := slices.Clone(r.Profile.Packs)
	packs = slices.DeleteFunc(packs, func(ref PackRef) bool {
		gone := ref.RequiredBy != "" && len(needs[ref.Name]) == 0
		if gone {
			notes = append(notes, takenOut(r, ref))
		}
		return gone
	})
	for _, name := range order {
		first := needs[name][0]
		i := slices.IndexFunc(packs, func(ref PackRef) bool { return ref.Name == name })
		switch {
		case i < 0:
			ref, err := f.find(ctx, first.by.Ref, first.need)
			if err != nil {
				return Profile{}, nil, err
			}
			packs = append(packs, ref)
			notes = append(notes, fmt.Sprintf("Added the pack %s %s: %s needs it.", ref.Name, ref.Version, first.by.Pack.DisplayName))
		case packs[i].RequiredBy == "":
		case !first.need.Allows(packs[i].Version):
			ref, err := f.find(ctx, first.by.Ref, first.need)
			if err != nil {
				return Profile{}, nil, err
			}
			notes = append(notes, fmt.Sprintf("Changed the pack %s from %s to %s: %s needs it.", name, packs[i].Version, ref.Version, first.by.Pack.DisplayName))
			packs[i].Registry, packs[i].Version, packs[i].RequiredBy = ref.Registry, ref.Version, first.by.Ref.Name
		case !slices.ContainsFunc(needs[name], func(a asked) bool { return a.by.Ref.Name == packs[i].RequiredBy }):
			packs[i].RequiredBy = first.by.Ref.Name
		}
	}
	if len(packs) == 0 {
		packs = nil
	}
	p := r.Profile
	p.Packs = packs
	return p, notes, nil
}

// takenOut says that a pack goes, and what goes with it.
func takenOut(r Resolved, ref PackRef) string {
	if l := r.Layer(ref.Name); l != nil && len(l.overrides) > 0 {
		return fmt.Sprintf("Took out the pack %s with the values that were set in it: no pack needs it any more.", ref.Name)
	}
	return fmt.Sprintf("Took out the pack %s: no pack needs it any more.", ref.Name)
}
