package vm

import (
	"time"
)

// Row is one line of the VM list: a VirtualMachine, its VirtualMachineInstance and its active migration joined. A Row is immutable;
// a change brings a new one with the same UID. Strings are as the cluster sent them and may hold control sequences: whoever
// draws them cleans them.
type Row struct {
	UID             string // the VirtualMachine's, or the instance's where there is no VirtualMachine
	Namespace, Name string
	ResourceVersion string // of the object that UID names
	HasVM           bool   // false: a VirtualMachineInstance without a VirtualMachine
	HasInstance     bool
	InstanceUID     string

	Status      string // one of the Status constants
	Phase       string // the instance's phase; empty without an instance
	RunStrategy string // a RunStrategy of KubeVirt; empty without a VirtualMachine
	Paused      bool
	Agent       bool // the guest agent is connected
	ACPI        bool // ACPI is not switched off
	Created     time.Time
	Deleting    bool

	Node         string
	IPs          []string
	OS           string
	CPU          int   // vCPUs; 0 = unknown
	Memory       int64 // bytes the guest sees; 0 = unknown
	Instancetype string
	Preference   string
	Labels       map[string]string

	Migration *Migration // the active one, else nil
	// Attention lists conditions that an operator should look at, most urgent first.
	Attention []Condition

	GracePeriod        *int64 // the instance's, in seconds
	Protected          bool   // carries KubeVirt's delete protection label
	NotMigratable      *Condition
	VolumesChanging    bool
	NeedsRecovery      bool // ManualRecoveryRequired: KubeVirt refuses a start
	LivenessProbe      LivenessProbe
	SnapshotInProgress string
	RestoreInProgress  string
	StateChanges       int // start and stop requests that virt-controller has not carried out yet
	StartFailures      int
	RetryAfter         *time.Time

	search string // what words of a filter are looked for in; see searchText
}

// LivenessProbe says whether an instance has a probe that keeps it from being paused.
type LivenessProbe int

// Kinds of liveness probe. KubeVirt before 1.9 refuses to pause an instance with any probe, later only with one that is not a
// guest agent ping (pkg/virt-api/rest/lifecycle.go, PauseVMIRequestHandler).
const (
	NoProbe LivenessProbe = iota
	AgentPingProbe
	OtherProbe
)

// Migration is an active live migration.
type Migration struct {
	Name           string // of the VirtualMachineInstanceMigration; empty where the user may not list migrations
	UID            string
	Phase          string
	Source, Target string     // nodes; Target is empty until it is chosen
	Started        *time.Time // nil while it waits for its turn
	Aborting       bool
}

// ID is the row's identity: cursor, marks and actions follow it.
func (r *Row) ID() string { return r.UID }

// Key is namespace and name joined by a slash, as users type it.
func (r *Row) Key() string { return r.Namespace + "/" + r.Name }

// Running says whether the instance runs, paused or not.
func (r *Row) Running() bool { return r.Phase == "Running" }

// Final says whether the instance has ended.
func (r *Row) Final() bool { return r.Phase == "Succeeded" || r.Phase == "Failed" }

// The values of VirtualMachine.status.printableStatus (kubevirt.io/api/core/v1, VirtualMachinePrintableStatus).
const (
	StatusStopped                 = "Stopped"
	StatusProvisioning            = "Provisioning"
	StatusStarting                = "Starting"
	StatusRunning                 = "Running"
	StatusPaused                  = "Paused"
	StatusStopping                = "Stopping"
	StatusTerminating             = "Terminating"
	StatusCrashLoopBackOff        = "CrashLoopBackOff"
	StatusMigrating               = "Migrating"
	StatusUnknown                 = "Unknown"
	StatusErrorUnschedulable      = "ErrorUnschedulable"
	StatusErrImagePull            = "ErrImagePull"
	StatusImagePullBackOff        = "ImagePullBackOff"
	StatusErrorPvcNotFound        = "ErrorPvcNotFound"
	StatusDataVolumeError         = "DataVolumeError"
	StatusWaitingForVolumeBinding = "WaitingForVolumeBinding"
	StatusWaitingForReceiver      = "WaitingForReceiver"
)

// Statuses lists every value that Row.Status can have, in the order in which an operator wants to see them: trouble first.
func Statuses() []string {
	return []string{
		StatusCrashLoopBackOff, StatusErrorUnschedulable, StatusErrImagePull, StatusImagePullBackOff, StatusErrorPvcNotFound,
		StatusDataVolumeError, StatusUnknown, StatusTerminating, StatusMigrating, StatusProvisioning, StatusWaitingForVolumeBinding,
		StatusWaitingForReceiver, StatusStarting, StatusStopping, StatusPaused, StatusRunning, StatusStopped,
	}
}
