package check

import (
	"context"
	"fmt"

	"vmdeck.dev/vmdeck/rbac"
)

// checkNodes looks for nodes that can run VMs: live migration needs a second one.
func checkNodes(ctx context.Context, e *env) []Result {
	var list struct {
		Items []struct {
			Metadata struct{ Name string }
			Spec     struct{ Unschedulable bool }
		}
	}
	if err := e.get(ctx, "/api/v1/nodes", &list, "labelSelector", "kubevirt.io/schedulable=true"); err != nil {
		return one(unread(err, "list nodes", rbac.On("list", rbac.GroupCore, "nodes")))
	}
	var names, off []string
	for _, n := range list.Items {
		if n.Spec.Unschedulable {
			off = append(off, n.Metadata.Name)
		} else {
			names = append(names, n.Metadata.Name)
		}
	}
	r := Result{Verdict: Pass, Summary: counted(len(names), "node") + " can run VMs, so that they can move."}
	if len(names) > 0 {
		r.Evidence = append(r.Evidence, "can run VMs: "+some(names, 8))
	}
	if len(off) > 0 {
		r.Evidence = append(r.Evidence, "cordoned: "+some(off, 8))
	}
	if len(names) < 2 {
		r.Verdict, r.Summary = Warn, "One node only can run VMs: none can migrate."
		r.Fix = Fix{
			Text:    "Uncordon nodes, or find out why virt-handler does not mark them kubevirt.io/schedulable.",
			Command: "kubectl get nodes -L kubevirt.io/schedulable",
		}
	}
	if len(names) == 0 {
		r.Verdict, r.Summary = Fail, "No node can run VMs."
	}
	return one(r)
}

// checkCDI looks at the Containerized Data Importer. VMs that boot from container images do without it.
func checkCDI(ctx context.Context, e *env) []Result {
	version, served, err := e.serves(ctx, rbac.GroupCDI, "cdis")
	listCDIs := rbac.On("list", rbac.GroupCDI, "cdis")
	install := Fix{Text: "An administrator of the cluster installs CDI: https://kubevirt.io/user-guide/storage/containerized_data_importer/"}
	switch {
	case err != nil:
		return one(unread(err, "find out whether CDI is installed", listCDIs))
	case !served:
		return one(Result{Verdict: Warn, Summary: "CDI is not installed: no disks can be imported, uploaded or cloned.", Fix: install})
	}
	var list struct {
		Items []struct {
			Metadata struct{ Name string }
			Status   struct{ Phase, ObservedVersion string }
		}
	}
	if err := e.get(ctx, "/apis/"+rbac.GroupCDI+"/"+version+"/cdis", &list); err != nil {
		return one(unread(err, "read the CDI resource", listCDIs))
	}
	if len(list.Items) == 0 {
		return one(Result{Verdict: Fail, Summary: "CDI's API is there, but no CDI resource says what to deploy.", Fix: install})
	}
	cdi := list.Items[0]
	if cdi.Status.Phase != "Deployed" {
		return one(Result{
			Verdict: Fail, Summary: fmt.Sprintf("CDI is not deployed: its phase is %s.", orNone(cdi.Status.Phase)),
			Fix: Fix{Text: "Look at the conditions of the CDI resource.", Command: "kubectl describe cdi " + cdi.Metadata.Name},
		})
	}
	return one(Result{Verdict: Pass, Summary: fmt.Sprintf("CDI %s is deployed.", orNone(cdi.Status.ObservedVersion))})
}
