package check

import (
	"context"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/rbac"
)

// mostSpaces is how many namespaces are looked into for VMs.
const mostSpaces = 50

// checkSpaces looks for namespaces that are dedicated to VMs: one that has VMs, or rights over VMs bound in it.
func checkSpaces(ctx context.Context, e *env) []Result {
	w, err := e.world.of(ctx)
	if err != nil {
		return one(unread(err, "list namespaces", rbac.On("list", rbac.GroupCore, "namespaces")))
	}
	if r, ok := blind(w, "namespaces"); !ok {
		return one(r)
	}
	candidates := slices.DeleteFunc(slices.Clone(w.Namespaces), rbac.IsSystemNamespace)
	candidates = candidates[:min(len(candidates), mostSpaces)]
	looked := append([]string{metav1.NamespaceDefault}, candidates...)
	used := make([]bool, len(looked))
	e.each(len(looked), func(i int) { used[i] = e.hasVM(ctx, looked[i]) })
	rules, _ := e.rules.of(ctx)
	var dedicated []string
	for i, namespace := range candidates {
		bound := slices.ContainsFunc(people(w, rules), func(p person) bool { return slices.Contains(boundIn(w, rules, p.Who()), namespace) })
		if used[i+1] || bound {
			dedicated = append(dedicated, namespace)
		}
	}
	create := Fix{Text: "Make a namespace for VMs, and give people their rights there.", Command: "kubectl create namespace virtual-machines"}
	r := Result{Verdict: Pass, Summary: counted(len(dedicated), "namespace") + " in use for VMs.", Evidence: []string{some(dedicated, 12)}}
	switch {
	case len(candidates) == 0:
		r = Result{Verdict: Fail, Summary: "There is no namespace for VMs: only default and those of the cluster itself.", Fix: create}
	case len(dedicated) == 0:
		r = Result{Verdict: Warn, Summary: "No namespace is used for VMs so far.", Fix: create}
		r.Evidence = []string{"there are " + some(candidates, 12)}
	case used[0]:
		r.Verdict, r.Fix = Warn, Fix{Text: "Make new VMs in a namespace of their own, and clone those there are over."}
		r.Summary = fmt.Sprintf("%s in use for VMs, but there are VMs in default too.", counted(len(dedicated), "namespace"))
	}
	return one(r)
}

// hasVM tells whether a namespace has a VM, as far as the user may see.
func (e *env) hasVM(ctx context.Context, namespace string) bool {
	var list struct{ Items []struct{} }
	err := e.get(ctx, "/apis/"+rbac.GroupKubeVirt+"/v1/namespaces/"+namespace+"/virtualmachines", &list, "limit", "1")
	return err == nil && len(list.Items) > 0
}
