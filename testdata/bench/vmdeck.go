package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// loadLimit is how long all rows may take to appear.
const loadLimit = 90 * time.Second

// launch starts vmdeck on a kubeconfig.
func (b *bench) launch(kubeconfig string) (*session, error) {
	home := filepath.Join(b.work, "home")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("make a home for vmdeck: %w", err)
	}
	return open(home, b.vmdeck, "--kubeconfig", kubeconfig, "--context", contextName, "--all-namespaces")
}

// rowShown says whether a VM's row is on the screen.
func rowShown(names []string) func(*screen) bool {
	return func(s *screen) bool {
		for y := 1; y < s.h-1; y++ {
			line := s.line(y)
			for _, name := range names {
				if strings.Contains(line, name) {
					return true
				}
			}
		}
		return false
	}
}

// allShown says whether the header counts all VMs, and no longer says that they are being loaded.
func allShown(total int) func(*screen) bool {
	count := fmt.Sprintf(" %d VMs", total)
	return func(s *screen) bool {
		header := s.line(0)
		return strings.Contains(header, count) && !strings.Contains(header, "loading")
	}
}

// counting returns a vmdeck that shows everything and whose connections are counted. All measurements but that of the start share it,
// as a person would leave it open.
func (b *bench) counting(ctx context.Context) (*session, error) {
	if b.counted != nil {
		return b.counted, nil
	}
	p, err := newProxy(b.api.host)
	if err != nil {
		return nil, err
	}
	b.proxy = p
	kubeconfig := filepath.Join(b.work, "kubeconfig")
	if err := b.api.writeKubeconfig(kubeconfig, p.addr()); err != nil {
		return nil, err
	}
	s, err := b.launch(kubeconfig)
	if err != nil {
		return nil, err
	}
	b.counted = s
	if _, err := s.wait(ctx, loadLimit, "all rows", allShown(b.vms)); err != nil {
		return nil, err
	}
	return s, nil
}

func (b *bench) closeCounted() {
	if b.counted != nil {
		b.counted.close()
	}
	if b.proxy != nil {
		b.proxy.close()
	}
}
