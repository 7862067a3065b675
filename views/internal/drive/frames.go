package drive

import (
	"fmt"
	"testing"
)

// Size is that of a terminal in cells, to be embedded in what a test begins with. Zero is 120×40.
type Size struct{ W, H int }

func (s *Size) resize(w, h int) { s.W, s.H = w, h }

// Sizes are those of golden frames: the smallest terminal that one should have, and a comfortable one.
var Sizes = []Size{{80, 24}, {120, 40}}

func (s Size) String() string { return fmt.Sprintf("%dx%d", s.W, s.H) }

// orComfortable is the size, or where none is set the comfortable one.
func (s Size) orComfortable() Size {
	if s == (Size{}) {
		return Sizes[len(Sizes)-1]
	}
	return s
}

// Frame is one golden frame: what a test begins with, and what the user does.
type Frame[S, W any] struct {
	Name    string
	Setting S
	// Do may be nil: then it is the first thing that one sees.
	Do func(w W)
}

// Goldens draws frames in every size and compares them with testdata/<test>/<name>/<size>.golden. Setting embeds Size; in runs a test
// in the world that a setting describes. Run the test with -update to accept what it shows.
func Goldens[S any, P interface {
	*S
	resize(w, h int)
}, W interface{ Golden() }](t *testing.T, in func(*testing.T, S, func(W)), frames []Frame[S, W]) {
	t.Helper()
	for _, f := range frames {
		for _, size := range Sizes {
			t.Run(f.Name+"/"+size.String(), func(t *testing.T) {
				setting := f.Setting
				P(&setting).resize(size.W, size.H)
				in(t, setting, func(w W) {
					if f.Do != nil {
						f.Do(w)
					}
					w.Golden()
				})
			})
		}
	}
}
