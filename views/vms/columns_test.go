package vms

import (
	"slices"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

var now = time.Date(2026, 3, 5, 9, 34, 12, 0, time.UTC)

// sorted orders rows by a column and names them.
func sorted(t *testing.T, column string, rows ...*vm.Row) []string {
	t.Helper()
	for _, c := range columns(theme.New(theme.Options{})) {
		if c.ID != column {
			continue
		}
		slices.SortStableFunc(rows, c.Compare)
		names := make([]string, len(rows))
		for i, r := range rows {
			names[i] = r.Name
		}
		return names
	}
	t.Fatalf("there is no column %s", column)
	return nil
}

func TestAddressesAreOrderedAsNumbers(t *testing.T) {
	got := sorted(t, "ip", &vm.Row{Name: "none"}, &vm.Row{Name: "100", IPs: []string{"10.0.0.100"}}, &vm.Row{Name: "9", IPs: []string{"10.0.0.9"}},
		&vm.Row{Name: "20", IPs: []string{"10.0.0.20"}}, &vm.Row{Name: "9.1", IPs: []string{"9.255.0.1"}})
	if want := []string{"9.1", "9", "20", "100", "none"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Trouble comes first, as everywhere where statuses are listed.
func TestStatusesAreOrderedByTrouble(t *testing.T) {
	got := sorted(t, "status", &vm.Row{Name: "stopped", Status: vm.StatusStopped}, &vm.Row{Name: "running", Status: vm.StatusRunning},
		&vm.Row{Name: "crash", Status: vm.StatusCrashLoopBackOff}, &vm.Row{Name: "migrating", Status: vm.StatusMigrating})
	if want := []string{"crash", "migrating", "running", "stopped"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestYoungestFirst(t *testing.T) {
	got := sorted(t, "age", &vm.Row{Name: "old", Created: now.Add(-time.Hour)}, &vm.Row{Name: "new", Created: now})
	if want := []string{"new", "old"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Every status of KubeVirt fits its column in full: a status that is cut off cannot be looked up.
func TestStatusesFit(t *testing.T) {
	th := theme.New(theme.Options{})
	for _, c := range columns(th) {
		if c.ID != "status" {
			continue
		}
		for _, s := range vm.Statuses() {
			cell := c.Cell(&vm.Row{Status: s}, now)
			if w := text.Width(cell.Prefix) + 1 + text.Width(cell.Text); w > c.Max {
				t.Errorf("%s takes %d cells, and the column has %d", s, w, c.Max)
			}
		}
	}
}

func TestCells(t *testing.T) {
	row := &vm.Row{
		Name: "db", Namespace: "team-a", IPs: []string{"10.0.0.1", "fd00::1", "192.0.2.1"}, CPU: 4, Memory: 8 << 30, Created: now.Add(-49 * time.Hour),
		Attention: []vm.Condition{{Type: "RestartRequired", Reason: "RestartRequired"}, {Type: "EvictionRequested"}},
	}
	want := map[string]string{"name": "db", "namespace": "team-a", "ip": "10.0.0.1 +2", "cpu": "4", "memory": "8Gi", "age": "2d", "os": "–", "node": "–", "attention": "RestartRequired +1"}
	for _, c := range columns(theme.New(theme.Options{})) {
		if text, ok := want[c.ID]; ok && c.Cell(row, now).Text != text {
			t.Errorf("%s shows %q, want %q", c.ID, c.Cell(row, now).Text, text)
		}
	}
}
