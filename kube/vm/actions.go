package vm

import (
	"slices"

	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck.dev/vmdeck/rbac"
)

// Actions returns every operation on VMs, in the order of menus and help. The Actions are shared: do not change them.
func Actions() []*Action { return actions }

// actions is the table. Which state allows what follows virt-api's handlers (KubeVirt pkg/virt-api/rest/lifecycle.go) and, for
// live migration, the admission webhook (migration-create-admitter.go).
var actions = slices.Concat(powerActions, guestActions, migrationActions, lifecycleActions)

var powerActions = []*Action{{
	ID: "start", Title: "Start", Key: "s", Done: "start requested", DryRun: true,
	Help:  "Start the VM. A halted VM's run strategy becomes Always.",
	Needs: machineSub("start"), Off: startOff(false),
	run: func(ctx ctx, c *client, r *Row, o Options) error {
		return c.machine(ctx, r, "start", virtv1.StartOptions{DryRun: o.dryRun()})
	},
}, {
	ID: "start-paused", Title: "Start paused", Key: "S", Done: "start requested, paused", DryRun: true,
	Help:  "Start the VM with its guest paused before the first instruction, as for attaching a console first.",
	Needs: machineSub("start"), Off: startOff(true),
	run: func(ctx ctx, c *client, r *Row, o Options) error {
		return c.machine(ctx, r, "start", virtv1.StartOptions{Paused: true, DryRun: o.dryRun()})
	},
}, {
	ID: "stop", Title: "Stop", Key: "x", Done: "stop requested", Danger: Disturbing, DryRun: true,
	Help:   "Shut the guest down within its grace period. Run strategies Always and Once become Halted.",
	Effect: "The guest is asked to shut down, and switched off when its grace period is over.",
	Needs:  machineSub("stop"), Off: stopOff, Asks: []Option{gracePeriodOption},
	run: func(ctx ctx, c *client, r *Row, o Options) error {
		return c.machine(ctx, r, "stop", virtv1.StopOptions{GracePeriod: o.GracePeriod, DryRun: o.dryRun()})
	},
}, {
	ID: "force-stop", Title: "Force stop", Key: "X", Done: "forced stop requested", Danger: Disturbing, DryRun: true,
	Help:   "Switch the VM off without waiting for the guest (grace period 0).",
	Effect: "The guest is switched off at once, like pulling the plug: what it has not written is lost.",
	Needs:  machineSub("stop"), Off: forceStopOff,
	run: func(ctx ctx, c *client, r *Row, o Options) error {
		return c.machine(ctx, r, "stop", virtv1.StopOptions{GracePeriod: new(int64), DryRun: o.dryRun()})
	},
}, {
	ID: "restart", Title: "Restart", Key: "r", Done: "restart requested", Danger: Disturbing, DryRun: true,
	Help:   "Stop the instance and start a new one, perhaps on another node; pending changes of the VM take effect.",
	Effect: "The guest is shut down and started anew.",
	Needs:  machineSub("restart"), Off: restartOff,
	run: func(ctx ctx, c *client, r *Row, o Options) error {
		return c.machine(ctx, r, "restart", virtv1.RestartOptions{DryRun: o.dryRun()})
	},
}, {
	ID: "force-restart", Title: "Force restart", Done: "forced restart requested", Danger: Disturbing, DryRun: true,
	Help:   "Restart without waiting for the guest (grace period 0).",
	Effect: "The guest is switched off at once and started anew: what it has not written is lost.",
	Needs:  machineSub("restart"), Off: restartOff,
	run: func(ctx ctx, c *client, r *Row, o Options) error {
		if o.DryRun {
			// virt-api deletes the launcher pod of a forced restart even in a dry run (lifecycle.go, RestartVMRequestHandler).
			return c.machine(ctx, r, "restart", virtv1.RestartOptions{DryRun: o.dryRun()})
		}
		return c.machine(ctx, r, "restart", virtv1.RestartOptions{GracePeriodSeconds: new(int64)})
	},
}}

