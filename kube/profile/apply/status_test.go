package apply

import "testing"

// While somebody is at it, a release that is under way is not a failure.
func TestReleasesUnderWayAreUpdating(t *testing.T) {
	for helm, want := range map[string]State{"pending-install": Updating, "pending-upgrade": Updating, "uninstalling": Updating, "failed": Failing, "deployed": Failing} {
		s := &Status{State: Failing, Layers: []LayerStatus{{Helm: helm, State: Failing, Text: "a run ended in the middle"}}}
		s.hold(Lock{Holder: "alice", Action: "apply 1.0.0"})
		if got := s.Layers[0].State; got != want || s.State != Updating || s.Held == nil {
			t.Errorf("a release that is %s is %v, the profile %v", helm, got, s.State)
		}
	}
}
