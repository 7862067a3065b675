package kube

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubescheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
)

// api stands in for an API server: handlers by method and path, with a record of what was asked.
type api struct {
	mu       sync.Mutex
	handlers map[string]http.HandlerFunc
	calls    []string
}

func newAPI() *api { return &api{handlers: map[string]http.HandlerFunc{}} }

// on sets what a request such as "GET /version" is answered with.
func (a *api) on(request string, h http.HandlerFunc) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.handlers[request] = h
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := r.Method + " " + r.URL.Path
	a.mu.Lock()
	a.calls = append(a.calls, request)
	h := a.handlers[request]
	a.mu.Unlock()
	if h == nil {
		http.Error(w, "404 page not found", http.StatusNotFound)
		return
	}
	h(w, r)
}

// count says how many requests had the suffix.
func (a *api) count(suffix string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(a.calls), func(s string) bool { return !strings.HasSuffix(s, suffix) }))
}

// cluster connects to the stand-in over loopback.
func (a *api) cluster(t *testing.T, target Target) *Cluster {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return connect(t, &rest.Config{Host: server.URL, QPS: 1000, Burst: 1000}, target)
}

// inMemory connects to the stand-in without a network, so that it works in a synctest bubble.
func (a *api) inMemory(t *testing.T) *Cluster {
	t.Helper()
	return connect(t, &rest.Config{Host: "http://in.memory", QPS: -1, Transport: a}, Target{})
}

// RoundTrip answers a request in memory.
func (a *api) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result(), nil
}

func connect(t *testing.T, config *rest.Config, target Target) *Cluster {
	t.Helper()
	c, err := Connect(t.Context(), config, target)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// asJSON answers with an object.
func asJSON(v any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
}

// asStatus answers with an error as kube-apiserver writes it.
func asStatus(err *apierrors.StatusError) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(int(err.ErrStatus.Code))
		status := err.ErrStatus
		status.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
		_ = json.NewEncoder(w).Encode(status)
	}
}

// asText answers with an error as virt-api writes it.
func asText(code int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(text))
	}
}

const (
	rulesReview  = "POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
	accessReview = "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
	whoAmI       = "POST /apis/authentication.k8s.io/v1/selfsubjectreviews"
)

// grants answers rules reviews with rules for resources of one group.
func grants(incomplete bool, evaluationError, group, verb string, resources ...string) http.HandlerFunc {
	return asJSON(authorizationv1.SelfSubjectRulesReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "authorization.k8s.io/v1", Kind: "SelfSubjectRulesReview"},
		Status: authorizationv1.SubjectRulesReviewStatus{
			Incomplete: incomplete, EvaluationError: evaluationError, NonResourceRules: []authorizationv1.NonResourceRule{},
			ResourceRules: []authorizationv1.ResourceRule{{Verbs: []string{verb}, APIGroups: []string{group}, Resources: resources}},
		},
	})
}

// reviews answers access reviews by a function of what is asked.
func reviews(answer func(authorizationv1.ResourceAttributes, string) authorizationv1.SubjectAccessReviewStatus) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var review authorizationv1.SelfSubjectAccessReview
		if err == nil {
			_, _, err = kubescheme.Codecs.UniversalDeserializer().Decode(body, nil, &review)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		attributes := *review.Spec.ResourceAttributes
		path := attributes.Resource
		if attributes.Subresource != "" {
			path += "/" + attributes.Subresource
		}
		review.Status = answer(attributes, path)
		asJSON(review)(w, r)
	}
}
