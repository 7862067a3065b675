package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Goals of a minute in which nothing happens, and of memory.
const (
	idleCPUGoal  = 500 * time.Millisecond
	idleWireGoal = 20_000 // bytes
	memoryGoal   = 150 << 20
)

// memory measures what vmdeck holds after a while.
func (b *bench) memory(ctx context.Context) error {
	s, err := b.counting(ctx)
	if err != nil {
		return err
	}
	if err := pause(ctx, often(b, 30*time.Second, 10*time.Second)); err != nil {
		return err
	}
	now, most, err := memory(s.pid())
	if err != nil {
		return err
	}
	b.report.add("resident memory, steady", mib(now), b.listsText(), "≤ "+mib(memoryGoal), now <= memoryGoal)
	b.report.add("resident memory, peak", mib(most), b.listsText(), "≤ "+mib(memoryGoal), most <= memoryGoal)
	return nil
}

// listsText tells how much vmdeck has read, where that was measured.
func (b *bench) listsText() string {
	if b.lists.plain == 0 {
		return ""
	}
	return "the lists are " + size(b.lists.plain) + " of JSON"
}

// usage is what a program used in some time.
type usage struct {
	cpu       time.Duration
	wire, raw int64 // bytes from and to the API server, by vmdeck and by watches that do nothing else
	terminal  traffic
}

// cost measures what vmdeck uses while something happens, beside watches that only read the same.
func (b *bench) cost(ctx context.Context, s *session, w *watches, during func() error) (usage, error) {
	cpu, err := cpuTime(s.pid())
	if err != nil {
		return usage{}, err
	}
	wire, raw, terminal := b.proxy.count(), w.proxy.count(), s.traffic()
	if err := during(); err != nil {
		return usage{}, err
	}
	after, err := cpuTime(s.pid())
	if err != nil {
		return usage{}, err
	}
	end := s.traffic()
	return usage{
		cpu: after - cpu, wire: b.proxy.count() - wire, raw: w.proxy.count() - raw,
		terminal: traffic{bytes: end.bytes - terminal.bytes, bursts: end.bursts - terminal.bursts},
	}, nil
}

// idle measures a minute in which nothing happens.
func (b *bench) idle(ctx context.Context) error {
	s, err := b.counting(ctx)
	if err != nil {
		return err
	}
	w, err := b.watch(ctx, func([]byte, time.Time) {})
	if err != nil {
		return err
	}
	defer w.close()
	if err := pause(ctx, 5*time.Second); err != nil {
		return err
	}
	span := often(b, time.Minute, 15*time.Second)
	u, err := b.cost(ctx, s, w, func() error { return pause(ctx, span) })
	if err != nil {
		return err
	}
	part := float64(span) / float64(time.Minute)
	what := fmt.Sprintf("%s of idling: ", span)
	b.report.add(what+"CPU", seconds(u.cpu), "", "≤ "+seconds(time.Duration(part*float64(idleCPUGoal))), u.cpu <= time.Duration(part*float64(idleCPUGoal)))
	b.report.add(what+"from and to the API server", size(u.wire), size(u.raw)+": bare watches of the same", "≤ "+size(int64(part*idleWireGoal)), u.wire <= int64(part*idleWireGoal))
	b.report.add(what+"to the terminal", fmt.Sprintf("%s in %d frames", size(u.terminal.bytes), u.terminal.bursts), "", "0 B apart from ages", u.terminal.bursts <= 1)
	return nil
}

// watches follow all kinds that vmdeck follows, over one counted connection, and do nothing with them.
type watches struct {
	proxy  *proxy
	cancel context.CancelFunc
	client *http.Client
	wg     sync.WaitGroup
}

// watch starts them; event sees every change of a VM.
func (b *bench) watch(ctx context.Context, event func([]byte, time.Time)) (*watches, error) {
	p, err := newProxy(b.api.host)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	a := b.api.through(p.addr())
	w := &watches{proxy: p, cancel: cancel, client: a.client()}
	for _, path := range watchedPaths {
		from, err := a.version(ctx, w.client, path)
		if err != nil {
			w.close()
			return nil, err
		}
		handle := func([]byte, time.Time) {}
		if path == machinesPath {
			handle = event
		}
		w.wg.Go(func() {
			for {
				var err error
				if from, err = a.watch(ctx, w.client, path, from, handle); pause(ctx, 100*time.Millisecond) != nil {
					return
				}
				say("the bare watch of %s ended and goes on: %v", path, err)
			}
		})
	}
	return w, nil
}

func (w *watches) close() {
	w.cancel()
	w.client.CloseIdleConnections()
	w.proxy.close()
	w.wg.Wait()
}
