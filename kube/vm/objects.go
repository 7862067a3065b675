package vm

import (
	"time"

	"vmdeck.dev/vmdeck/kube/stream"
)

// The types of this file mirror kubevirt.io/api/core/v1 with only the fields that a row, a gate or a filter reads: a decoded
// VirtualMachine of 9 KB leaves about 1 KB. Full objects are fetched for the detail view alone. Quantities are any: custom resources
// keep a JSON number as it was written.

type machine struct {
	stream.Object
	Spec struct {
		Running      *bool     `json:"running"`
		RunStrategy  string    `json:"runStrategy"`
		Instancetype reference `json:"instancetype"`
		Preference   reference `json:"preference"`
		Template     struct {
			Spec instanceSpec `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
	Status struct {
		PrintableStatus     string      `json:"printableStatus"`
		Ready               bool        `json:"ready"`
		Conditions          []Condition `json:"conditions"`
		SnapshotInProgress  *string     `json:"snapshotInProgress"`
		RestoreInProgress   *string     `json:"restoreInProgress"`
		StateChangeRequests []struct {
			Action string `json:"action"`
		} `json:"stateChangeRequests"`
		StartFailure *struct {
			ConsecutiveFailCount int        `json:"consecutiveFailCount"`
			RetryAfterTimestamp  *time.Time `json:"retryAfterTimestamp"`
		} `json:"startFailure"`
	} `json:"status"`
}

type reference struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

type instance struct {
	stream.Object
	Spec   instanceSpec `json:"spec"`
	Status struct {
		Phase              string      `json:"phase"`
		Reason             string      `json:"reason"`
		NodeName           string      `json:"nodeName"`
		EvacuationNodeName string      `json:"evacuationNodeName"`
		Conditions         []Condition `json:"conditions"`
		Interfaces         []struct {
			Name        string   `json:"name"`
			IPAddress   string   `json:"ipAddress"`
			IPAddresses []string `json:"ipAddresses"`
		} `json:"interfaces"`
		GuestOSInfo struct {
			ID         string `json:"id"`
			Name       string `json:"name"`
			PrettyName string `json:"prettyName"`
			Version    string `json:"version"`
		} `json:"guestOSInfo"`
		MigrationState     *migrationState `json:"migrationState"`
		CurrentCPUTopology topology        `json:"currentCPUTopology"`
		Memory             struct {
			GuestCurrent any `json:"guestCurrent"`
		} `json:"memory"`
	} `json:"status"`
}

type instanceSpec struct {
	Domain struct {
		CPU    topology `json:"cpu"`
		Memory struct {
			Guest any `json:"guest"`
		} `json:"memory"`
		Resources struct {
			Requests map[string]any `json:"requests"`
		} `json:"resources"`
		Features struct {
			ACPI struct {
				Enabled *bool `json:"enabled"`
			} `json:"acpi"`
		} `json:"features"`
	} `json:"domain"`
	LivenessProbe *struct {
		GuestAgentPing *struct{} `json:"guestAgentPing"`
	} `json:"livenessProbe"`
	TerminationGracePeriodSeconds *int64 `json:"terminationGracePeriodSeconds"`
}

// topology multiplies to a number of vCPUs; KubeVirt counts a missing part as one.
type topology struct {
	Cores   int `json:"cores"`
	Sockets int `json:"sockets"`
	Threads int `json:"threads"`
}

func (t topology) count() int {
	if t == (topology{}) {
		return 0
	}
	return max(t.Cores, 1) * max(t.Sockets, 1) * max(t.Threads, 1)
}

type migrationState struct {
	StartTimestamp *time.Time `json:"startTimestamp"`
	EndTimestamp   *time.Time `json:"endTimestamp"`
	SourceNode     string     `json:"sourceNode"`
	TargetNode     string     `json:"targetNode"`
	MigrationUID   string     `json:"migrationUid"`
	Completed      bool       `json:"completed"`
	Failed         bool       `json:"failed"`
	FailureReason  string     `json:"failureReason"`
	AbortRequested bool       `json:"abortRequested"`
	Mode           string     `json:"mode"`
}

type migration struct {
	stream.Object
	Spec struct {
		VMIName string `json:"vmiName"`
	} `json:"spec"`
	Status struct {
		Phase string `json:"phase"`
	} `json:"status"`
}

// final says whether the migration can no longer change.
func (m *migration) final() bool { return m.Status.Phase == "Succeeded" || m.Status.Phase == "Failed" }

// instanceKey is the key of the instance that moves.
func (m *migration) instanceKey() string { return m.Metadata.Namespace + "/" + m.Spec.VMIName }

type instancetype struct {
	stream.Object
	Spec struct {
		CPU struct {
			Guest int `json:"guest"`
		} `json:"cpu"`
		Memory struct {
			Guest any `json:"guest"`
		} `json:"memory"`
	} `json:"spec"`
}

// Condition is one condition of a VirtualMachine or VirtualMachineInstance.
type Condition struct {
	Type    string `json:"type"`
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// conditionOf finds a condition by its type; nil when the object does not carry it.
func conditionOf(conditions []Condition, kind string) *Condition {
	for i := range conditions {
		if conditions[i].Type == kind {
			return &conditions[i]
		}
	}
	return nil
}

func conditionTrue(conditions []Condition, kind string) bool {
	c := conditionOf(conditions, kind)
	return c != nil && c.Status == "True"
}
