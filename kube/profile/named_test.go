package profile

import (
	"strings"
	"testing"
)

func TestNamed(t *testing.T) {
	all := []Stored{
		{Name: "vm-1.0.0", Value: Profile{Name: "vm", Version: "1.0.0"}}, {Name: "vm-1.1.0", Value: Profile{Name: "vm", Version: "1.1.0"}},
	}
	for ref, want := range map[Ref]string{{"vm", ""}: "1.1.0", {"vm", "1.0.0"}: "1.0.0"} {
		if s, err := Named(all, ref, "the cluster"); err != nil || s.Value.Version != want {
			t.Errorf("%v is %s, %v; want %s", ref, s.Value.Version, err, want)
		}
	}
	for ref, want := range map[Ref]string{
		{"vm", "2.0.0"}: "there is no version 2.0.0 of the profile vm in the cluster; there are 1.1.0, 1.0.0",
		{"db", ""}:      `there is no profile "db" in the cluster`,
	} {
		if _, err := Named(all, ref, "the cluster"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", ref, err, want)
		}
	}
}
