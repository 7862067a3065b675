// Package cluster brings a cluster up and down: which part is started when, what is installed in between, and what is
// said about it.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"vmdeck/testdata/cluster/internal/install"
	"vmdeck/testdata/cluster/internal/parts"
	"vmdeck/testdata/cluster/internal/pki"
	"vmdeck/testdata/cluster/internal/seed"
	"vmdeck/testdata/cluster/internal/state"
)

// Options of Up.
type Options struct {
	Dir      string
	PortBase int
	// PortsGiven says that PortBase was asked for, so that a cluster on other ports is not what is wanted.
	PortsGiven bool
	Fresh      bool
	Seed       string
	Personas   []byte
	Out        io.Writer
}

// needSpace is what an empty cluster and its logs may come to.
const needSpace = 512 << 20

// upper brings one cluster up.
type upper struct {
	Options
	folder *state.Folder
	begun  time.Time

	// started are the parts this command started: when it fails they are stopped again. ended tells when one is gone.
	started []string
	ended   map[string]<-chan struct{}
}

// Up brings a cluster up, as much of it as is missing. When it fails, nothing it started is left running.
func Up(ctx context.Context, o Options) (err error) {
	u := &upper{Options: o, begun: time.Now(), ended: map[string]<-chan struct{}{}}
	bulk, demo, err := seed.Parse(o.Seed)
	if err != nil {
		return err
	}
	if o.Fresh {
		if err := Down(o.Dir, true, io.Discard); err != nil {
			return err
		}
	}
	if err := u.open(bulk > 0); err != nil {
		return err
	}
	defer u.folder.Unlock()
	defer func() {
		if err != nil {
			u.undo()
		}
	}()

	already, err := u.bringUp(ctx)
	if err != nil {
		return err
	}
	if already {
		u.say("the cluster in %s is already running", u.folder.Dir)
	}
	switch {
	case demo:
		u.say("seeding the demo's VMs")
		if err := seed.Demo(ctx, u.folder, u.say); err != nil {
			return err
		}
	case bulk > 0:
		if err := u.load(ctx, bulk); err != nil {
			return err
		}
	}
	if !already {
		u.say("the cluster is up; its kubeconfig is %s", u.folder.Kubeconfig())
	}
	return nil
}

// open the state folder, and fill it when there is no cluster yet.
func (u *upper) open(bulk bool) error {
	f, err := state.Open(u.Dir)
	if err != nil && !errors.Is(err, state.ErrNone) {
		return err
	}
	u.folder = f
	fresh := err != nil
	if err := f.Create(); err != nil {
		return err
	}
	if err := f.Lock(); err != nil {
		return err
	}
	if err := f.CheckSpace(needSpace); err != nil {
		return err
	}
	if fresh {
		f.Config = state.Config{Version: state.Version, Mode: state.Full, PortBase: u.PortBase}
		if bulk {
			f.Config.Mode = state.Stored
		}
		if f.Config.Ports, err = state.PortsFrom(u.PortBase); err != nil {
			return err
		}
	}
	if bulk != (f.Config.Mode == state.Stored) && (bulk || u.Seed != "") {
		return fmt.Errorf("the cluster in %s is of another kind (%s); use --fresh or another --dir", f.Dir, f.Config.Mode)
	}
	if !fresh && u.PortsGiven && u.PortBase != f.Config.PortBase {
		if running := u.running(); len(running) > 0 {
			return fmt.Errorf("the cluster in %s runs on ports from %d; use `down` first to move it to %d", f.Dir, f.Config.Ports[state.Etcd], u.PortBase)
		}
		f.Config.PortBase = u.PortBase
		if f.Config.Ports, err = state.PortsFrom(u.PortBase); err != nil {
			return err
		}
	}
	if err := pki.Ensure(f); err != nil {
		return err
	}
	tokens, err := f.Tokens()
	if err != nil {
		return err
	}
	if err := f.WriteTokenFile(tokens); err != nil {
		return err
	}
	if err := f.WriteKubeconfigs(tokens); err != nil {
		return err
	}
	return f.Save()
}

func (u *upper) running() (names []string) {
	for _, name := range u.folder.Config.Mode.Parts() {
		if parts.Process(u.folder, name).Pid() != 0 {
			names = append(names, name)
		}
	}
	return names
}

