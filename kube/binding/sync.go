package binding

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/keep"
	"vmdeck.dev/vmdeck/rbac"
)

// Prune says what becomes of the bindings of rules that are not kept any more.
type Prune int

// The ways to prune.
const (
	// PruneGone removes them, unless not a single rule is left: that may be a volume that failed to mount.
	PruneGone Prune = iota
	// PruneNever leaves them. It is for a list of rules that is not all of them.
	PruneNever
	// PruneAlways removes them also when no rule is left.
	PruneAlways
)

// SyncOptions say how to sync.
type SyncOptions struct {
	DryRun bool
	Names  []string // of the only rules to look at; empty: all
	Prune  Prune
}

// Outcome is what came of one rule.
type Outcome struct {
	Rule string
	// Gone is set when the rule is not kept any more, so that its bindings were removed.
	Gone bool
	Plan rbac.Plan
	// Done and Failed are how many of the plan's steps were carried out and were not. In a dry run nothing is carried out: Done are those
	// that the server would accept.
	Done, Failed int
	// Unkept are sentences on rights that the plan promised and the server does not confirm.
	Unkept []string
	// Notes are sentences on what was left alone, and on what could not be verified.
	Notes []string
	// Err is why something failed, or why the rule cannot be used.
	Err error
}

// SyncResult is what came of all rules.
type SyncResult struct {
	Outcomes []Outcome
	// Notes are sentences on what could not be read.
	Notes []string
}

// Err joins what failed; nil means that the cluster is as the rules say, as far as it could be read.
func (r SyncResult) Err() error {
	var all []error
	for _, o := range r.Outcomes {
		if o.Err != nil {
			all = append(all, fmt.Errorf("rule %s: %w", o.Rule, o.Err))
		}
		for _, text := range o.Unkept {
			all = append(all, fmt.Errorf("rule %s: %s", o.Rule, text))
		}
	}
	return errors.Join(all...)
}

// Steps are how many steps were carried out and how many were not.
func (r SyncResult) Steps() (done, failed int) {
	for _, o := range r.Outcomes {
		done, failed = done+o.Done, failed+o.Failed
	}
	return done, failed
}

// Sync makes a cluster's bindings as the keeper's rules say: those that are missing, also in namespaces made since, those that differ,
// and those that are there for no reason any more. Whatever fails does not stop the rest; called again, it does what is left. A rule that
// cannot be used leaves its bindings as they are. observe hears of each step, and may be nil. The error says that nothing was looked at:
// the cluster or the rules could not be read.
func Sync(ctx context.Context, k *Keeper, o SyncOptions, observe func(rule string, s Step)) (SyncResult, error) {
	if !o.DryRun {
		if err := k.readOnly(); err != nil {
			return SyncResult{}, err
		}
	}
	// First the bindings, then the rules: a rule that is saved and applied in between is known before its bindings could look orphaned.
	world, err := Read(ctx, k.Cluster)
	if err != nil {
		return SyncResult{}, keep.Explain(err, "read roles and bindings")
	}
	rules, err := k.Rules.List(ctx)
	if err != nil {
		return SyncResult{}, err
	}
	s := &syncer{keeper: k, options: o, rules: rules, world: world, observe: observe}
	if s.observe == nil {
		s.observe = func(string, Step) {}
	}
	result := SyncResult{Notes: world.GapsIn("")}
	gone, note := s.gone()
	if note != "" {
		result.Notes = append(result.Notes, note)
	}
	// What is about to go must not be taken for a reason to do without: a rule that was renamed needs all its bindings anew.
	going := s.takeOut(gone)
	for _, rule := range rules {
		if rule.Unnamed || s.wants(rule.Name) {
			result.Outcomes = append(result.Outcomes, s.rule(ctx, rule))
		}
	}
	s.world.Bindings = append(s.world.Bindings, going...)
	for _, name := range gone {
		out := Outcome{Rule: name, Gone: true, Plan: s.spare(rbac.Removal(rbac.BindingRule{Name: name}, s.world.World))}
		result.Outcomes = append(result.Outcomes, s.carry(ctx, out))
	}
	for _, name := range o.Names {
		if !slices.ContainsFunc(result.Outcomes, func(o Outcome) bool { return o.Rule == name }) {
			result.Outcomes = append(result.Outcomes, Outcome{Rule: name, Err: fmt.Errorf("there is no such rule in %s", k.Rules.Where())})
		}
	}
	return result, nil
}

// syncer is one run of Sync.
type syncer struct {
	keeper  *Keeper
	options SyncOptions
	rules   []Stored
	world   World // as it is by now, in a dry run as it would be
	observe func(string, Step)
}

