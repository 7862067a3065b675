package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"text/tabwriter"

	"vmdeck/testdata/cluster/internal/parts"
	"vmdeck/testdata/cluster/internal/state"
)

// Down stops all parts, those first that use the others. purge also removes the state folder.
func Down(dir string, purge bool, out io.Writer) error {
	f, err := state.Open(dir)
	if errors.Is(err, state.ErrNone) {
		if !purge {
			fmt.Fprintf(out, "there is no cluster in %s\n", f.Dir)
		}
		return nil
	}
	if err != nil {
		if !purge {
			return err
		}
		// A state of another version is being thrown away; its processes are found by their pid files all the same.
		f, err = forgotten(dir)
		if err != nil {
			return err
		}
	}
	if err := f.Lock(); err != nil {
		return err
	}
	defer f.Unlock()
	for _, group := range [][]string{
		{state.Simulator, state.VirtController, state.VirtAPI, state.Controllers},
		{state.APIServer},
		{state.Etcd},
	} {
		if err := stopAll(f, group, out); err != nil {
			return err
		}
	}
	if !purge {
		return nil
	}
	// Only what this program put there: somebody may have pointed --dir at a folder of their own.
	for _, name := range []string{"etcd", "run", "logs", "pki", "kubeconfigs", "kubeconfig", "tokens.csv", "tokens.json", "cluster.json", "lock"} {
		if err := os.RemoveAll(f.Path(name)); err != nil {
			return fmt.Errorf("cannot remove the cluster's state: %w", err)
		}
	}
	os.Remove(f.Dir) // when nothing else is in it
	fmt.Fprintf(out, "removed the state in %s\n", f.Dir)
	return nil
}

// forgotten is a folder whose cluster.json cannot be used.
func forgotten(dir string) (*state.Folder, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	f := &state.Folder{Dir: dir}
	return f, f.Create()
}

func stopAll(f *state.Folder, names []string, out io.Writer) error {
	var wg sync.WaitGroup
	errs := make([]error, len(names))
	for i, name := range names {
		p := parts.Process(f, name)
		if p.Pid() == 0 {
			continue
		}
		fmt.Fprintf(out, "stopping %s\n", name)
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = p.Stop(parts.Grace(name))
		}()
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Stop ends one part and leaves the others to cope.
func Stop(dir, name string, out io.Writer) error {
	f, err := openPart(dir, name)
	if err != nil {
		return err
	}
	if parts.Process(f, name).Pid() == 0 {
		fmt.Fprintf(out, "%s is not running\n", name)
		return nil
	}
	return stopAll(f, []string{name}, out)
}

// Start brings one part back and waits until it is healthy.
func Start(ctx context.Context, dir, name string, out io.Writer) error {
	f, err := openPart(dir, name)
	if err != nil {
		return err
	}
	if err := f.Lock(); err != nil {
		return err
	}
	defer f.Unlock()
	u := &upper{Options: Options{Out: io.Discard}, folder: f, ended: map[string]<-chan struct{}{}}
	if parts.Process(f, name).Pid() != 0 {
		fmt.Fprintf(out, "%s is already running\n", name)
	} else {
		fmt.Fprintf(out, "starting %s\n", name)
	}
	if err := u.ensure(ctx, name); err != nil {
		u.undo()
		return err
	}
	return nil
}

func openPart(dir, name string) (*state.Folder, error) {
	f, err := state.Open(dir)
	if errors.Is(err, state.ErrNone) {
		return nil, fmt.Errorf("there is no cluster in %s", f.Dir)
	}
	if err != nil {
		return nil, err
	}
	if !slices.Contains(f.Config.Mode.Parts(), name) {
		return nil, fmt.Errorf("there is no part called %q; the parts are %v", name, f.Config.Mode.Parts())
	}
	return f, nil
}

// PartStatus is one line of Status.
type PartStatus struct {
	Name    string `json:"name"`
	Pid     int    `json:"pid"`
	Port    int    `json:"port"`
	Healthy bool   `json:"healthy"`
	Problem string `json:"problem,omitempty"`
}

// Report is the answer of Status.
type Report struct {
	Dir        string       `json:"dir"`
	Mode       state.Mode   `json:"mode,omitempty"`
	Kubeconfig string       `json:"kubeconfig,omitempty"`
	Healthy    bool         `json:"healthy"`
	Parts      []PartStatus `json:"parts"`
}

// Status tells of every part whether it is well, and whether all are.
func Status(ctx context.Context, dir string, asJSON bool, out io.Writer) (bool, error) {
	f, err := state.Open(dir)
	if err != nil && !errors.Is(err, state.ErrNone) {
		return false, err
	}
	r := Report{Dir: f.Dir, Parts: []PartStatus{}}
	if err == nil {
		r.Mode, r.Kubeconfig = f.Config.Mode, f.Kubeconfig()
		r.Parts, r.Healthy = partStatus(ctx, f)
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return r.Healthy, enc.Encode(r)
	}
	if err != nil {
		fmt.Fprintf(out, "there is no cluster in %s\n", f.Dir)
		return false, nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PART\tPID\tPORT\tSTATE")
	for _, p := range r.Parts {
		pid, how := fmt.Sprint(p.Pid), "healthy"
		if p.Pid == 0 {
			pid, how = "-", "stopped"
		} else if !p.Healthy {
			how = p.Problem
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", p.Name, pid, p.Port, how)
	}
	return r.Healthy, w.Flush()
}

func partStatus(ctx context.Context, f *state.Folder) ([]PartStatus, bool) {
	names := f.Config.Mode.Parts()
	out := make([]PartStatus, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Add(1)
		go func() {
			defer wg.Done()
			p := PartStatus{Name: name, Pid: parts.Process(f, name).Pid(), Port: f.Port(name)}
			if p.Pid == 0 {
				p.Problem = "stopped"
			} else if err := parts.Healthy(ctx, f, name); err != nil {
				p.Problem = err.Error()
			} else {
				p.Healthy = true
			}
			out[i] = p
		}()
	}
	wg.Wait()
	all := true
	for _, p := range out {
		all = all && p.Healthy
	}
	return out, all
}