var guestActions = []*Action{{
	ID: "pause", Title: "Pause", Key: "p", Done: "paused", DryRun: true, Danger: Disturbing,
	Help:   "Stop the guest's CPUs; its memory is kept.",
	Effect: "The guest stands still until it is unpaused; its network connections may time out.",
	Needs:  instanceSub("pause"), Off: pauseOff,
	run: func(ctx ctx, c *client, r *Row, o Options) error {
		return c.instance(ctx, r, "pause", virtv1.PauseOptions{DryRun: o.dryRun()})
	},
}, {
	ID: "unpause", Title: "Unpause", Key: "u", Done: "unpaused", DryRun: true,
	Help:  "Let a paused guest go on.",
	Needs: instanceSub("unpause"), Off: unpauseOff,
	run: func(ctx ctx, c *client, r *Row, o Options) error {
		return c.instance(ctx, r, "unpause", virtv1.UnpauseOptions{DryRun: o.dryRun()})
	},
}, {
	ID: "soft-reboot", Title: "Soft reboot", Key: "b", Done: "reboot signalled to the guest", Danger: Disturbing,
	Help:   "Ask the guest to reboot, through its agent or ACPI; the instance stays where it is.",
	Effect: "The guest is asked to reboot.",
	Needs:  instanceSub("softreboot"), Off: softRebootOff,
	run: func(ctx ctx, c *client, r *Row, _ Options) error { return c.instance(ctx, r, "softreboot", nil) },
}, {
	ID: "reset", Title: "Reset", Key: "B", Done: "reset", Danger: Disturbing,
	Help:   "Press the guest's reset button: an immediate reboot without shutting down.",
	Effect: "The guest reboots at once, without shutting down: what it has not written is lost.",
	Needs:  instanceSub("reset"), Off: resetOff,
	run: func(ctx ctx, c *client, r *Row, _ Options) error { return c.instance(ctx, r, "reset", nil) },
}}

var migrationActions = []*Action{{
	ID: "migrate", Title: "Migrate", Key: "m", Done: "migration requested", Danger: Disturbing, DryRun: true,
	Help:   "Move the running guest to another node.",
	Effect: "The guest moves to another node while it runs.",
	Needs:  machineSub("migrate"), Off: migrateOff, Asks: []Option{nodeSelectorOption},
	run: func(ctx ctx, c *client, r *Row, o Options) error {
		return c.machine(ctx, r, "migrate", virtv1.MigrateOptions{AddedNodeSelector: o.NodeSelector, DryRun: o.dryRun()})
	},
}, {
	ID: "cancel-migration", Title: "Cancel migration", Key: "M", Done: "cancellation requested", Danger: Disturbing, DryRun: true,
	Help:   "Give up the migration that is under way; the guest stays on its node.",
	Effect: "The migration is given up; the guest stays where it is.",
	Needs:  needs("delete", rbac.GroupKubeVirt, string(Migrations)), Off: cancelOff,
	run: func(ctx ctx, c *client, r *Row, o Options) error {
		return c.remove(ctx, Migrations, r.Namespace, r.Migration.Name, r.Migration.UID, o)
	},
}}

var lifecycleActions = []*Action{{
	ID: "clone", Title: "Clone", Key: "c", Done: "clone requested", DryRun: true,
	Help:  "Make a stopped copy of the VM in its namespace, disks included.",
	Needs: needs("create", rbac.GroupClone, "virtualmachineclones"), Off: cloneOff, Asks: []Option{cloneNameOption},
	run: func(ctx ctx, c *client, r *Row, o Options) error { return c.clone(ctx, r, o) },
}, {
	ID: "delete", Title: "Delete", Key: "D", Done: "deletion requested", Danger: Destructive, DryRun: true,
	Help:   "Delete the VM and the disks that it owns.",
	Effect: "The VM is switched off and deleted, with the DataVolumes that it owns. This cannot be undone.",
	Needs:  needsDelete, Off: deleteOff,
	run: func(ctx ctx, c *client, r *Row, o Options) error {
		kind := Machines
		if !r.HasVM {
			kind = Instances
		}
		return c.remove(ctx, kind, r.Namespace, r.Name, r.UID, o)
	},
}}
