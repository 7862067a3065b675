// Command bench measures how fast and how frugal vmdeck is, on a control plane that stores ten thousand VMs, and prints a table.
// Beside every number stands its floor: what the same data cost in the same run without vmdeck. It runs vmdeck in a terminal of
// 160×50 and reads the screen as a person would. It needs Linux. It is no test: machines differ, and no number makes it fail.
//
// usage: go run ./testdata/bench -cluster bin/cluster -vmdeck bin/vmdeck [-quick] [-only start,keys,memory,idle,churn]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// wholeLimit ends a bench that hangs somewhere.
const wholeLimit = 12 * time.Minute

func main() {
	if err := run(os.Args[1:]); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == minderCommand:
		return mind(args[1], args[2])
	case len(args) == 1 && args[0] == echoCommand:
		return echo()
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, wholeLimit, fmt.Errorf("the bench took more than %s", wholeLimit))
	defer cancel()
	return o.bench(ctx)
}

// options are what the bench was asked for.
type options struct {
	cluster, vmdeck string
	use             string // the folder of a control plane that is up already
	only            []string
	quick           bool
	vms             int
}

// measurements in their order, by the names for -only.
var measurements = []struct {
	name string
	run  func(*bench, context.Context) error
}{
	{"start", (*bench).start}, {"keys", (*bench).keys}, {"memory", (*bench).memory}, {"idle", (*bench).idle}, {"churn", (*bench).churn},
}

func parse(args []string) (*options, error) {
	o := &options{}
	var only string
	var names []string
	for _, m := range measurements {
		names = append(names, m.name)
	}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.StringVar(&o.cluster, "cluster", "bin/cluster", "the control plane's program")
	fs.StringVar(&o.vmdeck, "vmdeck", "bin/vmdeck", "the program to measure")
	fs.StringVar(&o.use, "use", "", "the folder of a control plane with stored VMs that is up already; it is left running")
	fs.IntVar(&o.vms, "vms", 10000, "how many VMs to store")
	fs.BoolVar(&o.quick, "quick", false, "measure less often and less long: good for a look, not for a record")
	fs.StringVar(&only, "only", "", "measure only these, with commas between: "+strings.Join(names, ", "))
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if only != "" {
		o.only = strings.Split(only, ",")
	}
	for _, name := range o.only {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("-only %s: choose from %s", name, strings.Join(names, ", "))
		}
	}
	for _, p := range []*string{&o.cluster, &o.vmdeck} {
		abs, err := filepath.Abs(*p)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(abs); err != nil {
			return nil, fmt.Errorf("a program is missing, see `make build cluster`: %w", err)
		}
		*p = abs
	}
	return o, nil
}

// bench is one run.
type bench struct {
	*options
	work    string // a folder for what has to be written
	control *control
	api     *api
	report  report
	lists   sizes // once they were measured

	counted *session // vmdeck behind a counting proxy, once somebody has asked for it
	proxy   *proxy
}

// bench prepares everything, measures and prints. A measurement that fails does not keep the others from being printed.
func (o *options) bench(ctx context.Context) (err error) {
	b := &bench{options: o}
	if b.work, err = os.MkdirTemp("", "vmdeck-bench-"); err != nil {
		return fmt.Errorf("make a folder for the bench: %w", err)
	}
	defer os.RemoveAll(b.work)
	if o.use != "" {
		b.control = &control{program: o.cluster, dir: o.use}
	} else {
		say("starting a control plane with %d VMs", o.vms)
		if b.control, err = startCluster(ctx, o.cluster, b.work, o.vms); err != nil {
			return err
		}
		defer b.control.stop()
	}
	found, err := b.control.status(ctx)
	if err != nil {
		return err
	}
	if b.api, err = newAPI(found.Kubeconfig); err != nil {
		return err
	}
	say("waiting until it is at rest")
	if err := b.api.ready(ctx); err != nil {
		return err
	}
	if err := b.control.settle(ctx); err != nil {
		return err
	}
	before := load()
	err = b.measure(ctx)
	if len(b.report.results) == 0 {
		return err
	}
	fmt.Printf("%s, %d cores, %s, %s; load before the run %s\n\n", machine(), runtime.NumCPU(), runtime.Version(), linked(o.cluster), before)
	return errors.Join(err, b.report.print(os.Stdout))
}

func (b *bench) measure(ctx context.Context) error {
	defer b.closeCounted()
	var failed []string
	for _, m := range measurements {
		if len(b.only) > 0 && !slices.Contains(b.only, m.name) {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		say("measuring: %s", m.name)
		if err := m.run(b, ctx); err != nil {
			say("%s failed: %v", m.name, err)
			failed = append(failed, m.name)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("what failed: %s; see above", strings.Join(failed, ", "))
	}
	return nil
}

// often is how often or how long something is measured.
func often[T any](b *bench, thorough, quick T) T {
	if b.quick {
		return quick
	}
	return thorough
}

var began = time.Now()

// say reports progress with the time since the start.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%5.0fs  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
}

// pause waits, unless the bench ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
