package profiles

import (
	"testing"

	"vmdeck.dev/vmdeck/views/internal/drive"
)

type frame = drive.Frame[setting, *world]

func goldens(t *testing.T, frames ...frame) {
	t.Helper()
	drive.Goldens(t, inWorld, frames)
}

func TestFramesOfTheList(t *testing.T) {
	goldens(t,
		frame{Name: "list"},
		frame{Name: "filter", Do: drive.Type[*world]("/plat !running")},
		frame{Name: "nothing", Setting: setting{bare: true}},
		frame{Name: "overview", Do: drive.On[*world]([]string{"vm-platform", "1.1.0"}, "enter")},
		frame{Name: "cluster", Do: drive.On[*world]([]string{"vm-platform", "1.0.0"}, "enter", "tab")},
	)
}
