package look

import (
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/theme"
)

var now = time.Date(2026, 3, 5, 9, 34, 12, 0, time.UTC)

func looks(o theme.Options) *Looks { return New(theme.New(o)) }

// Every status that KubeVirt knows has a look of its own, and failure is told apart by the symbol and not by colour alone.
func TestEveryStatusHasALook(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		l := looks(theme.Options{ASCII: ascii})
		for _, status := range vm.Statuses() {
			got := l.Of(&vm.Row{Status: status}, now)
			if got.Text != status || got.Glyph == "" {
				t.Errorf("%s looks like %+v", status, got)
			}
			if bad := (&vm.Row{Status: status}).Troubled() && status != vm.StatusUnknown; bad != (got.Tone == theme.Bad) || bad != (got.Glyph == l.glyphs.Cross) {
				t.Errorf("%s is bad: %v, and looks like %+v", status, bad, got)
			}
		}
		symbols := map[string]bool{}
		for _, status := range []string{vm.StatusRunning, vm.StatusStopped, vm.StatusPaused, vm.StatusStarting, vm.StatusCrashLoopBackOff, vm.StatusUnknown} {
			symbols[l.Of(&vm.Row{Status: status}, now).Glyph] = true
		}
		if len(symbols) != 6 {
			t.Errorf("running, stopped, paused, between, failed and unknown have %d symbols, want one each", len(symbols))
		}
	}
}

func TestStatusOfTomorrow(t *testing.T) {
	got := looks(theme.Options{}).Of(&vm.Row{Status: "Hibernating"}, now)
	if got.Text != "Hibernating" || got.Tone != theme.Warn || got.Glyph == "" {
		t.Errorf("it looks like %+v", got)
	}
}

func TestMigration(t *testing.T) {
	began, later := now.Add(-90*time.Second), now.Add(time.Hour)
	for _, tt := range []struct {
		m    vm.Migration
		want string
	}{
		{vm.Migration{Phase: "Pending"}, "Migrating, waits"},
		{vm.Migration{Phase: "Scheduling"}, "Migrating, waits"},
		{vm.Migration{Phase: "Running"}, "Migrating"},
		{vm.Migration{Phase: "Running", Started: &began}, "Migrating 90s"},
		{vm.Migration{Phase: "Running", Started: &later}, "Migrating 0s"}, // a clock that runs ahead
		{vm.Migration{Phase: "Running", Started: &began, Aborting: true}, "Cancelling"},
	} {
		if got := looks(theme.Options{}).Of(&vm.Row{Status: vm.StatusRunning, Migration: &tt.m}, now); got.Text != tt.want || got.Tone != theme.Info {
			t.Errorf("%+v looks like %+v, want %q", tt.m, got, tt.want)
		}
	}
}

func TestAttention(t *testing.T) {
	l := looks(theme.Options{ASCII: true})
	conditions := []vm.Condition{{Type: "RestartRequired"}}
	if got := l.Of(&vm.Row{Status: vm.StatusRunning, Attention: conditions}, now).Text; got != "Running !" {
		t.Errorf("a VM that needs a look is %q", got)
	}
	if got := l.Of(&vm.Row{Status: vm.StatusCrashLoopBackOff, Attention: conditions}, now).Text; got != "CrashLoopBackOff" {
		t.Errorf("a VM that has failed is %q: that it needs a look is clear", got)
	}
}

func TestOnlyWhatIsNotWellIsColoured(t *testing.T) {
	l := looks(theme.Options{})
	if got := l.Of(&vm.Row{Status: vm.StatusRunning}, now).TextTone(); got != theme.Normal {
		t.Errorf("Running is written in tone %v", got)
	}
	if got := l.Of(&vm.Row{Status: vm.StatusErrImagePull}, now).TextTone(); got != theme.Bad {
		t.Errorf("ErrImagePull is written in tone %v", got)
	}
}

func TestNode(t *testing.T) {
	l := looks(theme.Options{ASCII: true})
	for _, tt := range []struct {
		row  vm.Row
		want string
	}{
		{vm.Row{Node: "n1"}, "n1"},
		{vm.Row{}, ""},
		{vm.Row{Node: "n1", Migration: &vm.Migration{Source: "n1"}}, "n1"},
		{vm.Row{Node: "n1", Migration: &vm.Migration{Source: "n1", Target: "n2"}}, "n1>n2"},
		{vm.Row{Node: "n1", Migration: &vm.Migration{Source: "n1", Target: "n1"}}, "n1"},
	} {
		if got := l.Node(&tt.row); got != tt.want {
			t.Errorf("%+v is on %q, want %q", tt.row, got, tt.want)
		}
	}
}
