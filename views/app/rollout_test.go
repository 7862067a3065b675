package app

import (
	"testing"
	"time"
)

// The commands that carry profiles out say what they need, and lead to their screen.
func TestProfileCommands(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		command := func(w *world, typed string) {
			w.Keys(":")
			w.Type(typed)
			w.Keys("enter")
		}
		for typed, says := range map[string]string{
			"rollout":                "no profile was applied, rolled back or removed in this session",
			"apply":                  "name the profile, as in: vm-platform@1.0.0",
			"remove-profile":         "name the profile",
			"rollback vm-platform x": "the revision is a number",
		} {
			command(w, typed)
			w.Contains(says)
			w.Pass(10 * time.Second)
		}
		command(w, "rollback vm-platform 2")
		w.Pass(time.Second)
		w.Contains("Roll back vm-platform to revision 2")
	})
}
