package main

import (
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// proxy passes TCP connections on and counts their bytes, TLS and all: what a network between program and server would carry.
type proxy struct {
	listener net.Listener
	target   string
	up, down atomic.Int64 // to the server, from the server
	wg       sync.WaitGroup

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
}

// newProxy listens on a free port of the loopback interface.
func newProxy(target string) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the counted connections: %w", err)
	}
	p := &proxy{listener: l, target: target, open: map[net.Conn]struct{}{}}
	p.wg.Go(p.accept)
	return p, nil
}

// addr is where to connect to.
func (p *proxy) addr() string { return p.listener.Addr().String() }

// count returns the bytes so far, both ways.
func (p *proxy) count() int64 { return p.up.Load() + p.down.Load() }

func (p *proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.serve(c) })
	}
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer server.Close()
	if !p.keep(client, server) {
		return
	}
	defer p.forget(client, server)
	var wg sync.WaitGroup
	wg.Go(func() { pass(server, client, &p.up) })
	wg.Go(func() { pass(client, server, &p.down) })
	wg.Wait()
}

// pass copies one way. When it ends the other way has to end too, which closing both sees to.
func pass(to, from net.Conn, n *atomic.Int64) {
	_, _ = io.Copy(to, &counter{from, n})
	to.Close()
	from.Close()
}

type counter struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func (p *proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.open[c] = struct{}{}
	}
	return !p.closed
}

func (p *proxy) forget(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		delete(p.open, c)
	}
}

// close ends all connections.
func (p *proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	p.closed = true
	for c := range p.open {
		c.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
}
