package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiwatch "k8s.io/apimachinery/pkg/watch"
)

type watchEvent struct {
	Type   apiwatch.EventType `json:"type"`
	Object jsontext.Value     `json:"object"`
}

// watch follows changes from the known resource version on. Bookmarks keep that version young, so that a broken connection is
// taken up without a new list. The limit on the client's side is for a proxy that swallows the server's end of the watch.
func (s *runner[T, P]) watch(ctx context.Context) error {
	seconds := watchMinutes*60 + rand.IntN(watchMinutes*30)
	ctx, cancel := context.WithTimeout(ctx, time.Duration(seconds)*time.Second+idleLimit)
	defer cancel()
	query := s.query()
	query.Set("watch", "1")
	query.Set("allowWatchBookmarks", "true")
	query.Set("resourceVersion", s.version)
	query.Set("timeoutSeconds", strconv.Itoa(seconds))
	resp, err := s.get(ctx, query)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	s.live()
	dec := jsontext.NewDecoder(resp.Body, decodeOptions)
	for {
		var event watchEvent
		if err := jsonv2.UnmarshalDecode(dec, &event); err != nil {
			return err
		}
		if err := s.apply(event); err != nil {
			return err
		}
	}
}

func (s *runner[T, P]) apply(event watchEvent) error {
	if event.Type == apiwatch.Error {
		var status metav1.Status
		if err := json.Unmarshal(event.Object, &status); err != nil {
			return fmt.Errorf("watch %s: read the server's error: %w", s.req.Resource, err)
		}
		return &apierrors.StatusError{ErrStatus: status}
	}
	object := P(new(T))
	if err := jsonv2.Unmarshal(event.Object, object, decodeOptions); err != nil {
		return fmt.Errorf("watch %s: read an event: %w", s.req.Resource, err)
	}
	switch event.Type {
	case apiwatch.Added, apiwatch.Modified:
		s.sink.Put([]*T{(*T)(object)})
	case apiwatch.Deleted:
		s.sink.Delete((*T)(object))
	}
	s.version = object.Meta().ResourceVersion
	return nil
}
