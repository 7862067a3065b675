package kube

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestHealthStates(t *testing.T) {
	lost := fmt.Errorf("list: %w", context.DeadlineExceeded)
	expired := apierrors.NewUnauthorized("Unauthorized")
	tests := []struct {
		name   string
		reason error
		before []error
		want   State
	}{
		{"answer", nil, nil, Live},
		{"a refusal is an answer", apierrors.NewForbidden(schema.GroupResource{}, "", nil), []error{lost}, Live},
		{"a missing object is an answer", apierrors.NewNotFound(schema.GroupResource{}, "x"), []error{lost}, Live},
		{"a failure on the server is an answer", apierrors.NewInternalError(errors.New("x")), []error{lost}, Live},
		{"silence", lost, []error{nil}, Lost},
		{"rejected login", expired, []error{nil}, Expired},
		{"throttled", apierrors.NewTooManyRequests("x", 3), []error{nil}, Throttled},
		{"given up here", context.Canceled, []error{nil}, Live},
		{"a fault here proves nothing", errors.New("index out of range"), []error{lost}, Lost},
		{"503 proves nothing", apierrors.NewServiceUnavailable("x"), []error{lost}, Lost},
		{"back from expiry", nil, []error{expired}, Live},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := NewHealth(time.Now)
			for _, err := range tt.before {
				h.Report(err)
			}
			h.Report(tt.reason)
			status := h.Status()
			if status.State != tt.want {
				t.Errorf("state %v, want %v", status.State, tt.want)
			}
			if bad := tt.want != Live; bad != (status.Err != nil) || bad != (status.Reason != "") {
				t.Errorf("%v with error %v, reason %q", status.State, status.Err, status.Reason)
			}
		})
	}
}

func TestHealthKeepsTimes(t *testing.T) {
	now := time.Unix(1000, 0)
	h := NewHealth(func() time.Time { return now })
	pass := func(d time.Duration, err error) HealthStatus {
		now = now.Add(d)
		h.Report(err)
		return h.Status()
	}
	if s := h.Status(); s.State != Connecting || !s.LastOK.IsZero() {
		t.Fatalf("at first %+v", s)
	}
	pass(time.Second, nil)
	pass(time.Minute, context.DeadlineExceeded)
	s := pass(time.Minute, context.DeadlineExceeded)
	if want := time.Unix(1061, 0); !s.Since.Equal(want) || !s.LastOK.Equal(time.Unix(1001, 0)) {
		t.Errorf("lost since %v, last answer %v", s.Since, s.LastOK)
	}
}

// A call that client-go held back as the server had asked it to, until its time was over, does not mean that the line is dead.
func TestHealthPatience(t *testing.T) {
	now := time.Unix(1000, 0)
	h := NewHealth(func() time.Time { return now })
	for _, step := range []struct {
		after time.Duration
		err   error
		want  State
	}{
		{0, apierrors.NewTooManyRequests("x", 20), Throttled},
		{25 * time.Second, context.DeadlineExceeded, Throttled},
		{time.Second, apierrors.NewTooManyRequests("x", 20), Throttled},
		{29 * time.Second, context.DeadlineExceeded, Throttled},
		{2 * time.Second, context.DeadlineExceeded, Lost},
		{0, context.DeadlineExceeded, Lost},
		{0, apierrors.NewTooManyRequests("x", 20), Throttled},
		{0, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, Lost},
	} {
		now = now.Add(step.after)
		h.Report(step.err)
		if got := h.Status().State; got != step.want {
			t.Errorf("%v later, after %v: %v, want %v", step.after, step.err, got, step.want)
		}
	}
}

func TestHealthTellsChangesOnly(t *testing.T) {
	h := NewHealth(time.Now)
	var got []State
	cancel := h.Subscribe(func(s HealthStatus) { got = append(got, s.State) })
	for _, err := range []error{nil, nil, context.DeadlineExceeded, context.DeadlineExceeded, nil} {
		h.Report(err)
	}
	cancel()
	h.Report(context.DeadlineExceeded)
	if !slices.Equal(got, []State{Live, Lost, Live}) {
		t.Errorf("heard %v", got)
	}
}

func TestHealthWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHealth(time.Now)
		start := time.Now()
		if err := h.Wait(t.Context(), time.Minute); err != nil || time.Since(start) != time.Minute {
			t.Errorf("waited %s: %v", time.Since(start), err)
		}
		start = time.Now()
		done := make(chan error)
		go func() { done <- h.Wait(t.Context(), time.Hour) }()
		synctest.Wait()
		h.RetryNow()
		if err := <-done; err != nil || time.Since(start) != 0 {
			t.Errorf("RetryNow came after %s: %v", time.Since(start), err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := h.Wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled wait: %v", err)
		}
	})
}

func TestBackoff(t *testing.T) {
	for range 200 {
		var b Backoff
		low := MinBackoff
		for i := range 12 {
			d := b.Next()
			if d < low || d > min(2*low, MaxBackoff) {
				t.Fatalf("pause %d is %s, want from %s to %s", i, d, low, min(2*low, MaxBackoff))
			}
			low = min(2*low, MaxBackoff/2)
		}
		b.Reset()
		if d := b.Next(); d > 2*MinBackoff {
			t.Fatalf("after Reset %s", d)
		}
	}
	var b Backoff
	if d := b.After(apierrors.NewTooManyRequests("x", 45)); d != 45*time.Second {
		t.Errorf("the server asked for 45s, got %s", d)
	}
}
