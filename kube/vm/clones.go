package vm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	clonev1 "kubevirt.io/api/clone/v1beta1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/rbac"
)

// cloning mirrors VirtualMachineClone of kubevirt.io/api/clone/v1beta1 with the fields that tell how far it has come.
type cloning struct {
	stream.Object
	Spec struct {
		Source reference `json:"source"`
		Target reference `json:"target"`
	} `json:"spec"`
	Status struct {
		Phase      string      `json:"phase"`
		Conditions []Condition `json:"conditions"`
	} `json:"status"`
}

// clones are the VirtualMachineClones of one namespace, followed. It is a stream's sink.
type clones struct {
	changed func()

	mu     sync.Mutex
	known  map[string]*cloning // by UID
	old    map[string]*cloning // those that were there at first
	listed map[string]bool     // UIDs of the list that is coming in
	state  stream.State
}

// followClones returns when it is known which clones there are already.
func (f *Followed) followClones(ctx context.Context, namespace string) (*clones, error) {
	c := &clones{changed: f.poke, known: map[string]*cloning{}}
	go func() {
		_ = stream.Run[cloning](ctx, f.cluster, stream.Request{
			Group: rbac.GroupClone, Version: clonev1.SchemeGroupVersion.Version, Resource: "virtualmachineclones", Namespace: namespace,
		}, c)
	}()
	limited, stop := context.WithTimeout(ctx, kube.CallTimeout)
	defer stop()
	err := f.Until(limited, func() (bool, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.old != nil, c.state.Err
	})
	if err != nil {
		return nil, errors.New(kube.Explain(err, "list virtualmachineclones in "+namespace+", to see when a clone is ready"))
	}
	return c, nil
}

// look says whether the clone of a VM that was made since is ready. An empty target is one that KubeVirt has named.
func (c *clones) look(source, target string) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for uid, clone := range c.known {
		if c.old[uid] != nil || clone.Spec.Source.Name != source || target != "" && clone.Spec.Target.Name != target {
			continue
		}
		switch clonev1.VirtualMachineClonePhase(clone.Status.Phase) {
		case clonev1.Succeeded:
			return true, nil
		case clonev1.Failed:
			return false, fmt.Errorf("the clone failed%s", faults(clone.Status.Conditions))
		}
	}
	return false, nil
}

// faults are the messages of conditions that are false.
func faults(conditions []Condition) string {
	text := ""
	for _, condition := range conditions {
		if condition.Status == "False" && condition.Message != "" {
			text += ": " + condition.Message
		}
	}
	return text
}

// Begin implements stream.Sink.
func (c *clones) Begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listed = map[string]bool{}
}

// Put implements stream.Sink.
func (c *clones) Put(objects []*cloning) {
	c.mu.Lock()
	for _, object := range objects {
		c.known[object.Metadata.UID], c.listed[object.Metadata.UID] = object, true
	}
	c.mu.Unlock()
	c.changed()
}

// Delete implements stream.Sink.
func (c *clones) Delete(object *cloning) {
	c.mu.Lock()
	delete(c.known, object.Metadata.UID)
	c.mu.Unlock()
	c.changed()
}

// Synced implements stream.Sink.
func (c *clones) Synced() {
	c.mu.Lock()
	maps.DeleteFunc(c.known, func(uid string, _ *cloning) bool { return !c.listed[uid] })
	if c.old == nil {
		c.old = maps.Clone(c.known)
	}
	c.mu.Unlock()
	c.changed()
}

// State implements stream.Sink.
func (c *clones) State(state stream.State) {
	c.mu.Lock()
	c.state = state
	c.mu.Unlock()
	c.changed()
}
