package vm

import (
	"sync"
	"time"
)

// interval is the least time between two signals: fast enough to look immediate, slow enough that a thousand changes a second cost
// ten redraws.
const interval = 100 * time.Millisecond

// notifier turns many changes into few signals. The zero value is not ready; use newNotifier.
type notifier struct {
	changes chan struct{}

	mu      sync.Mutex
	pending bool
	taken   time.Time
}

func newNotifier() *notifier { return &notifier{changes: make(chan struct{}, 1)} }

// touch arranges for a signal, at once after a quiet time and at the end of the interval otherwise.
func (n *notifier) touch() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.pending {
		return
	}
	n.pending = true
	time.AfterFunc(max(0, interval-time.Since(n.taken)), func() {
		select {
		case n.changes <- struct{}{}:
		default:
		}
	})
}

// took says that the changes so far have been fetched: the next one signals again.
func (n *notifier) took() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.pending, n.taken = false, time.Now()
}
