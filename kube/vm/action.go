package vm

import (
	"context"
	"time"

	"vmdeck.dev/vmdeck/rbac"
)

// Danger says how much an action can hurt, and with that how it is confirmed.
type Danger int

// The degrees of danger.
const (
	Harmless    Danger = iota // nothing is asked
	Disturbing                // a dialog with Cancel focused
	Destructive               // the name must be typed
)

// Action is one operation on VMs. Key bar, menu, palette, help, bulk operations, sub-commands, the README's table and the
// permission tests all read the table of Actions.
type Action struct {
	ID     string // stable: sub-command, palette and audit log use it
	Title  string
	Key    string // empty: reached by menu and palette
	Done   string // what has happened when the server said yes: "start requested"
	Danger Danger
	Help   string // what it does, in a sentence
	Effect string // what the confirmation says it does to the guest

	// Needs lists the permissions for a VM, all of which are needed. The row may be nil: then for a VirtualMachine in general.
	Needs func(r *Row) []rbac.Permission
	// Off says why the action makes no sense in the row's state; empty when it does.
	Off func(r *Row, f Facts) string
	// Asks lists the options that the user may set.
	Asks []Option
	// DryRun says whether the server can try the action without doing it.
	DryRun bool

	run func(ctx context.Context, c *client, r *Row, o Options) error
}

// Options are what the user may set for an action; the zero value is every action's default.
type Options struct {
	GracePeriod  *int64            // seconds; nil: the VM's own
	NodeSelector map[string]string // labels that the target node must have
	CloneName    string            // empty: KubeVirt makes one up
	DryRun       bool
}

// Facts are what an action's state rule must know of the cluster.
type Facts struct {
	// PauseWithAgentPing: an instance with a guest agent ping as liveness probe can be paused (KubeVirt 1.9 and newer).
	PauseWithAgentPing bool
	// SnapshotsOff: KubeVirt's feature gate Snapshot is known to be off, without which there is no clone.
	SnapshotsOff bool
}

// callTimeout is the deadline of one action, webhooks and virt-handler included.
const callTimeout = 30 * time.Second

// Find returns the action with the given identity, or nil.
func Find(id string) *Action {
	for _, a := range Actions() {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// Permission names used by the table; virt-api maps PUT to update (pkg/virt-api/rest/authorizer.go).
func machineSub(sub string) func(*Row) []rbac.Permission {
	return func(*Row) []rbac.Permission {
		return rbac.Deep("update", rbac.GroupSubresources, "virtualmachines/"+sub)
	}
}

func instanceSub(sub string) func(*Row) []rbac.Permission {
	return func(*Row) []rbac.Permission {
		return rbac.Deep("update", rbac.GroupSubresources, "virtualmachineinstances/"+sub)
	}
}

func needs(verb, group, resource string) func(*Row) []rbac.Permission {
	return func(*Row) []rbac.Permission { return []rbac.Permission{rbac.On(verb, group, resource)} }
}

// needsDelete depends on what the row is: an instance without a VirtualMachine is deleted itself.
func needsDelete(r *Row) []rbac.Permission {
	if r != nil && !r.HasVM {
		return []rbac.Permission{rbac.On("delete", rbac.GroupKubeVirt, string(Instances))}
	}
	return []rbac.Permission{rbac.On("delete", rbac.GroupKubeVirt, string(Machines))}
}
