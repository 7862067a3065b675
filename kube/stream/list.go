package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// decodeOptions take what an API server sends as it is: it has validated the objects, and checking names twice costs a third.
var decodeOptions = jsonv2.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

type listMeta struct {
	ResourceVersion    string `json:"resourceVersion"`
	Continue           string `json:"continue"`
	RemainingItemCount int    `json:"remainingItemCount"`
}

// list brings everything there is. A small first page comes straight from etcd and paints the screen; the rest comes in one answer
// out of the server's watch cache, because pages after the first are many times slower there (Kubernetes 1.33: 10,000 objects
// take 19 s in pages of 500 and 3 s in one).
func (s *runner[T, P]) list(ctx context.Context) error {
	s.sink.Begin()
	query := s.query()
	if s.req.FirstPage > 0 {
		query.Set("limit", strconv.Itoa(s.req.FirstPage))
		page, count, err := s.fetch(ctx, query)
		if err != nil {
			return err
		}
		if page.Continue == "" {
			return s.listed(page)
		}
		s.sink.State(State{Phase: Loading, Total: count + page.RemainingItemCount})
		query.Del("limit")
		query.Set("resourceVersion", page.ResourceVersion)
		query.Set("resourceVersionMatch", string(metav1.ResourceVersionMatchNotOlderThan))
	}
	whole, _, err := s.fetch(ctx, query)
	if err != nil {
		return err
	}
	return s.listed(whole)
}

func (s *runner[T, P]) listed(meta listMeta) error {
	if meta.ResourceVersion == "" {
		return fmt.Errorf("list %s: the answer carries no resource version", s.req.Resource)
	}
	s.version = meta.ResourceVersion
	s.sink.Synced()
	s.live()
	return nil
}

func (s *runner[T, P]) live() {
	s.wasLive, s.refused = true, 0
	s.cluster.Health().OK()
	s.sink.State(State{Phase: Live})
}

// fetch reads one list answer and hands its items on in batches as they are decoded.
func (s *runner[T, P]) fetch(ctx context.Context, query url.Values) (listMeta, int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(idleLimit, func() { cancel(errSilent) })
	defer watchdog.Stop()
	resp, err := s.get(ctx, query)
	if err != nil {
		return listMeta{}, 0, silence(ctx, err)
	}
	defer resp.Body.Close()
	body := &touchReader{r: resp.Body, touch: func() { watchdog.Reset(idleLimit) }}
	meta, count, err := s.decodeList(jsontext.NewDecoder(body, decodeOptions))
	if err != nil {
		return listMeta{}, 0, fmt.Errorf("read the list of %s: %w", s.req.Resource, silence(ctx, err))
	}
	return meta, count, nil
}

var errSilent = fmt.Errorf("the server sent nothing for %s", idleLimit)

// silence names the watchdog as the cause where it was the watchdog that cancelled.
func silence(ctx context.Context, err error) error {
	if context.Cause(ctx) == errSilent {
		return errSilent
	}
	return err
}

func (s *runner[T, P]) decodeList(dec *jsontext.Decoder) (meta listMeta, count int, err error) {
	if err := expect(dec, '{'); err != nil {
		return meta, 0, err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return meta, count, err
		}
		switch name.String() {
		case "metadata":
			err = jsonv2.UnmarshalDecode(dec, &meta)
		case "items":
			count, err = s.decodeItems(dec)
		default:
			err = dec.SkipValue()
		}
		if err != nil {
			return meta, count, err
		}
	}
	_, err = dec.ReadToken()
	return meta, count, err
}

func (s *runner[T, P]) decodeItems(dec *jsontext.Decoder) (int, error) {
	if dec.PeekKind() == 'n' {
		return 0, dec.SkipValue()
	}
	if err := expect(dec, '['); err != nil {
		return 0, err
	}
	count, batch := 0, make([]*T, 0, batchSize)
	for dec.PeekKind() != ']' {
		item := new(T)
		if err := jsonv2.UnmarshalDecode(dec, item); err != nil {
			return count, err
		}
		count++
		if batch = append(batch, item); len(batch) == batchSize {
			s.sink.Put(batch)
			batch = make([]*T, 0, batchSize)
		}
	}
	if len(batch) > 0 {
		s.sink.Put(batch)
	}
	_, err := dec.ReadToken()
	return count, err
}

func expect(dec *jsontext.Decoder, kind jsontext.Kind) error {
	token, err := dec.ReadToken()
	if err == nil && token.Kind() != kind {
		err = fmt.Errorf("expected %v in the answer, found %v", kind, token.Kind())
	}
	return err
}

func (s *runner[T, P]) query() url.Values {
	query := url.Values{}
	if s.req.LabelSelector != "" {
		query.Set("labelSelector", s.req.LabelSelector)
	}
	if s.req.FieldSelector != "" {
		query.Set("fieldSelector", s.req.FieldSelector)
	}
	return query
}

func (s *runner[T, P]) get(ctx context.Context, query url.Values) (*http.Response, error) {
	target := s.cluster.REST(s.req.Group, s.req.Version).Get().
		NamespaceIfScoped(s.req.Namespace, s.req.Namespace != "").Resource(s.req.Resource).URL()
	target.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("ask for %s: %w", s.req.Resource, err)
	}
	req.Header.Set("Accept", s.accept(query.Has("watch")))
	resp, err := s.cluster.HTTPClient().Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, s.refusal(resp)
	}
	return resp, nil
}

// accept is the form in which objects are asked for.
func (s *runner[T, P]) accept(watch bool) string {
	switch {
	case !s.req.Metadata:
		return "application/json"
	case watch:
		return "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
	}
	return "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
}

// refusal turns an answer other than 200 into the API error that it carries, or into a generic one.
func (s *runner[T, P]) refusal(resp *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	var status metav1.Status
	if json.Unmarshal(body, &status) == nil && status.Status == metav1.StatusFailure {
		return &apierrors.StatusError{ErrStatus: status}
	}
	after, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	kind := schema.GroupResource{Group: s.req.Group, Resource: s.req.Resource}
	return apierrors.NewGenericServerResponse(resp.StatusCode, "list", kind, "", strings.TrimSpace(string(body)), after, true)
}

// touchReader tells somebody about every read, so that silence can be noticed.
type touchReader struct {
	r     io.Reader
	touch func()
}

func (t *touchReader) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.touch()
	return n, err
}
