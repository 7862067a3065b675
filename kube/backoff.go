package kube

import (
	"math/rand/v2"
	"time"
)

// The bounds of the pause between two attempts to reach a server.
const (
	MinBackoff = 500 * time.Millisecond
	MaxBackoff = 30 * time.Second
)

// Backoff hands out growing pauses with jitter, so that many clients that lost one server do not come
// back together. The zero value is ready. It belongs to one goroutine.
type Backoff struct{ attempt int }

// Next returns the pause before the next attempt: it doubles from MinBackoff to MaxBackoff, and up to
// half of it is random.
func (b *Backoff) Next() time.Duration {
	d := MaxBackoff
	if b.attempt < 6 { // 0.5 s << 6 is past the maximum
		d = min(MinBackoff<<b.attempt, MaxBackoff)
	}
	b.attempt++
	d += time.Duration(rand.Int64N(int64(d)/2 + 1))
	return min(d, MaxBackoff)
}

// After returns the pause after a failure: the server's wish where it is longer than Next.
func (b *Backoff) After(err error) time.Duration { return max(b.Next(), RetryAfter(err)) }

// Reset starts over after a success.
func (b *Backoff) Reset() { b.attempt = 0 }
