package apply

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	utilnet "k8s.io/apimachinery/pkg/util/net"

	vmdeck "vmdeck.dev/vmdeck/kube"
)

// carrier binds requests to a context, because Helm makes most of them without one, and carries them over an outage of the API server.
type carrier struct {
	ctx  context.Context
	base http.RoundTripper
	// outage hears that the server does not answer, and with nil that it does again. Without it nothing is tried twice.
	outage func(error)
	away   *atomic.Bool // shared, so that one outage is told once
}

func (c *carrier) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	stop := context.AfterFunc(c.ctx, cancel)
	done := func() { stop(); cancel() }
	resp, err := c.try(req.WithContext(ctx))
	if err != nil {
		done()
		if c.ctx.Err() != nil {
			err = c.ctx.Err()
		}
		return nil, err
	}
	resp.Body = &body{resp.Body, done}
	return resp, nil
}

// body ends the binding of a request when its answer has been read.
type body struct {
	io.ReadCloser
	done func()
}

func (b *body) Close() error {
	b.done()
	return b.ReadCloser.Close()
}

// try repeats a request for as long as the server cannot be reached and repeating is harmless.
func (c *carrier) try(req *http.Request) (*http.Response, error) {
	for {
		resp, err := c.base.RoundTrip(req)
		if err == nil || c.outage == nil || req.Context().Err() != nil || !repeatable(req, err) {
			return resp, err
		}
		if c.away.CompareAndSwap(false, true) {
			c.outage(err)
		}
		if c.await(req) != nil {
			return nil, err
		}
		if c.away.CompareAndSwap(true, false) {
			c.outage(nil)
		}
		next := req.Clone(req.Context())
		if req.GetBody != nil {
			if next.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
		req = next
	}
}

// repeatable tells whether a request that failed on its way may be sent again: one that never arrived, and one that does no more the second
// time. Creating is not among them, because it may have happened.
func repeatable(req *http.Request, err error) bool {
	if req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		return false
	}
	var call *net.OpError
	if errors.As(err, &call) && call.Op == "dial" {
		return true
	}
	lost := utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) || utilnet.IsHTTP2ConnectionLost(err)
	return lost && req.Method != http.MethodPost
}

// await returns when the server says that it is ready. One that has just started refuses what it will allow a moment later.
func (c *carrier) await(req *http.Request) error {
	var pause vmdeck.Backoff
	for {
		timer := time.NewTimer(min(pause.Next(), 3*time.Second))
		select {
		case <-req.Context().Done():
			timer.Stop()
			return req.Context().Err()
		case <-timer.C:
		}
		ctx, cancel := context.WithTimeout(req.Context(), vmdeck.CallTimeout)
		ready := c.ready(req.Clone(ctx))
		cancel()
		if ready {
			return nil
		}
	}
}

func (c *carrier) ready(req *http.Request) bool {
	req.Method, req.Body, req.ContentLength = http.MethodGet, nil, 0
	address := *req.URL
	address.Path, address.RawPath, address.RawQuery = "/readyz", "", ""
	req.URL = &address
	resp, err := c.base.RoundTrip(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode < http.StatusInternalServerError
}
