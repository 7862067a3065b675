package detail

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
)

// TestRandom holds that no input breaks the page and that every frame has the size of the terminal, with names and values that
// nobody would choose with good intentions.
func TestRandom(t *testing.T) {
	hostile := drive.Hostile
	names := []string{"tab", "shift+tab", "[", "]", "j", "k", "G", "g", "space", "pgup", "left", "right", "w", "/", "n", "N", "a", "y", "Y", "v", "U", "x", "D", "enter", "esc", "backspace"}
	w, off := sample(t), stopped(t)
	odd := sample(t)
	odd.row.Name, odd.row.Namespace, odd.row.OS, odd.row.Node = hostile, hostile, hostile, hostile
	odd.row.Labels = map[string]string{hostile: hostile}
	odd.row.Attention[0].Message, odd.row.Attention[1].Type = hostile, hostile
	i := odd.detail.Instance
	i.Status.GuestOSInfo.PrettyName, i.Status.Interfaces[0].InterfaceName, i.Status.VolumeStatus[3].Message = hostile, hostile, hostile
	i.Spec.Volumes[0].Name, i.Status.MigrationState.FailureReason = hostile, hostile
	odd.detail.MachineYAML = "annotation: \"" + strings.Repeat("x", 5000) + "\\e[2J\"\n"
	odd.events[0].Message, odd.events[1].Reason, odd.events[2].Type = hostile, hostile, hostile
	rapid.Check(t, func(r *rapid.T) {
		world := rapid.SampledFrom([]*fakeWorld{w, odd, off}).Draw(r, "world")
		p := page(world)
		p.Init()
		if rapid.Bool().Draw(r, "loaded") {
			p.Update(fetched{world.detail})
			p.Update(happened{world.events, world.state})
		}
		for range rapid.IntRange(1, 16).Draw(r, "steps") {
			switch rapid.IntRange(0, 9).Draw(r, "step") {
			case 0:
				p.Update(deck.Tick{Now: epoch.Add(time.Duration(rapid.IntRange(0, 1e6).Draw(r, "seconds")) * time.Second)})
			case 1:
				other := *world.row
				other.UID = "another"
				p.Update(changed(&other))
			case 2:
				p.Update(changed(world.row))
			case 3:
				if cmd := p.colour(); cmd != nil {
					cmd()
				}
			default:
				drive.Poke(r, p, names)
			}
			drive.Draw(r, p)
		}
	})
}

func TestHostileStrings(t *testing.T) {
	w := sample(t)
	w.row.Name = "a\x1b[2Jb"
	w.detail.MachineYAML = fmt.Sprintf("a: %q\n", "x\x1b]0;owned\ay")
	d, p := open(t, w, 100, 30)
	d.Contains("ab  team-a")
	d.Keys("shift+tab")
	settle(d, p)
	d.Contains(`a: "x\e]0;owned\ay"`) // as YAML writes it, in letters
}
