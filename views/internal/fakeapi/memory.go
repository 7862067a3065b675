package fakeapi

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"

	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
)

// Token is what clients of the server log in with, so that tests can look for where it must not be.
const Token = "t0ken-that-must-not-show"

// Config is how a client reaches the server in memory.
func (s *Server) Config() *rest.Config {
	return &rest.Config{Host: "https://api.demo.example:6443", BearerToken: Token, QPS: -1, Transport: (*memory)(s)}
}

// Connect returns a connection to the server in memory.
func (s *Server) Connect(t testing.TB, target kube.Target) *kube.Cluster {
	t.Helper()
	cluster, err := kube.Connect(t.Context(), s.Config(), target)
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

// memory is a connection without a network. Unlike a recorder's, its answers arrive while they are written.
type memory Server

var (
	address   = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 10), Port: 6443}
	errNoDial = &net.OpError{Op: "dial", Net: "tcp", Addr: address, Err: syscall.ECONNREFUSED}
	errCut    = &net.OpError{Op: "read", Net: "tcp", Addr: address, Err: syscall.ECONNRESET}
)

func (m *memory) RoundTrip(r *http.Request) (*http.Response, error) {
	s := (*Server)(m)
	s.mu.Lock()
	down := s.faults.down
	s.mu.Unlock()
	if down {
		return nil, errNoDial
	}
	ctx, cancel := context.WithCancel(r.Context())
	read, write := io.Pipe()
	a := &memoryAnswer{header: http.Header{}, body: write, begun: make(chan int, 1)}
	stop := context.AfterFunc(ctx, func() { _ = write.CloseWithError(context.Canceled) })
	if r = r.Clone(ctx); r.Body == nil {
		r.Body = http.NoBody
	}
	go func() {
		defer stop()
		defer func() {
			if fault := recover(); fault != nil && !errors.Is(fault.(error), http.ErrAbortHandler) {
				panic(fault)
			} else if fault != nil {
				_ = write.CloseWithError(errCut)
				close(a.begun)
				return
			}
			a.WriteHeader(http.StatusOK)
			_ = write.Close()
		}()
		s.ServeHTTP(a, r)
	}()
	select {
	case code, ok := <-a.begun:
		if !ok {
			cancel()
			return nil, errCut
		}
		return &http.Response{Status: http.StatusText(code), StatusCode: code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: a.header.Clone(), Body: &memoryBody{read, cancel}, Request: r, ContentLength: -1}, nil
	case <-ctx.Done():
		cancel()
		return nil, r.Context().Err()
	}
}

// memoryAnswer is the server's side of an answer.
type memoryAnswer struct {
	header http.Header
	body   *io.PipeWriter
	begun  chan int
	once   sync.Once
}

func (a *memoryAnswer) Header() http.Header { return a.header }

func (a *memoryAnswer) WriteHeader(code int) { a.once.Do(func() { a.begun <- code }) }

func (a *memoryAnswer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func (a *memoryAnswer) Flush() { a.WriteHeader(http.StatusOK) }

// memoryBody is the client's side; closing it tells the server that the client has gone.
type memoryBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b *memoryBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}
