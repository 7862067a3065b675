package profile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// finder reads packs, each once.
type finder struct {
	registries Registries
	mu         sync.Mutex
	loaded     map[PackRef]*pack.Pack // by registry, name and version
}

func newFinder(registries Registries) *finder {
	return &finder{registries: registries, loaded: map[PackRef]*pack.Pack{}}
}

func (f *finder) load(ctx context.Context, ref PackRef) (*pack.Pack, error) {
	key := PackRef{Registry: ref.Registry, Name: ref.Name, Version: ref.Version}
	f.mu.Lock()
	known := f.loaded[key]
	f.mu.Unlock()
	if known != nil {
		return known, nil
	}
	registry, err := f.registries.Find(ref.Registry)
	if err != nil {
		return nil, err
	}
	p, err := registry.Load(ctx, ref.Name, ref.Version)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.loaded[key] = p
	return p, nil
}

// loadAll reads packs side by side, since registries may be far away.
func (f *finder) loadAll(ctx context.Context, refs []PackRef) ([]*pack.Pack, []error) {
	loaded, failed := make([]*pack.Pack, len(refs)), make([]error, len(refs))
	var wg sync.WaitGroup
	for i, ref := range refs {
		wg.Go(func() { loaded[i], failed[i] = f.load(ctx, ref) })
	}
	wg.Wait()
	return loaded, failed
}

// find looks for the newest version of a pack that will do, first where the pack comes from that needs it.
func (f *finder) find(ctx context.Context, by PackRef, need pack.Requirement) (PackRef, error) {
	order := slices.Clone(f.registries)
	slices.SortStableFunc(order, func(a, b pack.Registry) int {
		switch {
		case a.Name() == by.Registry && b.Name() != by.Registry:
			return -1
		case b.Name() == by.Registry && a.Name() != by.Registry:
			return 1
		}
		return 0
	})
	var tried []string
	for _, registry := range order {
		versions, err := registry.Versions(ctx, need.Name)
		if err != nil {
			tried = append(tried, fmt.Sprintf("%s: %v", registry.Name(), err))
			continue
		}
		if i := slices.IndexFunc(versions, need.Allows); i >= 0 {
			return PackRef{Registry: registry.Name(), Name: need.Name, Version: versions[i], RequiredBy: by.Name}, nil
		}
		tried = append(tried, fmt.Sprintf("%s has only %s", registry.Name(), strings.Join(versions, ", ")))
	}
	return PackRef{}, fmt.Errorf("the pack %s needs %s, which is in no registry: %s", by.Name, describe(need), strings.Join(tried, "; "))
}
