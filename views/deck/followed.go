package deck

import "sync"

// followed is something that a deck reads from the first time on that somebody asks for it, as most sessions never do, and then keeps up to
// date. The zero value is ready. It is safe for concurrent use.
type followed[T any] struct {
	mu    sync.Mutex
	wake  chan struct{} // nil: nobody has asked; it holds a value while a new reading is wished for
	state T
}

// get returns what is known. The first call has follow run beside the screen until the deck is closed; each change of what it tells
// delivers an Event.
func (f *followed[T]) get(d *Deck, follow func(wake chan struct{}, changed func(T))) T {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wake == nil {
		wake := make(chan struct{}, 1)
		f.wake = wake
		d.wg.Go(func() {
			follow(wake, func(state T) {
				f.mu.Lock()
				f.state = state
				f.mu.Unlock()
				d.poke()
			})
		})
	}
	return f.state
}

// again has it read anew, if somebody has asked for it.
func (f *followed[T]) again() {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}
