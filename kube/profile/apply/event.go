package apply

import (
	"sync"
	"time"
)

// EventKind is what an event tells.
type EventKind int

// The kinds of events.
const (
	Note      EventKind = iota // something to know
	Started                    // work on a layer begins
	Created                    // an object was made
	Changed                    // an object was changed
	Unchanged                  // an object was as it should be
	Deleted
	Kept    // an object was left on the cluster on purpose
	Waiting // an object is not ready yet
	Ready   // an object is as it should be and works
	Failed
	Done       // a layer, or with an empty Layer all, is finished
	RolledBack // a layer is as it was before
	Away       // the API server cannot be reached; the run waits for it
	Back       // it answers again
)

var eventNames = []string{"note", "started", "created", "changed", "unchanged", "deleted", "kept", "waiting", "ready", "failed", "done", "rolled back", "away", "back"}

func (k EventKind) String() string { return eventNames[k] }

// Event is one thing that happened in a run.
type Event struct {
	Time   time.Time
	Kind   EventKind
	Layer  string // the release; empty: about all
	Object Object // zero: about the layer
	// Text is a sentence for people; it may contain text from the cluster.
	Text string
	Err  error // with Failed
}

// watcher hands the events of one layer on and remembers what the report needs.
type watcher struct {
	layer string
	tell  func(Event)

	mu      sync.Mutex
	failed  *Event // the first
	changes int
}

func (w *watcher) event(kind EventKind, o Object, text string, err error) {
	e := Event{Time: time.Now(), Kind: kind, Layer: w.layer, Object: o, Text: text, Err: err}
	w.mu.Lock()
	switch {
	case kind == Failed && o != Object{} && w.failed == nil:
		w.failed = &e
	case kind == Created, kind == Changed, kind == Deleted:
		w.changes++
	}
	w.mu.Unlock()
	w.tell(e)
}

// culprit is the object that failed first; nil where it was no object.
func (w *watcher) culprit() *Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// changed is how many objects were made, changed and deleted.
func (w *watcher) changed() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changes
}
