package vm

import "vmdeck.dev/vmdeck/kube"

// FactsOf reads from what is known of a KubeVirt installation what the action table must know; of one that is not known, the zero Facts.
func FactsOf(k kube.KubeVirt) Facts {
	return Facts{PauseWithAgentPing: k.AtLeast(1, 9), SnapshotsOff: k.GateOff("Snapshot")}
}

// StrategyNote warns, in a sentence, where an action changes a VM's run strategy for good (KubeVirt pkg/virt-api/rest/lifecycle.go,
// StopVMRequestHandler); empty where it does not.
func (a *Action) StrategyNote(r *Row) string {
	if a.ID != "stop" && a.ID != "force-stop" {
		return ""
	}
	switch r.RunStrategy {
	case "Always":
		return "Run strategy Always becomes Halted."
	case "Once":
		return "Run strategy Once becomes Halted and does not come back: a later start makes it Always."
	}
	return ""
}