// bringUp starts what is missing and says whether nothing was.
func (u *upper) bringUp(ctx context.Context) (already bool, err error) {
	full := u.folder.Config.Mode == state.Full
	// Looked at before anything starts: a port that is taken would only come to light at the part it belongs to.
	for _, name := range u.folder.Config.Mode.Parts() {
		if parts.Process(u.folder, name).Pid() == 0 {
			if err := u.folder.CheckFree(name); err != nil {
				return false, err
			}
		}
	}
	// Each process takes a while before it does anything, and the API server waits for etcd by itself.
	if err := u.ensure(ctx, state.Etcd, state.APIServer); err != nil {
		return false, err
	}
	// These two find whatever is installed later.
	helpers := []string{state.Controllers}
	if full {
		helpers = append(helpers, state.Simulator)
	}
	if err := u.start(helpers...); err != nil {
		return false, err
	}
	in, err := install.New(u.folder, u.Personas)
	if err != nil {
		return false, err
	}
	needed, err := in.Needed(ctx)
	if err != nil {
		return false, err
	}
	if needed {
		u.say("installing KubeVirt %s", state.KubeVirtVersion)
		if err := in.Base(ctx); err != nil {
			return false, err
		}
	}
	if full {
		if err := u.freeLease(ctx); err != nil {
			return false, err
		}
		helpers = append(helpers, state.VirtAPI, state.VirtController)
	}
	if err := u.ensure(ctx, helpers...); err != nil {
		return false, err
	}
	if full {
		if needed {
			u.say("registering virt-api with the API server")
			if err := in.Routes(ctx); err != nil {
				return false, err
			}
		}
		if needed || len(u.started) > 0 {
			u.say("waiting until a VM could be started")
		}
		if err := in.Usable(ctx); err != nil {
			return false, err
		}
	}
	if needed {
		if err := in.Done(ctx); err != nil {
			return false, err
		}
	}
	return !needed && len(u.started) == 0, nil
}

// freeLease takes virt-controller's lease away from a process that is gone: it is long, so that stopping the API server
// does not end virt-controller, and on a machine with another name it would have to run out.
func (u *upper) freeLease(ctx context.Context) error {
	if parts.Process(u.folder, state.VirtController).Pid() != 0 {
		return nil
	}
	cfg, err := u.folder.RESTConfig(state.Operator)
	if err != nil {
		return err
	}
	kube, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return err
	}
	err = kube.CoordinationV1().Leases(state.KubeVirtNamespace).Delete(ctx, state.VirtController, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// startLimit is how long a part may take to become healthy, on a slow and busy machine.
const startLimit = 3 * time.Minute

// start starts those of the parts that do not run.
func (u *upper) start(names ...string) error {
	var starting []string
	for _, name := range names {
		if parts.Process(u.folder, name).Pid() != 0 {
			continue
		}
		if err := u.folder.CheckFree(name); err != nil {
			return err
		}
		c, err := parts.Start(u.folder, name)
		if err != nil {
			return err
		}
		u.started = append(u.started, name)
		u.ended[name] = c
		starting = append(starting, name)
	}
	if len(starting) > 0 {
		u.say("starting %s", strings.Join(starting, ", "))
	}
	return nil
}

// ensure starts those of the parts that do not run and waits until all are healthy.
func (u *upper) ensure(ctx context.Context, names ...string) error {
	if err := u.start(names...); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	var wg sync.WaitGroup
	errs := make([]error, len(names))
	for i, name := range names {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if errs[i] = waitHealthy(ctx, u.folder, name, u.ended[name]); errs[i] != nil {
				cancel() // the others need not be waited for
			}
		}()
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return errors.Join(errs...)
}

// waitHealthy waits for a part; ended, when known, tells that its process is gone.
func waitHealthy(ctx context.Context, f *state.Folder, name string, ended <-chan struct{}) error {
	p := parts.Process(f, name)
	for {
		err := parts.Healthy(ctx, f, name)
		if err == nil {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("%s ended while it was starting; the end of its log %s:\n%s", name, p.LogFile, p.LastWords(5))
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return ctx.Err()
			}
			return fmt.Errorf("%s does not become healthy (%v); see its log %s", name, err, p.LogFile)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// undo stops what this command started, in reverse.
func (u *upper) undo() {
	if len(u.started) == 0 {
		return
	}
	for i := len(u.started) - 1; i >= 0; i-- {
		name := u.started[i]
		parts.Process(u.folder, name).Stop(parts.Grace(name))
	}
	u.say("stopped again what was started: %s", strings.Join(u.started, ", "))
}

// load stores n VMs, once.
func (u *upper) load(ctx context.Context, n int) error {
	if u.folder.Config.Seeded == n {
		u.say("%d VMs are stored already", n)
		return nil
	}
	u.say("storing %d VMs and %d VMIs", n, n/2)
	if err := seed.Bulk(ctx, u.folder, n, u.say); err != nil {
		return err
	}
	u.folder.Config.Seeded = n
	return u.folder.Save()
}

// say reports progress with the time it took so far.
func (u *upper) say(format string, args ...any) {
	out := u.Out
	if out == nil {
		out = os.Stderr
	}
	fmt.Fprintf(out, "%5.1fs  %s\n", time.Since(u.begun).Seconds(), fmt.Sprintf(format, args...))
}
