package detail

import (
	"fmt"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
)

func TestFrames(t *testing.T) {
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}} {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			for i, tab := range tabs {
				t.Run(tab.id, func(t *testing.T) {
					d, p := open(t, sample(t), size.w, size.h)
					for range i {
						d.Keys("tab")
					}
					settle(d, p)
					golden.RequireEqual(t, d.Plain()+"\n")
				})
			}
			t.Run("overview-end", func(t *testing.T) {
				d, _ := open(t, sample(t), size.w, size.h)
				d.Keys("G")
				golden.RequireEqual(t, d.Plain()+"\n")
			})
			t.Run("stopped", func(t *testing.T) {
				d, _ := open(t, stopped(t), size.w, size.h)
				golden.RequireEqual(t, d.Plain()+"\n")
			})
		})
	}
}
