package sim

import (
	"strconv"
	"time"
)

// The annotations by which a VM tells the simulator how its guest shall behave. They stand on the VM's template, from
// where KubeVirt copies them to the VMI; on a running VMI they can be changed directly.
const (
	prefix = "simulator.vmdeck.dev/"

	// GuestOS names the guest's operating system, as in "Ubuntu 24.04".
	GuestOS = prefix + "guest-os"
	// Agent "none" is a guest without guest agent.
	Agent = prefix + "agent"
	// BootSeconds from a started pod to a running guest.
	BootSeconds = prefix + "boot-seconds"
	// ShutdownSeconds a guest takes to shut down; it is killed when the grace period is shorter.
	ShutdownSeconds = prefix + "shutdown-seconds"
	// ShutdownAfter so many seconds of running, the guest powers itself off.
	ShutdownAfter = prefix + "shutdown-after"
	// Crash "true" ends the guest while it boots.
	Crash = prefix + "crash"
	// Migration "hold" never gets a migration done, "fail" lets it fail at its end.
	Migration = prefix + "migration"
	// MigrationSeconds a live migration takes.
	MigrationSeconds = prefix + "migration-seconds"
	// MigrateEvery, a duration, has the VM migrated again and again.
	MigrateEvery = prefix + "migrate-every"
)

// What happens to a guest for which nothing is wished.
const (
	defaultBoot      = time.Second
	defaultShutdown  = time.Second
	defaultMigration = 8 * time.Second
)

// seconds reads an annotation; nonsense counts as absent.
func seconds(annotations map[string]string, key string, otherwise time.Duration) time.Duration {
	f, err := strconv.ParseFloat(annotations[key], 64)
	if err != nil || f < 0 {
		return otherwise
	}
	return time.Duration(f * float64(time.Second))
}

// every reads the period of MigrateEvery; 0 means never. A period below a few seconds would be all there is.
func every(annotations map[string]string) time.Duration {
	d, err := time.ParseDuration(annotations[MigrateEvery])
	if err != nil || d < 5*time.Second {
		return 0
	}
	return d
}
