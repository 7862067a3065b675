package binding

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Member is one cluster of a group.
type Member struct {
	Context string
	// Open connects to it. It is called once in each run.
	Open func(ctx context.Context) (*Keeper, error)
}

// GroupOptions say how to run a group.
type GroupOptions struct {
	Name string // the group's
	// Rules are brought to every member; none: each member syncs the rules that it keeps.
	Rules []rbac.BindingRule
	// Save keeps the rules in each member, so that they go on applying there.
	Save   bool
	DryRun bool
}

// MemberResult is what came of one cluster.
type MemberResult struct {
	Context string
	SyncResult
	// Err is why nothing was done there; it stands before that of the rules, which Failure adds.
	Err error
}

// Failure is why the cluster is not as the rules say; nil: it is.
func (r MemberResult) Failure() error { return errors.Join(r.Err, r.SyncResult.Err()) }

// membersAtOnce is how many clusters are worked on side by side.
const membersAtOnce = 4

// RunGroup applies the same rules to every cluster of a group, side by side. What fails in one does not stop the others, and running it
// again does what is left. The error says that nothing was done anywhere, because a rule cannot be used in a group: there a cluster-wide
// one is refused. observe hears of each step; it is called from several goroutines, one at a time, and may be nil.
func RunGroup(ctx context.Context, members []Member, o GroupOptions, observe func(context, rule string, s Step)) ([]MemberResult, error) {
	rules := slices.Clone(o.Rules)
	for i := range rules {
		rules[i].ClusterGroup = true
		if err := faultsOf(rules[i]); err != nil {
			return nil, fmt.Errorf("nothing was done in the cluster group %s: the rule %s cannot be used there: %w", o.Name, rules[i].Name, err)
		}
	}
	var mu sync.Mutex
	out, slots := make([]MemberResult, len(members)), make(chan struct{}, membersAtOnce)
	var wg sync.WaitGroup
	for i, m := range members {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			out[i] = m.run(ctx, o, rules, func(rule string, s Step) {
				mu.Lock()
				defer mu.Unlock()
				if observe != nil {
					observe(m.Context, rule, s)
				}
			})
		})
	}
	wg.Wait()
	return out, nil
}

func (m Member) run(ctx context.Context, o GroupOptions, rules []rbac.BindingRule, observe func(string, Step)) MemberResult {
	result := MemberResult{Context: m.Context}
	opened, err := m.Open(ctx)
	if err != nil {
		result.Err = err
		return result
	}
	k := *opened
	if k.Group == "" {
		k.Group = o.Name
	}
	options := SyncOptions{DryRun: o.DryRun}
	if len(rules) > 0 {
		if o.Save && !o.DryRun {
			for _, rule := range rules {
				if _, _, err := k.Keep(ctx, rule); err != nil {
					result.Err = err
					return result
				}
			}
		}
		k.Rules, options.Prune = given(rules), PruneNever
	}
	result.SyncResult, result.Err = Sync(ctx, &k, options, observe)
	return result
}

// Keep saves a rule whether it is kept already or not, and tells whether that took a change. What is kept and broken is replaced.
func (k *Keeper) Keep(ctx context.Context, rule rbac.BindingRule) (saved Stored, changed bool, err error) {
	if k.Rules == nil {
		return Stored{}, false, errors.New("there is no place where rules are kept")
	}
	rules, err := k.Rules.List(ctx)
	if err != nil {
		return Stored{}, false, err
	}
	there, exists := Find(rules, rule.Name)
	if exists && there.Err == nil && there.Same(rule) {
		return there, false, nil
	}
	saved, err = k.Save(ctx, rule, there.Version)
	return saved, err == nil, err
}

// UserOf returns a Keeper's User for a cluster that nothing else asks: the first call asks the API server, whose name for the user is
// kept. Where it does not say, the name is the kubeconfig's.
func UserOf(ctx context.Context, c *kube.Cluster) func() string {
	return func() string {
		if who, err := c.WhoAmI(ctx); err == nil && who.User != "" {
			return who.User
		}
		return c.Target().User
	}
}

// Same tells whether a rule would be kept as this one is.
func (s Stored) Same(rule rbac.BindingRule) bool {
	return s.Name == rule.Name && s.RoleKind == rule.RoleKind && s.RoleName == rule.RoleName && s.ClusterWide == rule.ClusterWide &&
		s.Lists == rule.Lists && slices.Equal(s.Subjects, rule.Subjects) && slices.Equal(s.Namespaces, rule.Namespaces)
}

func given(rules []rbac.BindingRule) Store {
	out := make([]Stored, len(rules))
	for i, rule := range rules {
		out[i] = Stored{BindingRule: rule}
	}
	return GivenStore(out, "what was given")
}
