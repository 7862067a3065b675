package app

import (
	"testing"
	"time"
)

// TestRegistriesCommand opens the list of registries by its command, and goes back.
func TestRegistriesCommand(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Keys(":")
		w.Type("registries")
		w.Keys("enter")
		w.Pass(time.Second)
		w.Contains("Registries", "Public Repo", "3 packs")
		w.Keys("esc")
		w.Lacks("Public Repo")
	})
}
