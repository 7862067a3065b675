package rollout

import (
	"context"
	"errors"
	"time"

	"vmdeck.dev/vmdeck/kube/profile/apply"
)

// The objects of the plans.
var (
	home       = apply.Object{Version: "v1", Kind: "Namespace", Name: "virtual-machines"}
	role       = apply.Object{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRole", Name: "spectro-vm-user"}
	definition = apply.Object{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition", Name: "vmtemplates.spectrocloud.com"}
	virt       = apply.Object{Group: "kubevirt.io", Version: "v1", Kind: "KubeVirt", Namespace: "kubevirt", Name: "kubevirt"}
	dashboard  = apply.Object{Group: "apps", Version: "v1", Kind: "Deployment", Namespace: "vm-dashboard", Name: "spectro-vm-dashboard"}
	settings   = apply.Object{Version: "v1", Kind: "ConfigMap", Namespace: "vm-dashboard", Name: "spectro-vm-dashboard-settings"}
	old        = apply.Object{Version: "v1", Kind: "Service", Namespace: "vm-dashboard", Name: "spectro-vm-dashboard-metrics"}
)

const (
	vmo  = "virtual-machine-orchestrator"
	dash = "spectro-vm-dashboard"
)

// installing is a plan where nothing was before.
func installing() *apply.Plan {
	return &apply.Plan{Profile: "vm-platform", Version: "1.1.0", Revision: 1, Layers: []apply.LayerPlan{
		{Release: vmo, Namespace: "vm-system", Title: "Virtual Machine Orchestrator", To: "1.1.0", Steps: []apply.Step{
			{Verb: apply.Create, Object: home, Diff: []apply.Line{{Op: apply.Add, Text: "apiVersion: v1"}, {Op: apply.Add, Text: "kind: Namespace"}}},
			{Verb: apply.Create, Object: definition},
			{Verb: apply.Create, Object: role, Note: "The server could not be asked beforehand: its namespace is still to be made."},
			{Verb: apply.Create, Object: virt, Note: "The server could not be asked beforehand: its namespace is still to be made."},
		}},
		{Release: dash, Namespace: "vm-dashboard", Title: "Spectro VM Dashboard", To: "3.1.0", Notes: []string{"2 hooks run besides; they are not checked beforehand."}, Steps: []apply.Step{
			{Verb: apply.Create, Object: settings}, {Verb: apply.Create, Object: dashboard},
		}},
	}}
}

// upgrading is a plan that changes what is there.
func upgrading() *apply.Plan {
	return &apply.Plan{Profile: "vm-platform", Version: "1.1.0", Revision: 2, Notes: []string{"Only some namespaces were searched for releases of the profile, because you may not list secrets everywhere."},
		Layers: []apply.LayerPlan{
			{Release: vmo, Namespace: "vm-system", Title: "Virtual Machine Orchestrator", From: "1.0.0", To: "1.1.0", State: apply.Differs, Steps: []apply.Step{
				{Verb: apply.Leave, Object: home}, {Verb: apply.Leave, Object: virt, Note: "It is left as it is: somebody else made it."},
				{Verb: apply.Change, Object: role, Diff: []apply.Line{
					{Op: apply.Skip}, {Op: apply.Keep, Text: "rules:"}, {Op: apply.Remove, Text: "- verbs: [get]"}, {Op: apply.Add, Text: "- verbs: [get, list]"}, {Op: apply.Skip},
				}},
			}},
			{Release: dash, Namespace: "vm-dashboard", Title: "Spectro VM Dashboard", From: "3.1.0", To: "3.1.0", State: apply.Same, Steps: []apply.Step{{Verb: apply.Leave, Object: dashboard}}},
			{Release: "spectro-proxy", Namespace: "vm-dashboard", Title: "spectro-proxy", From: "1.0.0", State: apply.Leaving, Steps: []apply.Step{{Verb: apply.Delete, Object: old}}},
		}}
}

// leaving is the plan of a removal.
func leaving() *apply.Plan {
	return &apply.Plan{Profile: "vm-platform", Revision: 2, Layers: []apply.LayerPlan{
		{Release: dash, Namespace: "vm-dashboard", Title: dash, From: "3.1.0", State: apply.Leaving, Steps: []apply.Step{{Verb: apply.Delete, Object: dashboard}, {Verb: apply.Delete, Object: settings}}},
		{Release: vmo, Namespace: "vm-system", Title: vmo, From: "1.1.0", State: apply.Leaving, Steps: []apply.Step{
			{Verb: apply.Delete, Object: role}, {Verb: apply.Leave, Object: home, Note: "It stays, with all that is in it: its chart says so."},
		}},
	}}
}

// refusedPlan is one that may not be carried out.
func refusedPlan() *apply.Plan {
	p := installing()
	p.Refusals = []apply.Refusal{
		{Layer: vmo, Object: role, Text: "create ClusterRole spectro-vm-user: refused, because nobody may hand out rights that they lack themselves. It takes an administrator, or the verb escalate on clusterroles for you."},
		{Layer: dash, Text: "you may not create secrets in vm-dashboard, where Helm records the release. The ClusterRoles admin, edit have it."},
	}
	return p
}

func idlePlan() *apply.Plan {
	p := upgrading()
	p.Notes, p.Layers = nil, p.Layers[1:2]
	return p
}

// event makes one; its time is that of telling it.
func event(kind apply.EventKind, layer string, o apply.Object, words string) apply.Event {
	return apply.Event{Kind: kind, Layer: layer, Object: o, Text: words}
}

var none apply.Object

// firstLayer is what happens in the first layer of installing.
func firstLayer(tell func(apply.Event)) {
	tell(event(apply.Started, vmo, none, "install Virtual Machine Orchestrator"))
	tell(event(apply.Created, vmo, home, ""))
	time.Sleep(2 * time.Second)
	tell(event(apply.Created, vmo, definition, ""))
	tell(event(apply.Ready, vmo, definition, ""))
	tell(event(apply.Created, vmo, role, ""))
	tell(event(apply.Created, vmo, virt, ""))
	tell(event(apply.Ready, vmo, home, ""))
	tell(event(apply.Ready, vmo, role, ""))
	tell(event(apply.Waiting, vmo, virt, "its phase is Deploying"))
	time.Sleep(5 * time.Second)
	tell(event(apply.Ready, vmo, virt, "its phase is Deployed"))
	tell(event(apply.Done, vmo, none, ""))
	tell(event(apply.Started, dash, none, "install Spectro VM Dashboard"))
	tell(event(apply.Created, dash, settings, ""))
	tell(event(apply.Created, dash, dashboard, ""))
	tell(event(apply.Ready, dash, settings, ""))
	tell(event(apply.Waiting, dash, dashboard, "Available: 0/1"))
}

func layersAs(outcomes ...apply.Outcome) []apply.LayerReport {
	return []apply.LayerReport{
		{Release: vmo, Namespace: "vm-system", Title: "Virtual Machine Orchestrator", To: "1.1.0", Outcome: outcomes[0], Changes: 4},
		{Release: dash, Namespace: "vm-dashboard", Title: "Spectro VM Dashboard", To: "3.1.0", Outcome: outcomes[1], Changes: 2},
	}
}

func succeeding(_ context.Context, _ apply.Options, tell func(apply.Event)) (*apply.Report, error) {
	firstLayer(tell)
	time.Sleep(4 * time.Second)
	tell(event(apply.Ready, dash, dashboard, ""))
	tell(event(apply.Done, dash, none, ""))
	tell(event(apply.Done, "", none, ""))
	return &apply.Report{Profile: "vm-platform", Version: "1.1.0", Revision: 1, Layers: layersAs(apply.Installed, apply.Installed)}, nil
}

// hanging waits for the dashboard until it is stopped, and takes back what it did where that is wished for.
func hanging(ctx context.Context, o apply.Options, tell func(apply.Event)) (*apply.Report, error) {
	firstLayer(tell)
	<-ctx.Done()
	problem := &apply.Problem{Layer: dash, Why: "it was stopped on request.", Next: "What was done so far stays. Apply the profile again to carry on, or roll it back."}
	layers := layersAs(apply.Installed, apply.Broken)
	if o.RollBack {
		undo(tell)
		problem.Next, layers = "All releases were taken back to what they were. Apply the profile again whenever you like.", layersAs(apply.Reverted, apply.Reverted)
	}
	tell(event(apply.Failed, "", none, problem.Error()))
	return &apply.Report{Profile: "vm-platform", Version: "1.1.0", Layers: layers, Problem: problem}, problem
}

func undo(tell func(apply.Event)) {
	time.Sleep(2 * time.Second)
	tell(event(apply.Deleted, dash, dashboard, ""))
	tell(event(apply.RolledBack, dash, none, "It was uninstalled again."))
	time.Sleep(2 * time.Second)
	tell(event(apply.Kept, vmo, home, "It stays, with all that is in it: its chart says so."))
	tell(event(apply.RolledBack, vmo, none, "It was uninstalled again."))
}

// failing fails at the dashboard.
func failing(_ context.Context, o apply.Options, tell func(apply.Event)) (*apply.Report, error) {
	firstLayer(tell)
	time.Sleep(3 * time.Second)
	why := "Deployment vm-dashboard/spectro-vm-dashboard does not become ready: not ready in time: after 3s: Available: 0/1. Look at its events and at the logs of its pods."
	tell(event(apply.Failed, dash, dashboard, why))
	problem := &apply.Problem{Layer: dash, Object: dashboard, Why: why, Next: "What was done so far stays. Apply the profile again to carry on, or roll it back."}
	layers := layersAs(apply.Installed, apply.Broken)
	if o.RollBack {
		undo(tell)
		problem.Next, layers = "All releases were taken back to what they were. Mend that and apply the profile again.", layersAs(apply.Reverted, apply.Reverted)
	}
	tell(event(apply.Failed, "", none, problem.Error()))
	return &apply.Report{Profile: "vm-platform", Version: "1.1.0", Layers: layers, Problem: problem, Unwritten: errors.New("write the audit log: disk full")}, problem
}

// outage is a run in whose midst the API server goes away for 20 seconds.
func outage(ctx context.Context, o apply.Options, tell func(apply.Event)) (*apply.Report, error) {
	tell(event(apply.Started, vmo, none, "install Virtual Machine Orchestrator"))
	tell(event(apply.Created, vmo, home, ""))
	time.Sleep(time.Second)
	tell(event(apply.Away, "", none, "talk to the API server: it cannot be reached. It is tried again until the time of the run is over."))
	time.Sleep(20 * time.Second)
	tell(event(apply.Back, "", none, "The API server answers again."))
	return succeeding(ctx, o, tell)
}

// removingAll is a removal that keeps the namespace.
func removingAll(_ context.Context, _ apply.Options, tell func(apply.Event)) (*apply.Report, error) {
	tell(event(apply.Started, dash, none, "uninstall "+dash))
	tell(event(apply.Deleted, dash, dashboard, ""))
	tell(event(apply.Deleted, dash, settings, ""))
	tell(event(apply.Done, dash, none, ""))
	tell(event(apply.Started, vmo, none, "uninstall "+vmo))
	tell(event(apply.Deleted, vmo, role, ""))
	tell(event(apply.Kept, vmo, home, "It stays, with all that is in it: its chart says so."))
	tell(event(apply.Kept, vmo, definition, "It stays: all objects of its kind would go with it."))
	tell(event(apply.Done, vmo, none, ""))
	return &apply.Report{Profile: "vm-platform", Kept: []apply.Object{home, definition}, Layers: []apply.LayerReport{
		{Release: dash, Title: dash, From: "3.1.0", Outcome: apply.Uninstalled, Changes: 2}, {Release: vmo, Title: vmo, From: "1.1.0", Outcome: apply.Uninstalled, Changes: 1},
	}}, nil
}
