package state

import (
	"net/http"
	"time"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
)

// retryAfter is how long a patient client waits before it knocks again.
const retryAfter = 300 * time.Millisecond

// Patient makes a client wait for an API server that is down. A client's own informers would look again after longer
// and longer times, up to half a minute; here the API server is stopped on purpose, and the cluster shall work as soon
// as it is back.
func Patient(c *rest.Config) {
	c.Wrap(func(next http.RoundTripper) http.RoundTripper { return patient{next} })
}

type patient struct{ next http.RoundTripper }

// RoundTrip repeats a request only while nobody listens: then nothing of it was sent.
func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	for {
		resp, err := p.next.RoundTrip(r)
		if err == nil || !utilnet.IsConnectionRefused(err) || r.Body != nil && r.GetBody == nil {
			return resp, err
		}
		select {
		case <-r.Context().Done():
			return resp, err
		case <-time.After(retryAfter):
		}
		if r.Body != nil {
			body, bodyErr := r.GetBody()
			if bodyErr != nil {
				return resp, err
			}
			r = r.Clone(r.Context())
			r.Body = body
		}
	}
}
