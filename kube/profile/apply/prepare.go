package apply

import (
	"context"
	"fmt"

	"vmdeck.dev/vmdeck/kube/profile"
)

// Prepare finds what a profile needs, its packs and the contents of its manifests, and turns it into layers. The error is a sentence that
// says all that is wrong with it.
func Prepare(ctx context.Context, p profile.Profile, registries profile.Registries) (Layers, profile.Resolved, error) {
	resolved, err := profile.Check(ctx, p, registries)
	if err != nil {
		return Layers{}, resolved, fmt.Errorf("the profile %s cannot be applied: %w", p.Ref(), err)
	}
	contents, err := resolved.Profile.Contents(ctx)
	if err != nil {
		return Layers{}, resolved, fmt.Errorf("the profile %s cannot be applied: %w", p.Ref(), err)
	}
	return Of(resolved, contents), resolved, nil
}

// LikelyNamespaces are where somebody who may not list everywhere is likely to have releases, for Options and plans.
func (a *Applier) LikelyNamespaces() []string {
	target := a.Cluster.Target()
	return append([]string{target.Namespace}, target.Namespaces...)
}
