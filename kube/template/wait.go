package template

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"vmdeck.dev/vmdeck/kube/vm"
)

// Await follows a VM that was made and is to start, until it runs; observe, which may be nil, hears of each new status. It returns a
// sentence fragment when it will not come about any more, or has not when the context ends. list must cover the VM's namespace.
func Await(ctx context.Context, list *vm.Followed, made Made, observe func(status string)) error {
	begun := time.Now()
	var row *vm.Row
	err := list.Until(ctx, func() (bool, error) {
		row = list.Find(made.Namespace, made.Name)
		return row != nil, nil
	})
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("it did not appear in the list within %s", time.Since(begun).Round(time.Second))
	case err != nil:
		return errors.New("no longer waited until it is running; it goes on")
	case row.UID != made.UID:
		return errors.New("another VM of the same name has taken its place meanwhile")
	}
	watching, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	defer watch.Wait()
	defer stop()
	if observe != nil {
		watch.Go(func() { statuses(watching, list, made, observe) })
	}
	// The waiter compares with how the VM was before: it was not there, so that every failure that shows is one of this start.
	before := *row
	before.Status, before.InstanceUID = "", ""
	waiter, err := list.Waiter(ctx, vm.Find("start"), []*vm.Row{&before}, vm.Options{})
	if err != nil {
		return err
	}
	return waiter.Wait(ctx, row)
}

// statuses tells of each new status until the context ends.
func statuses(ctx context.Context, list *vm.Followed, made Made, observe func(string)) {
	last := ""
	_ = list.Until(ctx, func() (bool, error) {
		if r := list.Find(made.Namespace, made.Name); r != nil && r.UID == made.UID && r.Status != last {
			last = r.Status
			observe(last)
		}
		return false, nil
	})
}
