package check

import (
	"context"
	"fmt"
	"slices"

	"vmdeck.dev/vmdeck/rbac"
)

const groupStorage = "storage.k8s.io"

// storageClass is a StorageClass, as far as it is looked at.
type storageClass struct {
	Metadata struct {
		Name        string
		Annotations map[string]string
	}
	Provisioner string
}

func (c storageClass) isDefault() bool {
	return c.Metadata.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" ||
		c.Metadata.Annotations["storageclass.kubevirt.io/is-default-virt-class"] == "true"
}

func (e *env) readClasses(ctx context.Context) ([]storageClass, error) {
	var list struct{ Items []storageClass }
	err := e.get(ctx, "/apis/"+groupStorage+"/v1/storageclasses", &list)
	return list.Items, err
}

var noClasses = Result{
	Verdict: Warn, Summary: "There is no storage class: VMs have only the disks that come with their image, which are lost on stopping.",
	Fix: Fix{Text: "An administrator of the cluster installs a storage driver with a storage class."},
}

func checkClasses(ctx context.Context, e *env) []Result {
	classes, err := e.classes.of(ctx)
	switch {
	case err != nil:
		return one(unread(err, "list storage classes", rbac.On("list", groupStorage, "storageclasses")))
	case len(classes) == 0:
		return one(noClasses)
	}
	names := make([]string, len(classes))
	for i, c := range classes {
		names[i] = fmt.Sprintf("%s (%s)", c.Metadata.Name, c.Provisioner)
	}
	r := Result{Verdict: Pass, Summary: counted(len(classes), "storage class") + ", one of them the default.", Evidence: names}
	if !slices.ContainsFunc(classes, storageClass.isDefault) {
		r.Verdict, r.Summary = Warn, "No storage class is the default: every disk has to name one."
		r.Fix = Fix{Text: "Make one the default.", Command: fmt.Sprintf(
			"kubectl annotate storageclass %s storageclass.kubernetes.io/is-default-class=true", quote(classes[0].Metadata.Name))}
	}
	return one(r)
}

// checkSnapshots looks for a snapshot class for each storage class: a VM's snapshot takes one of every disk.
func checkSnapshots(ctx context.Context, e *env) []Result {
	const group = "snapshot.storage.k8s.io"
	list := rbac.On("list", group, "volumesnapshotclasses")
	classes, err := e.classes.of(ctx)
	if err != nil {
		return one(unread(err, "list storage classes", rbac.On("list", groupStorage, "storageclasses")))
	}
	if len(classes) == 0 {
		return one(Result{Verdict: NotApplicable, Summary: "There is no storage class to take snapshots of."})
	}
	version, served, err := e.serves(ctx, group, "volumesnapshotclasses")
	install := Fix{Text: "An administrator of the cluster installs the snapshot controller and a snapshot class for the storage driver."}
	if err != nil {
		return one(unread(err, "find out about volume snapshots", list))
	}
	if !served {
		return one(Result{Verdict: Warn, Summary: "The cluster has no volume snapshots: VMs with disks can be neither snapshotted nor cloned.", Fix: install})
	}
	var snapshots struct{ Items []struct{ Driver string } }
	if err := e.get(ctx, "/apis/"+group+"/"+version+"/volumesnapshotclasses", &snapshots); err != nil {
		return one(unread(err, "list volume snapshot classes", list))
	}
	r := Result{Verdict: Pass, Summary: "Every storage class has a snapshot class."}
	var without []string
	for _, c := range classes {
		if !slices.ContainsFunc(snapshots.Items, func(s struct{ Driver string }) bool { return s.Driver == c.Provisioner }) {
			without = append(without, c.Metadata.Name)
		}
	}
	if len(without) > 0 {
		r.Verdict, r.Fix = Warn, install
		r.Summary = fmt.Sprintf("VMs with disks of %s can be neither snapshotted nor cloned.", some(without, 3))
	}
	return one(r)
}

// checkShared looks for storage that several nodes can use at once: live migration of a VM with disks needs it. What a storage class
// can do is written into CDI's storage profiles.
func checkShared(ctx context.Context, e *env) []Result {
	list := rbac.On("list", rbac.GroupCDI, "storageprofiles")
	version, served, err := e.serves(ctx, rbac.GroupCDI, "storageprofiles")
	switch {
	case err != nil:
		return one(unread(err, "find out about storage profiles", list))
	case !served:
		return one(Result{Verdict: NotApplicable, Summary: "Without CDI nobody says which storage several nodes can use at once."})
	}
	var profiles struct {
		Items []struct {
			Metadata struct{ Name string }
			Status   struct {
				ClaimPropertySets []struct{ AccessModes []string }
			}
		}
	}
	if err := e.get(ctx, "/apis/"+rbac.GroupCDI+"/"+version+"/storageprofiles", &profiles); err != nil {
		return one(unread(err, "list storage profiles", list))
	}
	var shared, others []string
	for _, p := range profiles.Items {
		if slices.ContainsFunc(p.Status.ClaimPropertySets, func(s struct{ AccessModes []string }) bool { return slices.Contains(s.AccessModes, "ReadWriteMany") }) {
			shared = append(shared, p.Metadata.Name)
		} else {
			others = append(others, p.Metadata.Name)
		}
	}
	r := Result{Verdict: Pass, Evidence: []string{"cannot: " + orNone(some(others, 8))}}
	r.Summary = "VMs with disks of " + some(shared, 3) + " can migrate while they run."
	if len(shared) == 0 {
		r.Verdict, r.Summary = Warn, "No storage class can be used by several nodes at once (ReadWriteMany): VMs with disks cannot migrate."
		r.Fix = Fix{Text: "Use a storage driver with ReadWriteMany, or write what it can do into its storage profile.", Command: "kubectl get storageprofiles"}
	}
	return one(r)
}
