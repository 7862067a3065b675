package apply

import (
	"errors"
	"time"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/rbac"
)

// record puts one action into the audit log. Name is "Kind/name".
func (a *Applier) record(action, namespace, name string, failed error) error {
	if a.Audit == nil {
		return nil
	}
	entry := config.AuditEntry{
		Time: time.Now(), Context: a.Cluster.Target().Context, User: a.user(), Action: action, Namespace: namespace, Name: name,
		Decision: rbac.Unknown.String(), Result: "accepted",
	}
	var refused *RefusedError
	switch {
	case errors.As(failed, &refused):
		entry.Result, entry.Decision, entry.Error = "refused by vmdeck", rbac.Denied.String(), failed.Error()
	case failed != nil:
		entry.Result, entry.Error = "failed", failed.Error()
	}
	if err := a.Audit.Write(entry); err != nil {
		return errors.New("the audit log could not be written: " + err.Error())
	}
	return nil
}

func (a *Applier) user() string {
	if a.User == nil {
		return a.Cluster.Target().User
	}
	return a.User()
}

// audited records an event that changed something, or was to.
func (r *run) audited(e Event) {
	verb, changes := map[EventKind]string{Created: "create", Changed: "change", Deleted: "delete", Failed: "apply"}[e.Kind]
	if !changes || e.Object == (Object{}) {
		return
	}
	var at *objectError
	if errors.As(e.Err, &at) {
		if at.verb == "wait for" || at.verb == "read" {
			return
		}
		verb = at.verb
	}
	r.unwritten = errors.Join(r.unwritten, r.applier.record(verb, e.Object.Namespace, e.Object.Kind+"/"+e.Object.Name, e.Err))
}
