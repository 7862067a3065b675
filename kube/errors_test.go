package kube

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/rbac"
)

// answered makes a real request and returns the error that client-go makes of the answer, both ways that it can be read.
func answered(t *testing.T, group string, h http.HandlerFunc) map[string]error {
	t.Helper()
	a := newAPI()
	a.on("PUT /apis/"+group+"/v1/namespaces/team-a/virtualmachines/db/start", h)
	c := a.cluster(t, Target{})
	request := func() *rest.Request {
		return c.REST(group, "v1").Put().Namespace("team-a").Resource("virtualmachines").Name("db").SubResource("start").MaxRetries(0)
	}
	_, raw := request().DoRaw(t.Context())
	return map[string]error{"Do": request().Do(t.Context()).Error(), "DoRaw": raw}
}

func TestClassifyAnswers(t *testing.T) {
	vms := schema.GroupResource{Group: rbac.GroupKubeVirt, Resource: "virtualmachines"}
	inFlight := `Internal error occurred: admission webhook "migration-create-validator.kubevirt.io" denied the request: in-flight migration detected`
	internal := func(text string) *apierrors.StatusError { return apierrors.NewInternalError(errors.New(text)) }
	tests := []struct {
		name   string
		group  string
		answer http.HandlerFunc
		want   Kind
		says   []string
		raw    bool // whether the kind is recognised from DoRaw too, which does not decode a Status
	}{
		{"forbidden by kube-apiserver", rbac.GroupSubresources, asStatus(apierrors.NewForbidden(vms, "db", errors.New(`User "alice" cannot update resource`))),
			KindForbidden, []string{"not permitted", `User "alice" cannot update resource`}, true},
		{"denied by virt-api", rbac.GroupSubresources, asText(401, `RBAC: clusterrole.rbac.authorization.k8s.io "x" not found`),
			KindVirtAPIDenied, []string{"not permitted by KubeVirt", `clusterrole.rbac.authorization.k8s.io "x" not found`}, true},
		{"denied by virt-api without a reason", rbac.GroupSubresources, asText(401, ""), KindVirtAPIDenied, []string{"not permitted by KubeVirt", "no reason"}, true},
		{"login expired", rbac.GroupSubresources, asStatus(apierrors.NewUnauthorized("Unauthorized")), KindUnauthorized, []string{"Log in again"}, true},
		{"login page of a proxy", rbac.GroupSubresources, asText(401, "<html>Sign in</html>"), KindUnauthorized, []string{"Log in again"}, true},
		{"401 text of something else", rbac.GroupKubeVirt, asText(401, "token expired"), KindUnauthorized, []string{"Log in again"}, true},
		{"no such VM", rbac.GroupSubresources, asStatus(apierrors.NewNotFound(vms, "db")), KindNotFound, []string{`"db" not found`}, true},
		{"no KubeVirt", rbac.GroupSubresources, asText(404, "404 page not found\n"), KindNoKubeVirt, []string{"does not serve KubeVirt's API"}, true},
		{"operation unknown to virt-api", rbac.GroupSubresources, asText(404, "404: Page Not Found"), KindUnsupported, []string{"does not have the operation"}, true},
		{"already running", rbac.GroupSubresources, asStatus(apierrors.NewConflict(vms, "db", errors.New("VM is already running"))),
			KindConflict, []string{"not possible in the present state: VM is already running."}, true},
		{"bad request", rbac.GroupSubresources, asStatus(apierrors.NewBadRequest("VMI is not running")), KindInvalid, []string{"VMI is not running"}, true},
		{"refused by a webhook", rbac.GroupSubresources, asStatus(internal(inFlight)), KindWebhookRefused, []string{"refused by KubeVirt: in-flight migration detected."}, false},
		{"guest agent missing", rbac.GroupSubresources, asText(500, `Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io "db": VMI does not have guest agent connected`),
			KindInternal, []string{"failed: VMI does not have guest agent connected."}, true},
		{"start under way", rbac.GroupSubresources, asStatus(internal("unable to complete request: stop/start already underway")), KindInternal, []string{"stop/start already underway"}, false},
		{"too many requests", rbac.GroupSubresources, asStatus(apierrors.NewTooManyRequests("slow down", 7)), KindTooManyRequests, []string{"too much to do"}, true},
		{"virt-api down", rbac.GroupSubresources, asText(503, "service unavailable"), KindAPIServiceUnavailable, []string{"virt-api"}, true},
		{"resource version too old", rbac.GroupKubeVirt, asStatus(apierrors.NewResourceExpired("too old")), KindGone, nil, false},
		{"timeout on the server", rbac.GroupKubeVirt, asStatus(apierrors.NewTimeoutError("etcd", 1)), KindTimeout, []string{"no answer in time"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			errs := answered(t, tt.group, tt.answer)
			if !tt.raw {
				delete(errs, "DoRaw")
			}
			for how, err := range errs {
				if got := Classify(fmt.Errorf("start: %w", err)); got != tt.want {
					t.Errorf("%s: kind %d, want %d: %v", how, got, tt.want, err)
				}
			}
			text := Explain(errs["Do"], "start team-a/db")
			for _, want := range append(tt.says, "start team-a/db: ") {
				if !strings.Contains(text, want) {
					t.Errorf("%q does not say %q", text, want)
				}
			}
		})
	}
}

