package apply

import (
	"errors"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/rbac"
)

// record puts one action into the audit log. Name is "Kind/name".
func (a *Applier) record(action, namespace, name string, failed error) error {
	entry := config.AuditEntry{Action: action, Namespace: namespace, Name: name}
	if refused := (*RefusedError)(nil); errors.As(failed, &refused) {
		entry.Result, entry.Decision = "refused", rbac.Denied.String()
	}
	return a.Cluster.Record(a.Audit, a.User, entry, failed)
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
