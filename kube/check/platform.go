package check

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// kubeVirt is the KubeVirt resource, as far as it is looked at.
type kubeVirt struct {
	kube.KubeVirt
	served          bool // the API is there
	found           bool // and a resource of it
	namespace, name string
	conditions      []condition
}

type condition struct {
	Type, Status, Reason, Message string
}

func (e *env) readKubeVirt(ctx context.Context) (kubeVirt, error) {
	version, served, err := e.serves(ctx, rbac.GroupKubeVirt, "kubevirts")
	k := kubeVirt{served: served}
	if err != nil || !served {
		return k, err
	}
	var list struct {
		Items []struct {
			Metadata struct{ Namespace, Name string }
			Spec     struct {
				Configuration struct {
					DeveloperConfiguration struct{ FeatureGates, DisabledFeatureGates []string }
				}
			}
			Status struct {
				Phase, ObservedKubeVirtVersion string
				Conditions                     []condition
			}
		}
	}
	if err := e.get(ctx, "/apis/"+rbac.GroupKubeVirt+"/"+version+"/kubevirts", &list); err != nil {
		return k, err
	}
	if len(list.Items) == 0 {
		return k, nil
	}
	item := list.Items[0]
	gates := item.Spec.Configuration.DeveloperConfiguration
	k.found, k.namespace, k.name, k.conditions = true, item.Metadata.Namespace, item.Metadata.Name, item.Status.Conditions
	k.KubeVirt = kube.KubeVirt{
		Version: item.Status.ObservedKubeVirtVersion, Phase: item.Status.Phase, Gates: gates.FeatureGates, Off: gates.DisabledFeatureGates,
	}
	return k, nil
}

var listKubeVirts = rbac.On("list", rbac.GroupKubeVirt, "kubevirts")

func checkKubeVirt(ctx context.Context, e *env) []Result {
	k, err := e.kubevirt.of(ctx)
	install := Fix{Text: "An administrator of the cluster installs KubeVirt: https://kubevirt.io/user-guide/cluster_admin/installation/"}
	switch {
	case err != nil:
		return one(unread(err, "read the KubeVirt resource", listKubeVirts))
	case !k.served:
		return one(Result{Verdict: Fail, Summary: "KubeVirt is not installed: the cluster does not serve its API.", Fix: install})
	case !k.found:
		return one(Result{Verdict: Fail, Summary: "KubeVirt's API is there, but no KubeVirt resource says what to deploy.", Fix: install})
	}
	r := Result{Verdict: Pass, Evidence: []string{fmt.Sprintf("KubeVirt %s/%s", k.namespace, k.name)}}
	for _, c := range k.conditions {
		if c.Type == "Available" || c.Type == "Degraded" && c.Status == "True" {
			r.Evidence = append(r.Evidence, fmt.Sprintf("%s is %s: %s", c.Type, c.Status, c.Message))
		}
	}
	describe := Fix{
		Text:    "Look at the conditions of the KubeVirt resource and at the pods of virt-operator.",
		Command: fmt.Sprintf("kubectl -n %s describe kubevirt %s", quote(k.namespace), quote(k.name)),
	}
	switch {
	case k.Phase != "Deployed":
		r.Verdict, r.Fix = Fail, describe
		r.Summary = fmt.Sprintf("KubeVirt is not deployed: its phase is %s.", orNone(k.Phase))
	case !k.isAvailable():
		r.Verdict, r.Fix = Fail, describe
		r.Summary = fmt.Sprintf("KubeVirt %s is deployed, but not all of it works.", k.Version)
	default:
		r.Summary = fmt.Sprintf("KubeVirt %s is deployed.", k.Version)
	}
	return one(r)
}

// isAvailable is what KubeVirt says of itself; versions that do not say it are believed.
func (k kubeVirt) isAvailable() bool {
	return !slices.ContainsFunc(k.conditions, func(c condition) bool { return c.Type == "Available" && c.Status == "False" })
}

func orNone(s string) string {
	if s == "" {
		return "not set"
	}
	return s
}

