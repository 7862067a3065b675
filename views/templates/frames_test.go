package templates

import (
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

type frame = drive.Frame[setting, *world]

var (
	press = drive.Press[*world]
	enter = drive.Type[*world]
	steps = drive.Steps[*world]
	pass  = drive.Pass[*world]
)

func empty(api *fakeapi.Server) {
	for _, name := range []string{"alpine", "cirros", "db-large"} {
		api.Delete("vmtemplates", "", name)
	}
}

func hostile(api *fakeapi.Server) {
	long := strings.Repeat("a-very-long-name-", 12) + "end"
	api.Put(fakeapi.Template(long, drive.Hostile, drive.Hostile))
}

func TestFramesCatalogue(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "catalogue"},
		{Name: "ascii", Setting: setting{ascii: true}, Do: press("j")},
		{Name: "user", Setting: setting{user: plainUser()}},
		{Name: "refused", Setting: setting{user: powerUser()}, Do: press("e")},
		{Name: "refused-launch", Setting: setting{user: plainUser()}, Do: press("L")},
		{Name: "loading", Setting: setting{early: true, prepare: func(api *fakeapi.Server) { api.Hang() }}},
		{Name: "no-kind", Setting: setting{bare: true}},
		{Name: "forbidden", Setting: setting{user: nobody()}},
		{Name: "empty", Setting: setting{prepare: empty}},
		{Name: "empty-user", Setting: setting{prepare: empty, user: plainUser()}},
		{Name: "filtered", Do: steps(press("/"), enter("tiny"))},
		{Name: "no-match", Do: steps(press("/"), enter("windows"), press("enter"))},
		{Name: "hostile", Setting: setting{prepare: hostile}},
		{Name: "lost", Do: func(w *world) { w.api.Down(true); w.Pass(20 * time.Second) }},
		{Name: "detail", Do: press("enter")},
		{Name: "new", Do: press("n")},
		{Name: "delete", Do: press("D")},
	})
}

func TestFramesManuscript(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "edit", Do: press("e")},
		{Name: "blank", Do: press("n", "enter")},
		{Name: "wrong", Do: steps(press("n", "enter"), press("ctrl+k", "ctrl+s"))},
		{Name: "server", Setting: setting{prepare: func(api *fakeapi.Server) {
			api.Invalid("alpine", map[string]string{"spec.template.spec.domain.cpu.cores": "must be less than 64"})
		}}, Do: steps(press("e", "ctrl+s"), pass(time.Second))},
		{Name: "confirm", Do: steps(press("e", "ctrl+s"), pass(time.Second))},
		{Name: "changed", Do: func(w *world) {
			w.Press("e", "ctrl+end")
			w.Type(" # mine")
			w.api.Put(helmed(fakeapi.Template("alpine", "Alpine", "Somebody else's words.")))
			w.Press("ctrl+s")
			w.Pass(time.Second)
		}},
		{Name: "discard", Do: steps(press("e", "ctrl+end"), enter(" # mine"), press("esc"))},
	})
}

// launchOf is the form, with a template chosen.
func launchOf(name string) setting { return setting{launch: &deck.Launch{Template: name}} }

func TestFramesLaunch(t *testing.T) {
	refused := launchOf("cirros")
	refused.user = plainUser()
	local := launchOf("cirros")
	local.user = namespaceOnly()
	frozen := launchOf("cirros")
	frozen.readOnly = "the configuration makes this context read-only"
	ascii := launchOf("db-large")
	ascii.ascii = true
	bare := launchOf("")
	bare.bare = true
	wrong := launchOf("cirros")
	wrong.prepare = func(api *fakeapi.Server) {
		api.Invalid("cirros-1", map[string]string{
			"spec.template.spec.domain.memory.guest":          "must be at least 1Gi for this class",
			"spec.template.spec.domain.devices.disks[0].name": "no volume of that name",
		})
	}
	drive.Goldens(t, inWorld, []frame{
		{Name: "form", Setting: launchOf("cirros")},
		{Name: "disks", Setting: launchOf("db-large"), Do: press("tab", "tab", "tab", "tab")},
		{Name: "ascii", Setting: ascii},
		{Name: "choose", Setting: launchOf("")},
		{Name: "no-kind", Setting: bare},
		{Name: "namespaces", Setting: local, Do: press("tab", "ctrl+u", "ctrl+n")},
		{Name: "refused", Setting: refused},
		{Name: "read-only", Setting: frozen, Do: steps(press("ctrl+t"), pass(time.Second))},
		{Name: "wrong", Setting: launchOf("cirros"), Do: steps(press("tab", "tab"), enter("many"), press("tab"), enter("lots"), press("tab"), enter("tier"), press("ctrl+s"))},
		{Name: "server", Setting: wrong, Do: steps(press("ctrl+s"), pass(time.Second))},
		{Name: "yaml", Setting: launchOf("cirros"), Do: press("ctrl+y")},
		{Name: "yaml-server", Setting: wrong, Do: steps(press("ctrl+y", "ctrl+s"), pass(time.Second))},
		{Name: "yaml-wrong", Setting: launchOf("cirros"), Do: steps(press("ctrl+y"), enter("x: ["), press("ctrl+s"))},
		{Name: "stopped", Setting: launchOf("cirros"), Do: steps(press("ctrl+s"), pass(2*time.Second))},
		{Name: "starting", Setting: launchOf("db-large"), Do: func(w *world) { w.launched("Starting") }},
		{Name: "running", Setting: launchOf("db-large"), Do: func(w *world) { w.launched("Starting"); w.runs("team-a", "db-large-1") }},
		{Name: "unschedulable", Setting: launchOf("db-large"), Do: func(w *world) { w.launched("ErrorUnschedulable"); w.Pass(time.Minute) }},
		{Name: "deleted", Setting: launchOf("db-large"), Do: func(w *world) {
			w.launched("Starting")
			w.api.Delete("virtualmachines", "team-a", "db-large-1")
			w.Pass(3 * time.Second)
		}},
	})
}

// launched makes db-large-1 and lets KubeVirt say how it is.
func (w *world) launched(status string) {
	w.Press("ctrl+s")
	w.Pass(2 * time.Second)
	w.api.Put(w.api.Get("virtualmachines", "team-a", "db-large-1").Status(status))
	w.Pass(3 * time.Second)
}

// runs lets KubeVirt start a VM.
func (w *world) runs(namespace, name string) {
	o := w.api.Get("virtualmachines", namespace, name).Status("Running")
	w.api.Put(o, fakeapi.Instance(namespace, name, "node-1").With("metadata", "ownerReferences", []any{map[string]any{
		"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "name": name, "uid": o["metadata"].(map[string]any)["uid"]}}))
	w.Pass(3 * time.Second)
}
