package kube

import (
	"cmp"
	"fmt"
	"time"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/rbac"
)

// Auditor keeps a record of what was done; config.Audit is one.
type Auditor interface {
	Write(config.AuditEntry) error
}

// Record puts into the log what was done on the cluster, or tried: now, and by user, which nil makes the one that the kubeconfig names.
// What the entry does not say itself, it says of the decision that it is not known, and of the result and the error what err is. A log
// that is nil keeps nothing. The error is a sentence: what was done is done all the same.
func (c *Cluster) Record(log Auditor, user func() string, entry config.AuditEntry, err error) error {
	if log == nil {
		return nil
	}
	entry.Time, entry.Context, entry.User = time.Now(), c.Target().Context, c.Target().User
	if user != nil {
		entry.User = user()
	}
	result := "accepted"
	if err != nil {
		result, entry.Error = "failed", cmp.Or(entry.Error, err.Error())
	}
	entry.Result, entry.Decision = cmp.Or(entry.Result, result), cmp.Or(entry.Decision, rbac.Unknown.String())
	if err := log.Write(entry); err != nil {
		return fmt.Errorf("the audit log could not be written: %w", err)
	}
	return nil
}
