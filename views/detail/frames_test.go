package detail

import (
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"vmdeck.dev/vmdeck/views/internal/drive"
)

func TestFrames(t *testing.T) {
	for _, size := range drive.Sizes {
		t.Run(size.String(), func(t *testing.T) {
			for i, tab := range tabs {
				t.Run(tab.id, func(t *testing.T) {
					d, p := open(t, sample(t), size.W, size.H)
					for range i {
						d.Keys("tab")
					}
					settle(d, p)
					golden.RequireEqual(t, d.Plain()+"\n")
				})
			}
			t.Run("overview-end", func(t *testing.T) {
				d, _ := open(t, sample(t), size.W, size.H)
				d.Keys("G")
				golden.RequireEqual(t, d.Plain()+"\n")
			})
			t.Run("stopped", func(t *testing.T) {
				d, _ := open(t, stopped(t), size.W, size.H)
				golden.RequireEqual(t, d.Plain()+"\n")
			})
		})
	}
}
