package binding

import (
	"context"
	"errors"
	"time"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Auditor keeps a record of what was done; config.Audit is one.
type Auditor interface {
	Write(config.AuditEntry) error
}

// Keeper changes bindings and rules, with what every change needs around it: the read-only mode and the audit log. It is safe for
// concurrent use.
type Keeper struct {
	Cluster *kube.Cluster
	// Rules is where rules are kept.
	Rules Store
	// ReadOnly is why nothing may be changed; empty: it may.
	ReadOnly string
	Audit    Auditor
	// User is who acts, for the audit log.
	User func() string
}

// Apply carries a plan out as the function Apply does, and records each step that changes something.
func (k *Keeper) Apply(ctx context.Context, plan rbac.Plan, observe func(Step)) error {
	if k.ReadOnly != "" {
		return errors.New("nothing was changed: " + k.ReadOnly)
	}
	var unwritten error
	err := Apply(ctx, k.Cluster, plan, func(s Step) {
		if !s.DryRun || s.Err != nil {
			unwritten = errors.Join(unwritten, k.record(string(s.Verb), s.Binding.Namespace, s.Binding.Kind()+"/"+s.Binding.Name, s.DryRun, s.Err, s.String()))
		}
		if observe != nil {
			observe(s)
		}
	})
	return errors.Join(err, unwritten)
}

func (k *Keeper) record(action, namespace, name string, dryRun bool, err error, text string) error {
	if k.Audit == nil {
		return nil
	}
	entry := config.AuditEntry{
		Time: time.Now(), Context: k.Cluster.Target().Context, User: k.User(), Action: action,
		Namespace: namespace, Name: name, Decision: rbac.Unknown.String(), DryRun: dryRun, Result: "accepted",
	}
	if err != nil {
		entry.Result, entry.Error = "failed", text
	}
	if err := k.Audit.Write(entry); err != nil {
		return errors.New("the audit log could not be written: " + err.Error())
	}
	return nil
}
