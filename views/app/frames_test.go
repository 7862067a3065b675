package app

import (
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"
)

func lines(frame string) iter.Seq[string] { return strings.SplitSeq(frame, "\n") }

// sizes are those of the golden frames: the smallest terminal that one should have, and a comfortable one.
var sizes = []struct{ w, h int }{{80, 24}, {120, 40}}

// frame is one golden frame: what there is, and what the user does.
type frame struct {
	name string
	setting
	do func(w *world)
}

func goldens(t *testing.T, frames []frame) {
	t.Helper()
	for _, f := range frames {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", f.name, size.w, size.h), func(t *testing.T) {
				s := f.setting
				s.w, s.h = size.w, size.h
				inWorld(t, s, func(w *world) {
					if f.do != nil {
						f.do(w)
					}
					w.Golden()
				})
			})
		}
	}
}

// press presses keys a moment apart, as a person does, so that a dialog that opens meanwhile listens.
func press(names ...string) func(w *world) {
	return func(w *world) {
		for _, name := range names {
			w.Keys(name)
			w.Quiet()
		}
	}
}

func on(name string, keys ...string) func(w *world) {
	return func(w *world) {
		w.to(name)
		w.Pass(time.Second)
		press(keys...)(w)
	}
}

func typing(keys string) func(w *world) { return func(w *world) { w.Type(keys) } }

func both(steps ...func(w *world)) func(w *world) {
	return func(w *world) {
		for _, step := range steps {
			step(w)
		}
	}
}

func TestFramesOfTheList(t *testing.T) {
	goldens(t, []frame{
		{name: "list"},
		{name: "end", do: press("G")},
		{name: "filter", do: typing("/status:st")},
		{name: "filter-error", do: typing("/staus:running")},
		{name: "filter-nothing", do: both(typing("/node:node-9"), press("enter"))},
		{name: "marks", do: press("space", "j", "space", "G", "space")},
		{name: "sorted", do: both(typing(":sort mem"), press("enter"))},
	})
}
