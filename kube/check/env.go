package check

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// env is what the checks of one run share: the connection with its limit, and what several of them need.
type env struct {
	cluster *kube.Cluster
	options Options
	me      kube.Identity

	groups   *memo[map[string]string] // the API groups that are served, with their preferred versions
	kubevirt *memo[kubeVirt]
	world    *memo[binding.World]
	rules    *memo[[]binding.Stored]
	setup    *memo[Setup]
	classes  *memo[[]storageClass]
	reading  sync.WaitGroup
}

func newEnv(ctx context.Context, c *kube.Cluster, o Options, me kube.Identity) *env {
	e := &env{cluster: c, options: o, me: me}
	e.groups = remember(ctx, &e.reading, e.readGroups)
	e.kubevirt = remember(ctx, &e.reading, e.readKubeVirt)
	e.world = remember(ctx, &e.reading, func(ctx context.Context) (binding.World, error) {
		return binding.Read(ctx, c, slices.Clone(o.Namespaces)...)
	})
	e.rules = remember(ctx, &e.reading, o.Rules.List)
	e.setup = remember(ctx, &e.reading, func(ctx context.Context) (Setup, error) { return o.Setup.Setup(ctx, c) })
	e.classes = remember(ctx, &e.reading, e.readClasses)
	return e
}

// get reads a path of the API server. params are pairs of names and values.
func (e *env) get(ctx context.Context, path string, into any, params ...string) error {
	ctx, cancel := context.WithTimeout(ctx, kube.CallTimeout)
	defer cancel()
	request := e.cluster.REST("", "v1").Get().AbsPath(path)
	for i := 0; i+1 < len(params); i += 2 {
		request.Param(params[i], params[i+1])
	}
	return answer(request.Do(ctx), path, into)
}

// answer decodes the answer to a request. Error has the server's own words, which Raw has not.
func answer(result rest.Result, path string, into any) error {
	if err := result.Error(); err != nil || into == nil {
		return err
	}
	raw, err := result.Raw()
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		return fmt.Errorf("read the answer from %s: %w", path, err)
	}
	return nil
}

func (e *env) readGroups(ctx context.Context) (map[string]string, error) {
	var list metav1.APIGroupList
	if err := e.get(ctx, "/apis", &list); err != nil {
		return nil, err
	}
	groups := make(map[string]string, len(list.Groups))
	for _, g := range list.Groups {
		groups[g.Name] = g.PreferredVersion.Version
	}
	return groups, nil
}

// serves tells whether an API group has a resource.
func (e *env) serves(ctx context.Context, group, resource string) (version string, ok bool, err error) {
	groups, err := e.groups.of(ctx)
	version, served := groups[group]
	if err != nil || !served {
		return "", false, err
	}
	var list metav1.APIResourceList
	switch err := e.get(ctx, "/apis/"+group+"/"+version, &list); kube.Classify(err) {
	case kube.KindNone:
	case kube.KindNotFound, kube.KindNoKubeVirt: // the list of groups follows a little later when a kind goes
		return "", false, nil
	default:
		return "", false, err
	}
	return version, slices.ContainsFunc(list.APIResources, func(r metav1.APIResource) bool { return r.Name == resource }), nil
}

// unread is the result when something could not be read: not permitted, with what would permit it, or a failure. perms are what
// reading takes.
func unread(err error, what string, perms ...rbac.Permission) Result {
	if kind := kube.Classify(err); kind != kube.KindForbidden && kind != kube.KindVirtAPIDenied {
		return Result{Verdict: Fail, Summary: sentence(kube.Explain(err, what)), Fix: Fix{Text: "Find out why the request failed, and check again."}}
	}
	return denied(what, perms...)
}

// denied is the result when the user may not look. what reads like "list nodes".
func denied(what string, perms ...rbac.Permission) Result {
	r := Result{Verdict: NotPermitted, Missing: perms, Grants: rbac.Granting(perms...)}
	who := "an administrator of the cluster"
	r.Fix.Text = "Have it checked by an administrator of the cluster."
	if len(r.Grants) > 0 {
		who = oneOf(r.Grants)
		r.Fix.Text = fmt.Sprintf("Have it checked by somebody with %s, or ask for that role.", who)
	}
	r.Summary = fmt.Sprintf("You may not %s; %s may.", what, who)
	return r
}

// blind is the result when a part of roles and bindings could not be read that a check needs; ok means that all could.
func blind(w binding.World, parts ...string) (r Result, ok bool) {
	resources := map[string]string{"cluster roles": "clusterroles", "cluster role bindings": "clusterrolebindings", "role bindings": "rolebindings", "namespaces": "namespaces"}
	var perms []rbac.Permission
	var names []string
	for _, part := range parts {
		if slices.ContainsFunc(w.Gaps, func(g binding.Gap) bool { return g.What == part }) {
			group := rbac.GroupRBAC
			if part == "namespaces" {
				group = rbac.GroupCore
			}
			perms, names = append(perms, rbac.On("list", group, resources[part])), append(names, part)
		}
	}
	if len(perms) == 0 {
		return Result{}, true
	}
	return denied("list "+oneOf(names), perms...), false
}

// each runs fn for all indexes below n, a few at a time: what waits for a slot would otherwise use up its deadline there.
func (e *env) each(n int, fn func(int)) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(n, e.options.Parallel) {
		wg.Go(func() {
			for i := range next {
				fn(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