// takeOut takes the bindings of rules out of what is planned with, and returns them.
func (s *syncer) takeOut(rules []string) []rbac.Binding {
	var out []rbac.Binding
	for _, name := range rules {
		out = append(out, rbac.Removal(rbac.BindingRule{Name: name}, s.world.World).Remove...)
	}
	s.world.Bindings = slices.DeleteFunc(slices.Clone(s.world.Bindings), func(b rbac.Binding) bool {
		return slices.ContainsFunc(out, func(o rbac.Binding) bool { return o.String() == b.String() })
	})
	return out
}

func (s *syncer) wants(name string) bool {
	return len(s.options.Names) == 0 || slices.Contains(s.options.Names, name)
}

// spare has a plan take nothing from rules that were looked at before, or are not looked at.
func (s *syncer) spare(plan rbac.Plan) rbac.Plan {
	return s.keeper.Sparing(plan, s.rules, s.world.World)
}

func (s *syncer) rule(ctx context.Context, rule Stored) Outcome {
	out := Outcome{Rule: rule.Name, Err: rule.Err}
	if rule.Err == nil {
		out.Plan, out.Err = s.keeper.Plan(rule.BindingRule, s.world.World)
	}
	if out.Err != nil {
		return out
	}
	out.Plan = s.spare(out.Plan)
	out.Notes = out.Plan.Notes
	for _, conflict := range out.Plan.Conflicts {
		out.Notes = append(out.Notes, conflict.Reason)
	}
	out = s.carry(ctx, out)
	if n := len(out.Plan.Blocked); n > 0 {
		out.Err = errors.Join(out.Err, fmt.Errorf("nothing is known of %d of its bindings, such as the %s: you may not list the bindings there", n, out.Plan.Blocked[0]))
	}
	return out
}

// carry carries the plan of an outcome out, or has the server try it, and verifies what it promised.
func (s *syncer) carry(ctx context.Context, out Outcome) Outcome {
	if out.Plan.Empty() {
		return out
	}
	done := out.Plan // what has come of it: another rule must not rely on what failed, nor miss what did not
	done.Create, done.Change, done.Remove = nil, nil, nil
	observe := func(step Step) {
		if step.Err == nil {
			out.Done++
			step.addTo(&done)
		} else {
			out.Failed++
		}
		s.observe(out.Rule, step)
	}
	if s.options.DryRun {
		out.Err = DryRun(ctx, s.keeper.Cluster, out.Plan, observe)
	} else {
		out.Err = s.keeper.carry(ctx, out.Plan, ApplyEach, observe)
	}
	s.world.Objects = done.After()
	if out.Err == nil && !s.options.DryRun {
		unkept, notes := Verify(ctx, s.keeper.Cluster, out.Plan, Needs()).Sentences()
		out.Unkept, out.Notes = unkept, append(out.Notes, notes...)
	}
	return out
}

// gone names the rules that have bindings and are not kept any more. Where it is not certain that all rules are known, there are none,
// and the note says so.
func (s *syncer) gone() (names []string, note string) {
	for _, b := range s.world.Bindings {
		_, kept := Find(s.rules, b.Rule)
		if b.Rule != "" && !kept && s.wants(b.Rule) && !slices.Contains(names, b.Rule) && len(rbac.Removal(rbac.BindingRule{Name: b.Rule}, s.world.World).Remove) > 0 {
			names = append(names, b.Rule)
		}
	}
	slices.Sort(names)
	where := s.keeper.Rules.Where()
	unnamed := slices.IndexFunc(s.rules, func(r Stored) bool { return r.Unnamed })
	switch {
	case len(s.rules) == 0 && (len(names) == 0 || s.options.Prune == PruneNever):
		return nil, fmt.Sprintf("There is no rule in %s.", where)
	case len(s.rules) == 0 && s.options.Prune == PruneAlways:
		return names, fmt.Sprintf("There is no rule in %s, so the bindings of all are removed: %s.", where, strings.Join(names, ", "))
	case len(names) == 0 || s.options.Prune == PruneNever:
		return nil, ""
	case unnamed >= 0:
		return nil, fmt.Sprintf("The bindings of %s are left alone: these rules are not in %s, but what is wrong with %s may be one of them.", strings.Join(names, ", "), where, s.rules[unnamed].Name)
	case len(s.rules) == 0:
		return nil, fmt.Sprintf("The bindings of %s are left alone: there is not a single rule in %s, which may be an oversight.", strings.Join(names, ", "), where)
	}
	return names, ""
}
