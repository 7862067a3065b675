package kube

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/rbac"
)

// Kind is what went wrong, as far as it makes a difference to what the user or the program does next.
type Kind int

// The kinds of failure. KindNone is no failure.
const (
	KindNone Kind = iota
	// KindForbidden is a 403: the user lacks a permission.
	KindForbidden
	// KindUnauthorized is a 401 of kube-apiserver, or a credential plugin that failed: log in again.
	KindUnauthorized
	// KindVirtAPIDenied is virt-api's 401 with a plain-text reason (KubeVirt pkg/virt-api/api.go,
	// Compose): the login is fine, the permission is missing.
	KindVirtAPIDenied
	// KindNotFound is a 404 for an object.
	KindNotFound
	// KindNoKubeVirt is a 404 for a KubeVirt API group as a whole.
	KindNoKubeVirt
	// KindUnsupported is a 404 of virt-api for an operation this KubeVirt version does not have.
	KindUnsupported
	// KindConflict is a 409: the object is in a state, or has changed to one, that does not allow it.
	KindConflict
	// KindInvalid is a 400 or 422.
	KindInvalid
	// KindWebhookRefused is a refusal by an admission webhook, whatever its code; virt-api passes those
	// on as a 500.
	KindWebhookRefused
	// KindTooManyRequests is a 429; RetryAfter has the server's wish.
	KindTooManyRequests
	// KindTimeout is a deadline that passed, here or on the server.
	KindTimeout
	// KindUnreachable is a failure below HTTP: DNS, connection, TLS.
	KindUnreachable
	// KindAPIServiceUnavailable is a 503: the server behind the API group does not answer.
	KindAPIServiceUnavailable
	// KindGone is a 410: a resource version too old to watch from.
	KindGone
	// KindCanceled is a call that was given up here, on purpose.
	KindCanceled
	// KindInternal is any other failure.
	KindInternal
)

// Classify tells what kind of failure err is. It looks through wrapped errors.
func Classify(err error) Kind {
	switch {
	case err == nil:
		return KindNone
	case errors.Is(err, context.Canceled):
		return KindCanceled
	}
	if status := statusOf(err); status != nil {
		return classifyStatus(status)
	}
	return classifyTransport(err)
}

func classifyStatus(s *metav1.Status) Kind {
	err := &apierrors.StatusError{ErrStatus: *s}
	text := serverText(s)
	switch {
	case strings.Contains(text, "admission webhook") && strings.Contains(text, "denied the request"):
		return KindWebhookRefused
	case apierrors.IsUnauthorized(err):
		return classifyUnauthorized(s)
	case apierrors.IsForbidden(err):
		return KindForbidden
	case apierrors.IsNotFound(err):
		return classifyNotFound(s)
	case apierrors.IsConflict(err), apierrors.IsAlreadyExists(err), s.Code == 409:
		return KindConflict
	case apierrors.IsGone(err), apierrors.IsResourceExpired(err):
		return KindGone
	case apierrors.IsTooManyRequests(err), s.Code == 429:
		return KindTooManyRequests
	case apierrors.IsTimeout(err), apierrors.IsServerTimeout(err), s.Code == 504:
		return KindTimeout
	case apierrors.IsServiceUnavailable(err), s.Code == 503:
		return KindAPIServiceUnavailable
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), s.Code == 400, s.Code == 422:
		return KindInvalid
	}
	return KindInternal
}

// classifyUnauthorized separates virt-api's refusal from an expired login. kube-apiserver answers with a
// Status object; virt-api with bare text, which may be empty. Text on another group, or a web page, comes
// from some proxy in between that wants a login.
func classifyUnauthorized(s *metav1.Status) Kind {
	text, bare := bareText(s)
	group := ""
	if s.Details != nil {
		group = s.Details.Group
	}
	if bare && !strings.HasPrefix(text, "<") && (group == rbac.GroupSubresources || group == "" && text != "") {
		return KindVirtAPIDenied
	}
	return KindUnauthorized
}

// classifyNotFound separates a missing object, for which every server writes a Status, from a missing
// API: kube-apiserver's text is "404 page not found", that of virt-api's router "404: Page Not Found".
func classifyNotFound(s *metav1.Status) Kind {
	text, bare := bareText(s)
	if !bare || s.Details == nil || !strings.HasSuffix(s.Details.Group, rbac.GroupKubeVirt) {
		return KindNotFound
	}
	if s.Details.Group == rbac.GroupSubresources && strings.HasPrefix(text, "404:") {
		return KindUnsupported
	}
	if strings.HasPrefix(text, "404 page") {
		return KindNoKubeVirt
	}
	return KindNotFound
}

// credentials is what client-go says of a credential plugin that failed, before any request is made.
const credentials = "getting credentials: "

func classifyTransport(err error) Kind {
	var op *net.OpError
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	var call *url.Error
	switch {
	case strings.Contains(err.Error(), credentials):
		return KindUnauthorized
	case errors.As(err, &op) && op.Op == "dial", errors.As(err, &dns):
		return KindUnreachable
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout(),
		strings.Contains(err.Error(), "would exceed context deadline"): // client-side rate limiter
		return KindTimeout
	case errors.As(err, &op), errors.As(err, &call), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		strings.Contains(err.Error(), "http2: "):
		return KindUnreachable
	}
	return KindInternal
}

// RetryAfter is how long the server asked to wait before the next try; 0 when it did not say.
func RetryAfter(err error) time.Duration {
	status := statusOf(err)
	if status == nil || status.Details == nil {
		return 0
	}
	return time.Duration(status.Details.RetryAfterSeconds) * time.Second
}

func statusOf(err error) *metav1.Status {
	var api apierrors.APIStatus
	if !errors.As(err, &api) {
		return nil
	}
	s := api.Status()
	return &s
}

// bareText returns the body of an answer that was not a Status object. client-go keeps it as a cause, and
// writes "unknown" where the body was not text either.
func bareText(s *metav1.Status) (text string, bare bool) {
	if s.Details == nil {
		return "", false
	}
	for _, c := range s.Details.Causes {
		if c.Type == metav1.CauseTypeUnexpectedServerResponse {
			return c.Message, c.Message != "unknown"
		}
	}
	return "", false
}

// serverText is the server's own account of the failure; empty where it gave none.
func serverText(s *metav1.Status) string {
	if text, bare := bareText(s); bare {
		return text
	}
	return s.Message
}
