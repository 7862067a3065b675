package keep

import (
	"sync"
	"time"
)

// settle is how long changes are gathered before they are told: they come in swarms, and reading what has changed takes lists.
const settle = time.Second

// Signal tells that something has changed, and not what. It is safe for concurrent use.
type Signal struct {
	// C has a value when something has changed since the last one was taken from it.
	C chan struct{}

	mu    sync.Mutex
	armed bool
}

// NewSignal makes a signal.
func NewSignal() *Signal { return &Signal{C: make(chan struct{}, 1)} }

// Poke says that something has changed. C has it a moment later.
func (s *Signal) Poke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.armed {
		return
	}
	s.armed = true
	time.AfterFunc(settle, func() {
		s.mu.Lock()
		s.armed = false
		s.mu.Unlock()
		select {
		case s.C <- struct{}{}:
		default:
		}
	})
}
