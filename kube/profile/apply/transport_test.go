package apply

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// wire answers requests as a test wishes.
type wire func(*http.Request) (*http.Response, error)

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) { return w(r) }

var (
	refused = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	reset   = &net.OpError{Op: "read", Err: syscall.ECONNRESET}
)

func ok() *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(""))}
}

func TestRequestsOutliveAnOutage(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		err    error
		again  bool
	}{
		"a change that may have arrived":      {http.MethodPatch, reset, true},
		"a creation that never arrived":       {http.MethodPost, refused, true},
		"a creation that may have arrived":    {http.MethodPost, reset, false},
		"something wrong on our side":         {http.MethodGet, errors.New("x509: certificate signed by unknown authority"), false},
		"a read over a connection that broke": {http.MethodGet, io.ErrUnexpectedEOF, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin, bodies := time.Now(), ""
				told := []string{}
				carry := &carrier{
					ctx: t.Context(), away: &atomic.Bool{},
					outage: func(err error) { told = append(told, map[bool]string{true: "back", false: "gone"}[err == nil]) },
					base: wire(func(r *http.Request) (*http.Response, error) {
						if r.Body != nil {
							data, _ := io.ReadAll(r.Body)
							bodies += string(data) + ";"
						}
						if time.Since(begin) < time.Minute {
							return nil, c.err
						}
						return ok(), nil
					}),
				}
				req, _ := http.NewRequestWithContext(t.Context(), c.method, "https://server/api", strings.NewReader("body"))
				resp, err := carry.RoundTrip(req)
				if c.again != (err == nil) {
					t.Fatalf("the request ends with %v", err)
				}
				if !c.again {
					return
				}
				resp.Body.Close()
				if bodies != "body;body;" || strings.Join(told, " ") != "gone back" || time.Since(begin) > 70*time.Second {
					t.Errorf("sent %s, told %v, after %s", bodies, told, time.Since(begin))
				}
			})
		})
	}
}

func TestOutageEndsWithTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		carry := &carrier{
			ctx: ctx, away: &atomic.Bool{}, outage: func(error) {},
			base: wire(func(*http.Request) (*http.Response, error) { return nil, refused }),
		}
		begin := time.Now()
		req, _ := http.NewRequest(http.MethodGet, "https://server/api", nil)
		if _, err := carry.RoundTrip(req); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Minute {
			t.Errorf("ends with %v after %s", err, time.Since(begin))
		}
	})
}
