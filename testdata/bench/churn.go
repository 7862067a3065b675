package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	churnRate = 100 // changes per second
	lagGoal   = 250 * time.Millisecond
)

// churn measures a minute in which many VMs change, and how soon one of the changes is on the screen.
func (b *bench) churn(ctx context.Context) error {
	s, err := b.counting(ctx)
	if err != nil {
		return err
	}
	span := often(b, time.Minute, 15*time.Second)
	stop, err := b.control.churn(ctx, churnRate, span+5*time.Minute)
	if err != nil {
		return err
	}
	err = b.withProbe(ctx, s, span)
	changes, stopErr := stop()
	if err == nil {
		err = stopErr
	}
	say("there were %d changes", changes)
	return err
}

// withProbe measures with a VM of the bench's own, made when the changes have begun so that they leave it alone.
func (b *bench) withProbe(ctx context.Context, s *session, span time.Duration) error {
	if err := pause(ctx, 3*time.Second); err != nil {
		return err
	}
	p, err := newProbe(ctx, b.api)
	if err != nil {
		return err
	}
	defer p.remove()
	w, err := b.watch(ctx, p.event)
	if err != nil {
		return err
	}
	defer w.close()
	// Only when it is there: the list stays where the cursor is when a row comes in above.
	if _, err := s.wait(ctx, lagLimit, "the probe among the VMs", allShown(b.vms+1)); err != nil {
		return err
	}
	if err := s.send("g"); err != nil {
		return err
	}
	if _, err := s.wait(ctx, lagLimit, "the probe's row", probeShows(probeName)); err != nil {
		return err
	}
	return b.underChurn(ctx, s, p, w, span)
}

func (b *bench) underChurn(ctx context.Context, s *session, p *probe, w *watches, span time.Duration) error {
	var lag, floor, answer times
	u, err := b.cost(ctx, s, w, func() (err error) {
		lag, floor, answer, err = lags(ctx, s, p, span)
		return err
	})
	if err != nil {
		return err
	}
	say("the server took %s to answer the probe's changes (p50 / p99 / max)", answer.tails())
	what := fmt.Sprintf("%s of %d changes per second: ", span, churnRate)
	b.report.note(what+"CPU", seconds(u.cpu), "")
	b.report.note(what+"from and to the API server", size(u.wire), size(u.raw)+": bare watches of the same")
	b.report.note(what+"to the terminal", fmt.Sprintf("%s in %d frames", size(u.terminal.bytes), u.terminal.bursts), "")
	b.report.add(fmt.Sprintf("change → its row on the screen, p50 / p99 / max (%d changes)", len(lag)), lag.tails(),
		floor.tails()+": a bare watch", "p50 ≤ "+millis(lagGoal), lag.median() <= lagGoal)

	if err := s.send("g"); err != nil {
		return err
	}
	echoes, err := b.echoes(ctx, often(b, 100, 30))
	if err != nil {
		return err
	}
	keys, err := press(ctx, s, keyPresses(often(b, 150, 40)))
	if err != nil {
		return err
	}
	b.report.note(fmt.Sprintf("key press under these changes, p50 / p99 / max (%d keys)", len(keys.shown)), keys.shown.tails(),
		echoes.tails()+": a program that only echoes")
	_, most, err := memory(s.pid())
	if err != nil {
		return err
	}
	b.report.add("resident memory, peak after all of this", mib(most), b.listsText(), "≤ "+mib(memoryGoal), most <= memoryGoal)
	return nil
}

// lagLimit is how long a change may take before it is counted as that long and given up. A server under pressure can take seconds.
const lagLimit = 20 * time.Second

// lags changes the probe again and again and measures, from the sending of each change, when the screen shows it, when a bare watch
// brings it, and when the server confirms it.
func lags(ctx context.Context, s *session, p *probe, span time.Duration) (lag, floor, answer times, err error) {
	end := time.Now().Add(span)
	for i := 0; time.Now().Before(end); i++ {
		status := probeStatuses[i%len(probeStatuses)]
		shown, watched := s.expect(probeShows(status)), p.expect(status)
		began := time.Now()
		if err := p.set(ctx, status); err != nil {
			return lag, floor, answer, err
		}
		answer = append(answer, time.Since(began))
		onScreen, bare := lagLimit, lagLimit
		at, err := s.until(ctx, shown, lagLimit, "the probe's status "+status)
		if err != nil && !isUnseen(err) {
			return lag, floor, answer, err
		}
		if err != nil {
			say("%v", err)
		} else {
			onScreen = at.Sub(began)
		}
		select {
		case at := <-watched:
			bare = at.Sub(began)
		case <-time.After(max(time.Second, lagLimit-time.Since(began))):
		}
		if onScreen > time.Second {
			say("change %d took %s to the screen and %s to the bare watch", i, seconds(onScreen), seconds(bare))
		}
		lag, floor = append(lag, onScreen), append(floor, bare)
		if err := pause(ctx, min(200*time.Millisecond+rand.N(500*time.Millisecond), time.Until(end))); err != nil {
			return lag, floor, answer, err
		}
	}
	return lag, floor, answer, nil
}
