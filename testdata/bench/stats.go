package main

import (
	"fmt"
	"slices"
	"time"
)

// times are measurements of one thing.
type times []time.Duration

// at is the time that a share of the measurements did not exceed.
func (t times) at(share float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(t))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

func (t times) median() time.Duration { return t.at(0.5) }

// spread shows the median and the extremes.
func (t times) spread() string {
	return fmt.Sprintf("%s (%s–%s)", seconds(t.median()), seconds(t.at(0)), seconds(t.at(1)))
}

// tails shows median, p99 and maximum.
func (t times) tails() string {
	return fmt.Sprintf("%s / %s / %s", millis(t.at(0.5)), millis(t.at(0.99)), millis(t.at(1)))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms >= 100:
		return fmt.Sprintf("%.0f ms", ms)
	case ms >= 10:
		return fmt.Sprintf("%.1f ms", ms)
	default:
		return fmt.Sprintf("%.2f ms", ms)
	}
}

func mib(n int64) string { return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20)) }

// size shows a number of bytes.
func size(n int64) string {
	switch {
	case n >= 10_000_000:
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	case n >= 1_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	default:
		return fmt.Sprintf("%d B", n)
	}
}