const (
	virtAPIService = "v1." + rbac.GroupSubresources
	// probeName is a VM instance that is asked about and does not exist.
	probeName = "vmdeck-validate-probe"
)

// checkVirtAPI tells apart the two ways in which an aggregated API fails. Where nobody answers behind the API service the API server
// says 503; where virt-api answers and refuses, 401 with bare text. The first is put right on the cluster, the second by roles or by
// the certificates between the two.
func checkVirtAPI(ctx context.Context, e *env) []Result {
	base := "/apis/" + rbac.GroupSubresources + "/v1"
	err := e.get(ctx, base+"/version", nil)
	switch kube.Classify(err) {
	case kube.KindNone:
		return one(e.virtAPIAuthorises(ctx, base))
	case kube.KindAPIServiceUnavailable:
		return one(e.virtAPISilent(ctx, err))
	case kube.KindVirtAPIDenied:
		return one(virtAPIRefuses(err, "refuses its version, which everybody may read (401)"))
	case kube.KindNotFound, kube.KindNoKubeVirt:
		return one(Result{
			Verdict: Fail, Summary: "The cluster has no API service " + virtAPIService + ": no VM can be started, stopped or opened.",
			Fix: Fix{Text: "virt-operator registers it: look at the KubeVirt resource.", Command: "kubectl get apiservice " + virtAPIService},
		})
	}
	return one(unread(err, "ask virt-api for its version", rbac.On("list", rbac.GroupSubresources, "version")))
}

// virtAPIAuthorises asks virt-api something that it has to authorise itself, about a VM that does not exist. That the object is missing
// is said by virt-api only after it has found the user permitted; what kube-apiserver refuses has not reached it.
func (e *env) virtAPIAuthorises(ctx context.Context, base string) Result {
	err := e.get(ctx, fmt.Sprintf("%s/namespaces/%s/virtualmachineinstances/%s/guestosinfo", base, e.home(), probeName), nil)
	switch kind := kube.Classify(err); {
	case kind == kube.KindVirtAPIDenied:
		return virtAPIRefuses(err, "refuses what kube-apiserver permits (401)")
	case kind == kube.KindAPIServiceUnavailable:
		return e.virtAPISilent(ctx, err)
	case kind == kube.KindForbidden:
		return Result{Verdict: Pass, Summary: "virt-api answers. You may not call it for a VM, so that it permits what it should was not tried."}
	case kind == kube.KindNone, kind == kube.KindNotFound, strings.Contains(err.Error(), "not found"): // it says the latter with a 500
		return Result{Verdict: Pass, Summary: "virt-api answers, and permits what the API server permits."}
	}
	return virtAPIRefuses(err, "fails to decide who is permitted")
}

func virtAPIRefuses(err error, what string) Result {
	return Result{
		Verdict: Fail, Summary: "virt-api answers and " + what + ".",
		Evidence: []string{kube.Explain(err, "ask virt-api")},
		Fix: Fix{
			Text: "virt-api may not make access reviews, or does not trust the API server: look at its log, at the binding to system:auth-delegator and " +
				"at the front proxy's certificates.",
			Command: "kubectl describe clusterrolebinding kubevirt-apiserver-auth-delegator",
		},
	}
}

// virtAPISilent adds what the API service says of itself, where the user may read that.
func (e *env) virtAPISilent(ctx context.Context, err error) Result {
	k, _ := e.kubevirt.of(ctx)
	namespace := k.namespace
	if namespace == "" {
		namespace = "kubevirt"
	}
	r := Result{
		Verdict: Fail, Summary: "Nobody answers behind virt-api's API service (503): VMs can be neither operated nor changed.",
		Evidence: []string{kube.Explain(err, "ask virt-api for its version")},
		Fix: Fix{
			Text:    "Find out why virt-api does not run, or why the API server cannot reach it.",
			Command: fmt.Sprintf("kubectl -n %s get pods -l kubevirt.io=virt-api", namespace),
		},
	}
	var service struct {
		Status struct{ Conditions []condition }
	}
	if e.get(ctx, "/apis/apiregistration.k8s.io/v1/apiservices/"+virtAPIService, &service) != nil {
		return r
	}
	for _, c := range service.Status.Conditions {
		if c.Type == "Available" && c.Status != "True" {
			r.Evidence = append(r.Evidence, fmt.Sprintf("APIService %s is not available: %s: %s", virtAPIService, c.Reason, c.Message))
		}
	}
	return r
}

