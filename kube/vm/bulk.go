package vm

import (
	"context"
	"sync"
)

// bulkWorkers is how many VMs a bulk operation acts on at a time: enough to be quick, few enough for virt-api's rate limits.
const bulkWorkers = 4

// Step is news of a bulk operation: a VM's turn has begun, or is over.
type Step struct {
	Row     *Row
	Running bool // the turn has begun; Outcome is not set yet
	Outcome Outcome
}

// Bulk acts on many VMs, a few at a time, and sends a Step when a turn begins and one when it is over; the channel is closed at the
// end. When the context ends, VMs whose turn has not come are left alone. The channel holds all steps, so that nobody waits for a
// receiver that has left.
func (o *Operator) Bulk(ctx context.Context, a *Action, rows []*Row, options Options) <-chan Step {
	steps, queue := make(chan Step, 2*len(rows)), make(chan *Row)
	go func() {
		defer close(queue)
		for _, r := range rows {
			select {
			case queue <- r:
			case <-ctx.Done():
				return
			}
		}
	}()
	var wg sync.WaitGroup
	for range min(bulkWorkers, len(rows)) {
		wg.Go(func() {
			for r := range queue {
				steps <- Step{Row: r, Running: true}
				steps <- Step{Row: r, Outcome: o.Do(ctx, a, r, options)}
			}
		})
	}
	go func() {
		wg.Wait()
		close(steps)
	}()
	return steps
}
