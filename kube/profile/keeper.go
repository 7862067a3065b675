package profile

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
)

// Keeper changes the profiles of a store, with what every change needs around it: the read-only mode, the audit log, and that nothing in
// use goes away. It is safe for concurrent use.
type Keeper struct {
	Cluster  *kube.Cluster
	Profiles Store
	// ReadOnly is why nothing may be changed; empty: it may.
	ReadOnly string
	Audit    kube.Auditor
	// User is who acts, for the audit log.
	User func() string
}

// Save makes a profile, or with a version of the stored object changes the one that has it, as Store.Save does, and records it.
func (k *Keeper) Save(ctx context.Context, p Profile, version string) (Stored, error) {
	if err := k.readOnly(); err != nil {
		return Stored{}, err
	}
	saved, err := k.Profiles.Save(ctx, p, version)
	action := "save"
	if version == "" {
		action = "create"
	}
	return saved, errors.Join(err, k.record(action, profileKind+"/"+p.Ref().ObjectName(), saved.UID, err))
}

// Deletable says why a profile cannot be deleted: ErrInUse, with the releases that it made, or that this could not be found out. Only the
// keeper's cluster is looked at.
func (k *Keeper) Deletable(ctx context.Context, s Stored) error {
	ref := s.Value.Ref()
	if s.Err != nil {
		// Its name and version cannot be read, but its object is called after them.
		cut := strings.LastIndex(strings.Split(s.Name+".", ".")[0], "-")
		if cut < 0 {
			return nil
		}
		ref = Ref{s.Name[:cut], s.Name[cut+1:]}
	}
	uses, err := InUse(ctx, k.Cluster, ref)
	if err != nil || len(uses) == 0 {
		return err
	}
	var names []string
	for _, u := range uses {
		names = append(names, u.String())
	}
	return fmt.Errorf("%w: %s made %s on %s; remove it from the cluster first", ErrInUse, ref, strings.Join(names, ", "), k.Cluster.Target().Context)
}

// Delete removes a profile that is not in use, and records it. Where it could not be found out whether it is, it goes only with unchecked.
func (k *Keeper) Delete(ctx context.Context, s Stored, unchecked bool) error {
	if err := k.readOnly(); err != nil {
		return err
	}
	if err := k.Deletable(ctx, s); err != nil && !(unchecked && !errors.Is(err, ErrInUse)) {
		return fmt.Errorf("nothing was deleted: %w", err)
	}
	err := k.Profiles.Delete(ctx, s)
	return errors.Join(err, k.record("delete", profileKind+"/"+s.Name, s.UID, err))
}

// Install makes the custom resource of profiles known to the cluster, or brings it up to date, waits until it is served, and records it.
// With dryRun the server only says whether it would.
func (k *Keeper) Install(ctx context.Context, dryRun bool) error {
	if dryRun {
		return profiles.Install(ctx, k.Cluster, true)
	}
	if err := k.readOnly(); err != nil {
		return err
	}
	err := profiles.Install(ctx, k.Cluster, false)
	return errors.Join(err, k.record("install", "CustomResourceDefinition/"+profiles.FullName(), "", err))
}

func (k *Keeper) readOnly() error {
	if k.ReadOnly == "" {
		return nil
	}
	return errors.New("nothing was changed: " + k.ReadOnly)
}

func (k *Keeper) record(action, name, uid string, err error) error {
	return k.Cluster.Record(k.Audit, k.User, config.AuditEntry{Action: action, Name: name, UID: uid}, err)
}