func TestClassifyTransport(t *testing.T) {
	refused := connect(t, &rest.Config{Host: "http://127.0.0.1:1"}, Target{})
	_, refusedErr := refused.serverVersion(t.Context())
	lookup := &url.Error{Op: "Get", URL: "https://api.example.com/version", Err: errors.New("EOF")}
	for name, tt := range map[string]struct {
		err  error
		want Kind
	}{
		"none":                {nil, KindNone},
		"given up":            {fmt.Errorf("list: %w", context.Canceled), KindCanceled},
		"deadline":            {fmt.Errorf("list: %w", context.DeadlineExceeded), KindTimeout},
		"connection refused":  {refusedErr, KindUnreachable},
		"dial timeout":        {&url.Error{Op: "Get", URL: "https://x", Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}}, KindUnreachable},
		"silence afterwards":  {&url.Error{Op: "Get", URL: "https://x", Err: &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}}, KindTimeout},
		"connection closed":   {lookup, KindUnreachable},
		"credential plugin":   {&url.Error{Op: "Get", URL: "https://x", Err: errors.New("getting credentials: exec: executable kubelogin not found")}, KindUnauthorized},
		"client-side limiter": {errors.New("client rate limiter Wait returned an error: rate: Wait(n=1) would exceed context deadline"), KindTimeout},
		"a fault of our own":  {errors.New("index out of range"), KindInternal},
	} {
		if got := Classify(tt.err); got != tt.want {
			t.Errorf("%s: kind %d, want %d (%v)", name, got, tt.want, tt.err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	if got := RetryAfter(fmt.Errorf("list: %w", apierrors.NewTooManyRequests("slow down", 7))); got != 7*time.Second {
		t.Errorf("got %s", got)
	}
	if got := RetryAfter(errors.New("x")); got != 0 {
		t.Errorf("got %s", got)
	}
}

func TestExplainIsOneSafeLine(t *testing.T) {
	err := &apierrors.StatusError{ErrStatus: metav1.Status{Code: 409, Reason: metav1.StatusReasonConflict, Message: "no\x1b[2J\nway\u202e" + strings.Repeat("x", 900)}}
	text := Explain(err, "stop team-a/db")
	if strings.ContainsAny(text, "\x1b\n\u202e") || len(text) > 600 {
		t.Errorf("%q", text)
	}
	if Explain(nil, "stop") != "" {
		t.Error("success was explained")
	}
}