// home is the namespace to try things in where none was named.
func (e *env) home() string {
	if len(e.options.Namespaces) > 0 {
		return e.options.Namespaces[0]
	}
	if ns := e.cluster.Target().Namespace; ns != "" {
		return ns
	}
	return "default"
}

// gate is an operation that KubeVirt offers only with a feature gate.
type gate struct {
	object, does string
	on           func(kube.KubeVirt) bool
	// add is what to switch on: the name depends on the version.
	add func(kube.KubeVirt) string
}

// gates are the operations that need one. Live migration is always on since 0.56. Hot-plug of volumes was an alpha gate, deprecated for
// a declarative one, which is on by default since 1.9 (pkg/virt-config/featuregate).
var gates = []gate{{
	object: "snapshot", does: "VM snapshots, restores and clones",
	on:  func(k kube.KubeVirt) bool { return !k.GateOff("Snapshot") },
	add: func(kube.KubeVirt) string { return "Snapshot" },
}, {
	object: "hotplug", does: "adding disks to running VMs",
	on: func(k kube.KubeVirt) bool {
		return slices.Contains(k.Gates, "HotplugVolumes") || slices.Contains(k.Gates, "DeclarativeHotplugVolumes") || !k.GateOff("DeclarativeHotplugVolumes")
	},
	add: func(k kube.KubeVirt) string {
		if k.AtLeast(1, 9) {
			return "DeclarativeHotplugVolumes"
		}
		return "HotplugVolumes"
	},
}}

func checkGates(ctx context.Context, e *env) []Result {
	k, err := e.kubevirt.of(ctx)
	switch {
	case err != nil:
		return one(unread(err, "read KubeVirt's feature gates", listKubeVirts))
	case !k.found:
		return one(Result{Verdict: NotApplicable, Summary: "Without KubeVirt there are no feature gates."})
	case k.Version == "":
		return one(Result{Verdict: Warn, Summary: "KubeVirt does not say which version it is, so what its gates mean is not known."})
	}
	out := make([]Result, 0, len(gates))
	for _, g := range gates {
		r := Result{Object: g.object, Verdict: Pass, Summary: fmt.Sprintf("The feature gate for %s is on.", g.does)}
		if !g.on(k.KubeVirt) {
			r.Verdict = Fail
			r.Summary = fmt.Sprintf("The feature gate %s is off: no %s.", g.add(k.KubeVirt), g.does)
			r.Fix = Fix{Text: "An administrator of KubeVirt switches it on.", Command: k.patch(g.add(k.KubeVirt))}
		}
		r.Evidence = []string{"KubeVirt " + k.Version, "switched on by name: " + orNone(strings.Join(k.Gates, ", "))}
		out = append(out, r)
	}
	return out
}

// patch is the command that switches a gate on. A merge patch replaces lists, so it names those that are on already.
func (k kubeVirt) patch(name string) string {
	without := func(list []string) []string {
		return append([]string{}, slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == name })...)
	}
	developer := map[string]any{"featureGates": append(without(k.Gates), name)}
	if len(k.Off) > 0 {
		developer["disabledFeatureGates"] = without(k.Off)
	}
	// A map of lists of strings can always be encoded.
	body, _ := json.Marshal(map[string]any{"spec": map[string]any{"configuration": map[string]any{"developerConfiguration": developer}}})
	return fmt.Sprintf("kubectl -n %s patch kubevirt %s --type=merge -p %s", k.namespace, k.name, quote(string(body)))
}
