package app

import (
	"iter"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/views/internal/drive"
)

func lines(frame string) iter.Seq[string] { return strings.SplitSeq(frame, "\n") }

type frame = drive.Frame[setting, *world]

var (
	press  = drive.Press[*world]
	typing = drive.Type[*world]
	pass   = drive.Pass[*world]
	both   = drive.Steps[*world]
)

func on(name string, keys ...string) func(w *world) {
	return func(w *world) {
		w.to(name)
		w.Pass(time.Second)
		w.Press(keys...)
	}
}

func TestFramesOfTheList(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "list"},
		{Name: "end", Do: press("G")},
		{Name: "filter", Do: typing("/status:st")},
		{Name: "filter-error", Do: typing("/staus:running")},
		{Name: "filter-nothing", Do: both(typing("/node:node-9"), press("enter"))},
		{Name: "marks", Do: press("space", "j", "space", "G", "space")},
		{Name: "sorted", Do: both(typing(":sort mem"), press("enter"))},
	})
}
