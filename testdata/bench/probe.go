package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The probe is a VM of the bench's own. Its name puts it into the list's first row.
const (
	probeName      = "0-probe"
	probeNamespace = "default"
)

// probeStatuses are what the probe's status changes to, in turn: words that are found nowhere else in its row.
var probeStatuses = []string{"Starting", "Running", "Paused", "Stopping", "Stopped"}

// probe changes one VM through the API server and waits until the change is seen.
type probe struct {
	api    *api
	client *http.Client

	mu   sync.Mutex
	want []byte // the part of an event that shows the change
	seen chan time.Time
}

// newProbe creates the VM.
func newProbe(ctx context.Context, a *api) (*probe, error) {
	p := &probe{api: a, client: a.client()}
	object := map[string]any{
		"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
		"metadata": map[string]any{"name": probeName, "namespace": probeNamespace},
		"spec": map[string]any{
			"runStrategy": "Manual",
			"template":    map[string]any{"spec": map[string]any{"domain": map[string]any{"devices": map[string]any{}}}},
		},
	}
	path := strings.Replace(machinesPath, "/virtualmachines", "/namespaces/"+probeNamespace+"/virtualmachines", 1)
	if err := a.send(ctx, p.client, http.MethodPost, path, "application/json", object); err != nil {
		return nil, fmt.Errorf("create the probe: %w", err)
	}
	return p, nil
}

func (p *probe) path() string {
	return strings.Replace(machinesPath, "/virtualmachines", "/namespaces/"+probeNamespace+"/virtualmachines/"+probeName, 1)
}

// remove deletes the VM, on a control plane that outlives the bench.
func (p *probe) remove() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := p.api.send(ctx, p.client, http.MethodDelete, p.path(), "", nil); err != nil {
		say("the probe %s/%s is left over: %v", probeNamespace, probeName, err)
	}
	p.client.CloseIdleConnections()
}

// event is given every event of the bare watch.
func (p *probe) event(line []byte, at time.Time) {
	if !bytes.Contains(line, []byte(`"name":"`+probeName+`"`)) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.want != nil && bytes.Contains(line, p.want) {
		p.want = nil
		p.seen <- at
	}
}

// expect begins to look for a status among the events.
func (p *probe) expect(status string) <-chan time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.want, p.seen = []byte(`"printableStatus":"`+status+`"`), make(chan time.Time, 1)
	return p.seen
}

// set gives the VM a status, as virt-controller would.
func (p *probe) set(ctx context.Context, status string) error {
	patch := map[string]any{"status": map[string]any{"printableStatus": status}}
	err := p.api.send(ctx, p.client, http.MethodPatch, p.path()+"/status", "application/merge-patch+json", patch)
	if err != nil {
		return fmt.Errorf("change the probe: %w", err)
	}
	return nil
}

// probeShows says whether the probe's row shows a status.
func probeShows(status string) func(*screen) bool {
	return func(s *screen) bool {
		for y := 1; y < 8; y++ {
			if line := s.line(y); strings.Contains(line, probeName) && strings.Contains(line, status) {
				return true
			}
		}
		return false
	}
}
