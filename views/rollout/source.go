package rollout

import (
	"context"
	"errors"
	"fmt"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/views/deck"
)

// runner does a job on one cluster.
type runner interface {
	Plan(ctx context.Context) (*apply.Plan, error)
	Run(ctx context.Context, o apply.Options, observe func(apply.Event)) (*apply.Report, error)
}

// cluster is one that is open for a job.
type cluster struct {
	runner
	readOnly string // why nothing may be changed there; empty: it may
	rest     func() // ends connections that nothing else needs; what comes later connects anew
}

// prepared is a job with what it takes to do it, the same for all clusters.
type prepared struct {
	job
	layers apply.Layers // to be applied
	notes  []string     // sentences on what is chosen in the profile
	homes  []string     // namespaces for VMs
}

// source is what the screens need of the program around them. Its methods are called in Update and do no I/O; what they return does.
type source interface {
	readOnly() string
	preparer() func(context.Context, job) (prepared, error)
	opener(name string) func(context.Context, prepared) (cluster, error)
}

// platforms is the source of a deck. What the deck has changes while the user looks through other eyes, so it is read at the moment of use.
type platforms struct{ deck *deck.Deck }

func (s platforms) readOnly() string { return s.deck.Platform.Applier.ReadOnly }

func (s platforms) preparer() func(context.Context, job) (prepared, error) {
	platform := s.deck.Platform
	return func(ctx context.Context, j job) (prepared, error) {
		if j.deed != applying {
			return prepared{job: j}, nil
		}
		return prepare(ctx, platform, j)
	}
}

// prepare finds the profile, its packs and its manifests.
func prepare(ctx context.Context, platform deck.Platform, j job) (prepared, error) {
	if j.given == nil {
		found, err := find(ctx, platform.Profiles.Profiles, j.ref)
		if err != nil {
			return prepared{job: j}, err
		}
		j.given, j.ref = &found, found.Ref()
	}
	registries, err := platform.OpenRegistries()
	if err != nil {
		return prepared{job: j}, err
	}
	layers, resolved, err := apply.Prepare(ctx, *j.given, registries)
	return prepared{job: j, layers: layers, notes: resolved.Warnings(), homes: resolved.VMNamespaces()}, err
}

// find reads one profile; without a version, the newest.
func find(ctx context.Context, store profile.Store, ref profile.Ref) (profile.Profile, error) {
	all, err := store.List(ctx)
	switch {
	case kube.Classify(err) == kube.KindForbidden:
		return profile.Profile{}, errors.New(profile.ExplainList(err))
	case err != nil:
		return profile.Profile{}, err
	}
	found, err := profile.Named(profile.Sorted(all), ref, store.Where())
	if err == nil && found.Err != nil {
		err = fmt.Errorf("the profile %s cannot be used: %w", found.Name, found.Err)
	}
	return found.Value, err
}

func (s platforms) opener(name string) func(context.Context, prepared) (cluster, error) {
	open, own := s.deck.MemberPlatform(name), name == s.deck.Cluster.Target().Context
	return func(ctx context.Context, p prepared) (cluster, error) {
		platform, err := open(ctx)
		if err != nil {
			return cluster{}, err
		}
		a := platform.Applier
		c := cluster{runner: applier{a, p}, readOnly: a.ReadOnly, rest: func() {}}
		if !own {
			c.rest = a.Cluster.HTTPClient().CloseIdleConnections
		}
		return c, nil
	}
}

// applier is the runner of a cluster that is there.
type applier struct {
	*apply.Applier
	job prepared
}

func (a applier) Plan(ctx context.Context) (*apply.Plan, error) {
	switch a.job.deed {
	case rollingBack:
		return a.PlanRollback(ctx, a.job.ref.Name, a.job.to, a.LikelyNamespaces()...)
	case removing:
		return a.PlanRemove(ctx, a.job.ref.Name, a.LikelyNamespaces()...)
	}
	return a.Applier.Plan(ctx, a.job.layers)
}

func (a applier) Run(ctx context.Context, o apply.Options, observe func(apply.Event)) (*apply.Report, error) {
	switch a.job.deed {
	case rollingBack:
		o.Namespaces = a.LikelyNamespaces()
		return a.Rollback(ctx, a.job.ref.Name, a.job.to, o, observe)
	case removing:
		o.Namespaces = a.LikelyNamespaces()
		return a.Remove(ctx, a.job.ref.Name, o, observe)
	}
	return a.Apply(ctx, a.job.layers, o, observe)
}
