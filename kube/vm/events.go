package vm

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/stream"
)

// Event is one event about a VM or its instance.
type Event struct {
	stream.Object
	InvolvedObject struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	} `json:"involvedObject"`
	Reason         string     `json:"reason"`
	Message        string     `json:"message"`
	Type           string     `json:"type"` // Normal or Warning
	Count          int        `json:"count"`
	FirstTimestamp *time.Time `json:"firstTimestamp"`
	LastTimestamp  *time.Time `json:"lastTimestamp"`
	EventTime      *time.Time `json:"eventTime"`
}

// Seen returns when the event happened last. Old recorders fill lastTimestamp, new ones eventTime.
func (e *Event) Seen() time.Time {
	for _, t := range []*time.Time{e.LastTimestamp, e.EventTime} {
		if t != nil && !t.IsZero() {
			return *t
		}
	}
	return e.Metadata.CreationTimestamp
}

// Events is the live list of events about one VM. Let Run fill it. It is safe for concurrent use.
type Events struct {
	cluster         *kube.Cluster
	namespace, name string
	notifier        *notifier

	mu    sync.Mutex
	byKey map[string]*Event
	fresh map[string]*Event // of the list that is coming in; nil otherwise
	state stream.State
}

// NewEvents prepares the events of one VM; it asks the server for nothing until Run.
func NewEvents(cluster *kube.Cluster, namespace, name string) *Events {
	return &Events{cluster: cluster, namespace: namespace, name: name, notifier: newNotifier(), byKey: map[string]*Event{}}
}

// Run follows the events until the context ends.
func (e *Events) Run(ctx context.Context) {
	req := stream.Request{Version: "v1", Resource: "events", Namespace: e.namespace, FieldSelector: "involvedObject.name=" + e.name}
	_ = stream.Run[Event](ctx, e.cluster, req, e)
}

// Changes delivers a value when there is something new to Take.
func (e *Events) Changes() <-chan struct{} { return e.notifier.changes }

// Take returns the events, newest first, and how complete they are.
func (e *Events) Take() ([]*Event, stream.State) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.notifier.took()
	list := make([]*Event, 0, len(e.byKey))
	for _, event := range e.byKey {
		list = append(list, event)
	}
	slices.SortFunc(list, func(a, b *Event) int {
		return cmp.Or(b.Seen().Compare(a.Seen()), cmp.Compare(a.Metadata.UID, b.Metadata.UID))
	})
	return list, e.state
}

// Begin implements stream.Sink.
func (e *Events) Begin() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fresh = map[string]*Event{}
}

// Put implements stream.Sink. Events of other kinds of the same name, a Service say, are left out.
func (e *Events) Put(events []*Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, event := range events {
		if kind := event.InvolvedObject.Kind; kind != "VirtualMachine" && kind != "VirtualMachineInstance" {
			continue
		}
		e.byKey[event.Metadata.Key()] = event
		if e.fresh != nil {
			e.fresh[event.Metadata.Key()] = event
		}
	}
	e.notifier.touch()
}

// Delete implements stream.Sink.
func (e *Events) Delete(event *Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.byKey, event.Metadata.Key())
	e.notifier.touch()
}

// Synced implements stream.Sink.
func (e *Events) Synced() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.byKey, e.fresh = e.fresh, nil
	e.notifier.touch()
}

// State implements stream.Sink.
func (e *Events) State(state stream.State) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.state = state
	e.notifier.touch()
}
