package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Goals of the start.
const (
	firstRowGoal = 700 * time.Millisecond
	allRowsGoal  = 1.3 // times the raw lists
)

// start measures how long it takes from the start of the process to the first row and to the last.
func (b *bench) start(ctx context.Context) error {
	names, err := b.api.names(ctx, 100)
	if err != nil {
		return err
	}
	var first, all, page, together, inTurn times
	for i := range often(b, 5, 2) {
		took, err := b.rawPage(ctx)
		if err != nil {
			return err
		}
		page = append(page, took)
		if took, b.lists, err = b.rawLists(ctx, true); err != nil {
			return err
		}
		together = append(together, took)
		if took, b.lists, err = b.rawLists(ctx, false); err != nil {
			return err
		}
		inTurn = append(inTurn, took)
		toFirst, toAll, err := b.startOnce(ctx, names)
		if err != nil {
			return err
		}
		first, all = append(first, toFirst), append(all, toAll)
		say("start %d: first row %s, all rows %s; raw: first page %s, lists %s together, %s in turn", i+1,
			seconds(toFirst), seconds(toAll), seconds(page[i]), seconds(together[i]), seconds(inTurn[i]))
	}
	b.report.add("process start → first row", first.spread(), fmt.Sprintf("%s: first 100 VMs raw", page.spread()),
		"≤ "+seconds(firstRowGoal), first.median() <= firstRowGoal)
	ratio := float64(all.median()) / float64(together.median())
	b.report.add("process start → all rows", fmt.Sprintf("%s, %.2f× the floor", all.spread(), ratio),
		fmt.Sprintf("%s: both lists raw, together; %s in turn; %s packed, %s of JSON", together.spread(), seconds(inTurn.median()), size(b.lists.packed), size(b.lists.plain)),
		fmt.Sprintf("≤ %.1f× the floor", allRowsGoal), ratio <= allRowsGoal)
	return nil
}

func (b *bench) startOnce(ctx context.Context, names []string) (first, all time.Duration, err error) {
	s, err := b.launch(b.api.kubeconfig)
	if err != nil {
		return 0, 0, err
	}
	defer s.close()
	at, err := s.wait(ctx, loadLimit, "the first row", rowShown(names))
	if err != nil {
		return 0, 0, err
	}
	end, err := s.wait(ctx, loadLimit, "all rows", allShown(b.vms))
	if err != nil {
		return 0, 0, err
	}
	return at.Sub(s.started), end.Sub(s.started), nil
}

// rawPage reads the first page on a new connection.
func (b *bench) rawPage(ctx context.Context) (time.Duration, error) {
	c := b.api.client()
	defer c.CloseIdleConnections()
	began := time.Now()
	_, _, err := b.api.drain(ctx, c, machinesPath+"?limit=100")
	return time.Since(began), err
}

// sizes are those of lists, on the wire and unpacked.
type sizes struct{ packed, plain int64 }

// rawLists reads all VMs and all VMIs on one new connection, from the server's cache as vmdeck does.
func (b *bench) rawLists(ctx context.Context, together bool) (time.Duration, sizes, error) {
	c := b.api.client()
	defer c.CloseIdleConnections()
	var mu sync.Mutex
	var total sizes
	var first error
	list := func(path string) {
		packed, plain, err := b.api.drain(ctx, c, path+"?resourceVersion=0")
		mu.Lock()
		defer mu.Unlock()
		total.packed, total.plain = total.packed+packed, total.plain+plain
		if first == nil {
			first = err
		}
	}
	began := time.Now()
	var wg sync.WaitGroup
	for _, path := range []string{machinesPath, instancesPath} {
		if together {
			wg.Go(func() { list(path) })
		} else {
			list(path)
		}
	}
	wg.Wait()
	return time.Since(began), total, first
}
