package vm

// Explanation says in a sentence what a condition means for the operator. Types and reasons are those of kubevirt.io/api/core/v1
// (VirtualMachineConditionType, VirtualMachineInstanceConditionType); empty for one that is not known.
func (c Condition) Explanation() string {
	text := explanations[c.Type]
	switch c.Status {
	case "True":
		return text.yes
	case "False":
		return text.no
	default:
		return "KubeVirt cannot tell at the moment."
	}
}

// Worrying says whether an operator should look at the condition.
func (c Condition) Worrying() bool {
	text, known := explanations[c.Type]
	return known && (c.Status == "True" && text.worry == "True" || c.Status == "False" && text.worry == "False")
}

type explanation struct {
	yes, no string
	worry   string // the status that needs attention; empty: neither does
	urgency int    // order among worries, smaller first
}

var explanations = map[string]explanation{
	"Ready":                             {yes: "The guest runs and its probes answer.", no: "The guest does not run, or a probe does not answer."},
	"Failure":                           {yes: "virt-controller could not do what the VM asks for.", worry: "True", urgency: 1},
	"ManualRecoveryRequired":            {yes: "A volume migration failed; the volumes must be put right by hand before a start.", worry: "True", urgency: 0},
	"RestartRequired":                   {yes: "The VM was edited in a way that takes effect only with a restart.", worry: "True", urgency: 6},
	"Paused":                            {yes: "The guest's CPUs are stopped; memory is kept.", no: "The guest is not paused."},
	"Synchronized":                      {yes: "The instance is what the VM asks for.", no: "virt-controller or virt-handler could not bring the instance to what the VM asks for.", worry: "False", urgency: 2},
	"PodScheduled":                      {yes: "The launcher pod has a node.", no: "No node fits the launcher pod.", worry: "False", urgency: 2},
	"DataVolumesReady":                  {yes: "All disks are filled and bound.", no: "A disk is still being filled, or could not be.", worry: "False", urgency: 4},
	"AgentConnected":                    {yes: "The guest agent answers: OS, users and file systems are known, snapshots are consistent.", no: "The guest agent does not answer."},
	"AgentVersionNotSupported":          {yes: "The guest agent is too old or lacks commands that KubeVirt uses.", worry: "True", urgency: 9},
	"LiveMigratable":                    {yes: "The instance can move to another node while it runs.", no: "The instance cannot move to another node while it runs."},
	"StorageLiveMigratable":             {yes: "The disks can be moved while the instance runs.", no: "The disks cannot be moved while the instance runs."},
	"MigrationRequired":                 {yes: "A change waits for a live migration to take effect.", worry: "True", urgency: 7},
	"EvictionRequested":                 {yes: "The node is being drained; the instance shall leave it.", worry: "True", urgency: 5},
	"HotVCPUChange":                     {yes: "CPUs are being added to or taken from the running guest."},
	"HotMemoryChange":                   {yes: "Memory is being added to or taken from the running guest.", no: "A change of memory could not be carried out.", worry: "False", urgency: 5},
	"VolumesChange":                     {yes: "Volumes are being migrated."},
	"Provisioning":                      {yes: "The instance is being prepared."},
	"SoftwareEmulation":                 {yes: "The node has no hardware virtualisation: the guest is emulated and slow.", worry: "True", urgency: 8},
	"AccessCredentialsSynchronized":     {yes: "SSH keys and passwords are in the guest.", no: "SSH keys or passwords could not be brought into the guest.", worry: "False", urgency: 8},
	"DecentralizedLiveMigrationFailure": {yes: "A migration between clusters failed.", worry: "True", urgency: 3},
}

// attention collects the worrying conditions of both objects, each type once: a VirtualMachine copies its instance's conditions.
func attention(vm *machine, vmi *instance) []Condition {
	var found []Condition
	add := func(conditions []Condition) {
		for _, c := range conditions {
			if c.Worrying() && conditionOf(found, c.Type) == nil {
				found = append(found, c)
			}
		}
	}
	if vm != nil {
		add(vm.Status.Conditions)
	}
	if vmi != nil {
		add(vmi.Status.Conditions)
	}
	for i := 1; i < len(found); i++ {
		for j := i; j > 0 && explanations[found[j].Type].urgency < explanations[found[j-1].Type].urgency; j-- {
			found[j], found[j-1] = found[j-1], found[j]
		}
	}
	return found
}
