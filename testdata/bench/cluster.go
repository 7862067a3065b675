package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// control is a control plane with many stored VMs.
type control struct {
	program string
	dir     string
	minder  *minder // nil for a control plane that is not the bench's own
}

// linked says which Kubernetes and KubeVirt are in the control plane's program; its API does not know.
func linked(program string) string {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return "unknown versions of Kubernetes and KubeVirt"
	}
	var found []string
	for _, dep := range info.Deps {
		for path, name := range map[string]string{"k8s.io/kubernetes": "Kubernetes", "kubevirt.io/kubevirt": "KubeVirt"} {
			if dep.Path == path {
				found = append(found, name+" "+dep.Version)
			}
		}
	}
	return strings.Join(found, ", ")
}

// startCluster brings one up, in a folder of its own.
func startCluster(ctx context.Context, program, work string, vms int) (*control, error) {
	c := &control{program: program, dir: filepath.Join(work, "cluster")}
	var err error
	if c.minder, err = startMinder(program, c.dir); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, "up", "--dir", c.dir, "--port-base", "0", "--seed", strconv.Itoa(vms))
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	// Interrupted, it stops again what it has started; cut short, the minder does.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = 30 * time.Second
	if err := cmd.Run(); err != nil {
		c.stop()
		return nil, fmt.Errorf("start the control plane: %w", err)
	}
	return c, nil
}

// stop ends the control plane and removes what it stored.
func (c *control) stop() {
	if c.minder != nil {
		c.minder.release()
	}
}

// status is what the control plane's program says about it.
type status struct {
	Kubeconfig string `json:"kubeconfig"`
	Parts      []struct {
		PID int `json:"pid"`
	} `json:"parts"`
}

func (c *control) status(ctx context.Context) (status, error) {
	var s status
	out, err := exec.CommandContext(ctx, c.program, "status", "--dir", c.dir, "-o", "json").Output()
	if err == nil {
		err = json.Unmarshal(out, &s)
	}
	if err != nil {
		return s, fmt.Errorf("ask for the control plane's state: %w", err)
	}
	return s, nil
}

// A control plane is at rest when it uses less than a tenth of a core.
const (
	restSpan  = 4 * time.Second
	restShare = 0.1
	restLimit = 4 * time.Minute
)

// settle waits until the control plane is at rest: for a minute or two after its start it reads what is stored into its caches, and
// what is measured meanwhile says nothing.
func (c *control) settle(ctx context.Context) error {
	s, err := c.status(ctx)
	if err != nil {
		return err
	}
	for end := time.Now().Add(restLimit); ; {
		before, err := s.cpu()
		if err != nil {
			return err
		}
		if err := pause(ctx, restSpan); err != nil {
			return err
		}
		after, err := s.cpu()
		if err != nil {
			return err
		}
		share := float64(after-before) / float64(restSpan)
		if share < restShare {
			return nil
		}
		if time.Now().After(end) {
			say("the control plane does not come to rest, it uses %.1f cores; the numbers will show it", share)
			return nil
		}
	}
}

// cpu is what all parts have used so far.
func (s *status) cpu() (time.Duration, error) {
	var sum time.Duration
	for _, part := range s.Parts {
		used, err := cpuTime(part.PID)
		if err != nil {
			return 0, err
		}
		sum += used
	}
	return sum, nil
}

// churn changes statuses of stored VMs, directly in the store, until it is told to stop. The function that it returns does that and
// says how many changes there were.
func (c *control) churn(ctx context.Context, rate int, most time.Duration) (stop func() (int64, error), err error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, c.program, "churn", "--dir", c.dir, "--rate", strconv.Itoa(rate), "--duration", most.String())
	lines := &lineCounter{}
	var faults bytes.Buffer
	cmd.Stdout, cmd.Stderr = lines, &faults
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("start the changes: %w", err)
	}
	return func() (int64, error) {
		cancel()
		_ = cmd.Wait() // it was interrupted
		if lines.n.Load() == 0 {
			return 0, fmt.Errorf("there were no changes: %s", bytes.TrimSpace(faults.Bytes()))
		}
		return lines.n.Load(), nil
	}, nil
}

type lineCounter struct{ n atomic.Int64 }

func (l *lineCounter) Write(p []byte) (int, error) {
	l.n.Add(int64(bytes.Count(p, []byte{'\n'})))
	return len(p), nil
}

// minder is a second process of this program that outlives the bench, however that ends, and stops the control plane then.
type minder struct {
	cmd  *exec.Cmd
	pipe io.Closer
}

// minderCommand is the first argument of a minder.
const minderCommand = "minder"

func startMinder(program, dir string) (*minder, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	m := &minder{cmd: exec.Command(self, minderCommand, program, dir)}
	m.cmd.Stderr = os.Stderr
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // Ctrl-C is not for it
	if m.pipe, err = m.cmd.StdinPipe(); err == nil {
		err = m.cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start the process that stops the control plane: %w", err)
	}
	return m, nil
}

// release makes the minder do its work, and waits for it.
func (m *minder) release() {
	m.pipe.Close()
	_ = m.cmd.Wait() // it has said what went wrong
}

// mind is a minder's whole life.
func mind(program, dir string) error {
	_, _ = io.Copy(io.Discard, os.Stdin)
	var out []byte
	var err error
	for range 30 { // while an interrupted start is still at work, it is refused
		if out, err = exec.Command(program, "down", "--dir", dir, "--purge").CombinedOutput(); err == nil {
			break
		}
		time.Sleep(2 * time.Second)
	}
	if err != nil {
		return fmt.Errorf("stop the control plane in %s: %w: %s", dir, err, bytes.TrimSpace(out))
	}
	// The folder above is the bench's; it goes when nothing else is left in it.
	if err := os.RemoveAll(filepath.Dir(dir)); err != nil {
		return fmt.Errorf("remove the bench's files: %w", err)
	}
	return nil
}
