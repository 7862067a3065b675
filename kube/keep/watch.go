package keep

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube/stream"
)

// Tap is the sink of a stream of which only matters that something came. What comes is dropped at once, so that following costs next
// to nothing.
type Tap struct {
	Poke func()
	// Tell hears how the stream fares; it may be nil.
	Tell func(stream.State)
}

// Begin does nothing.
func (t *Tap) Begin() {}

// Put pokes.
func (t *Tap) Put([]*stream.Object) { t.Poke() }

// Delete pokes.
func (t *Tap) Delete(*stream.Object) { t.Poke() }

// Synced ends a list, from which things may be missing.
func (t *Tap) Synced() { t.Poke() }

// State passes on how the stream fares.
func (t *Tap) State(s stream.State) {
	if t.Tell != nil {
		t.Tell(s)
	}
}

func (s clusterStore[T]) Watch(ctx context.Context, changed func()) {
	_ = stream.Run[stream.Object](ctx, s.cluster, stream.Request{Group: s.kind.Group, Version: s.kind.Version, Resource: s.kind.Resource}, &Tap{Poke: changed})
}

// lookEvery is how often a folder is looked at. Files tell nobody that they have changed, at least none that are mounted from elsewhere.
const lookEvery = 2 * time.Second

func (s *folderStore[T]) Watch(ctx context.Context, changed func()) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	before := s.fingerprint()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if now := s.fingerprint(); now != before {
			before = now
			changed()
		}
	}
}

// fingerprint changes when a file of the folder does.
func (s *folderStore[T]) fingerprint() string {
	files, err := s.files()
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			fmt.Fprintln(&b, file, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}
