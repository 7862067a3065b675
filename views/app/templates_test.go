package app

import (
	"slices"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// withTemplates is a cluster that knows VM templates and has one.
func withTemplates(api *fakeapi.Server) {
	api.Put(fakeapi.Defined("vmtemplates.spectrocloud.com"), fakeapi.Template("cirros", "CirrOS", "A tiny Linux."))
}

// From the list of VMs to a new one's details, by keys alone.
func TestE3FromTheListToANewVM(t *testing.T) {
	inWorld(t, setting{empty: true, prepare: withTemplates}, func(w *world) {
		w.Contains("+ makes one from a template")
		w.Press("+")
		w.Pass(time.Second)
		w.Contains("New VM", "CirrOS")
		w.Type("cirros")
		w.Press("enter", "ctrl+s")
		w.Pass(2 * time.Second)
		w.Contains("The server has made", "cirros-1", "s starts it there")
		made := w.api.Get("virtualmachines", "team-a", "cirros-1")
		if made == nil {
			t.Fatalf("it was not made\n%s", w.Plain())
		}
		w.api.Put(made.Status("Stopped"))
		w.Pass(time.Second)
		w.Press("enter")
		w.Contains("Virtual Machines → cirros-1", "Overview", "Stopped")
		w.Press("esc")
		w.Contains("1 VM ", "cirros-1")
		if got := w.audit.Lines(); !slices.Contains(got, "launch team-a cirros-1 accepted") {
			t.Errorf("audited %q", got)
		}
	})
}

func TestTemplatesFromAnywhere(t *testing.T) {
	inWorld(t, setting{prepare: withTemplates}, func(w *world) {
		w.Press("T")
		w.Pass(time.Second)
		w.Contains("→ Templates", "A tiny Linux.")
		w.Press("L")
		w.Contains("→ New VM", "cirros-1")
		w.Press("esc", "esc")
		w.Contains("25 VMs")
		w.Type(":launch cirros")
		w.Press("enter")
		w.Contains("→ New VM", "cirros-1")
		w.Press("esc")
		w.Type(":templates")
		w.Press("enter")
		w.Contains("→ Templates")
	})
}
