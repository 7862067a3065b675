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

// Next returns the pause before the next attempt: half of it grows from MinBackoff by doubling, the other
// half is random, and the whole never exceeds MaxBackoff.
func (b *Backoff) Next() time.Duration {
	half := MaxBackoff / 2
	if b.attempt < 5 { // MinBackoff << 5 is past the maximum
		half = min(MinBackoff<<b.attempt, half)
	}
	b.attempt++
	return half + time.Duration(rand.Int64N(int64(half)+1))
}

// After returns the pause after a failure: the server's wish where it is longer than Next.
func (b *Backoff) After(err error) time.Duration { return max(b.Next(), RetryAfter(err)) }

// Reset starts over after a success.
func (b *Backoff) Reset() { b.attempt = 0 }
