package registries

import (
	"errors"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/internal/drive"
)

type frame = drive.Frame[setting, *world]

var (
	press = drive.Press[*world]
	steps = drive.Steps[*world]
	typed = drive.Type[*world]
	pass  = drive.Pass[*world]
)

func TestFramesRegistries(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "list", Do: press("j")},
		{Name: "testing", Setting: setting{early: true}, Do: pass(3 * time.Second)},
		{Name: "unreachable", Do: press("j", "j")},
		{Name: "problem", Do: press("G")},
		{Name: "alone", Setting: setting{alone: true}},
		{Name: "unreadable", Setting: setting{alone: true, readErr: errors.New("registries /home/ops/.config/vmdeck/registries.yaml: line 4: did not find expected key")}},
		{Name: "ascii", Setting: setting{theme: theme.Options{ASCII: true, NoColor: true}}, Do: press("j", "j")},
		{Name: "add", Do: steps(press("n"), typed("mirror"), press("tab"), typed("oci://mirror.example.com/packs"))},
		{Name: "refused", Do: steps(press("n"), typed("nowhere"), press("tab"), typed("/no/such/folder"), press("tab", "tab", "tab", "tab", "tab", "enter"))},
		{Name: "remove", Do: press("j", "D")},
	})
}

func TestFramesPacks(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "one", Do: press("j", "enter")},
		{Name: "all", Do: steps(press("p"), pass(10*time.Second))},
		{Name: "waiting", Do: press("p")},
		{Name: "failed", Do: steps(press("j", "j", "enter"), pass(10*time.Second))},
		{Name: "problem", Do: press("G", "enter", "G")},
		{Name: "filter", Do: steps(press("p"), pass(10*time.Second), press("/"), typed("vm disks"))},
		{Name: "none", Do: steps(press("p"), pass(10*time.Second), press("/"), typed("nothing like it"))},
	})
}

func public(name, version string) func(w *world) shell.Page {
	return func(w *world) shell.Page { return NewPack(w.deck, pack.Public(), name, version) }
}

func TestFramesPack(t *testing.T) {
	orchestrator := public("virtual-machine-orchestrator", "1.0.0")
	drive.Goldens(t, inWorld, []frame{
		{Name: "about", Setting: setting{page: orchestrator}},
		{Name: "readme", Setting: setting{page: orchestrator}, Do: press("tab")},
		{Name: "values", Setting: setting{page: orchestrator}, Do: press("tab", "tab")},
		{Name: "version", Setting: setting{page: orchestrator}, Do: press("v")},
		{Name: "proxy", Setting: setting{page: public("spectro-proxy", "1.0.0")}},
		{Name: "loading", Setting: setting{early: true, page: func(w *world) shell.Page { return NewPack(w.deck, w.fakes[0], "gateway", "2.1.0") }}},
		{Name: "failed", Setting: setting{page: func(w *world) shell.Page { return NewPack(w.deck, w.fakes[1], "gateway", "2.1.0") }}},
	})
}
