package seed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck/testdata/cluster/internal/state"
)

// change is one line of what Churn reports. Time is taken just before the write is sent.
type change struct {
	Name            string `json:"name"`
	Namespace       string `json:"namespace"`
	UID             string `json:"uid"`
	Time            int64  `json:"time"`
	PrintableStatus string `json:"printableStatus"`
}

// Churn changes the status of random stored VMs, and of their VMIs with them, so many per second and for so long, and
// writes a line of JSON for each.
func Churn(ctx context.Context, dir string, rate int, d time.Duration, out io.Writer) error {
	f, err := state.Open(dir)
	if err != nil {
		return err
	}
	if f.Config.Mode != state.Stored {
		return errors.New("churn is for a cluster of stored VMs (up --seed N): in this one, virt-controller would change everything back")
	}
	if rate < 1 || rate > 100_000 {
		return fmt.Errorf("--rate %d: choose a number of changes per second from 1 to 100000", rate)
	}
	client, err := etcd(f)
	if err != nil {
		return err
	}
	defer client.Close()
	keys, err := storedVMs(ctx, client)
	if err != nil {
		return err
	}

	// Only asking for changes ends with the time; a write that has begun is completed.
	until, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		enc   = json.NewEncoder(out)
		ticks = make(chan struct{}, rate)
		fatal error
	)
	for range rate/200 + 1 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range ticks {
				c, err := changeOne(ctx, client, keys[rand.IntN(len(keys))])
				mu.Lock()
				switch {
				case ctx.Err() != nil: // interrupted
				case err != nil && fatal == nil:
					fatal = err
					cancel()
				case err == nil && c != nil:
					enc.Encode(c)
				}
				mu.Unlock()
			}
		}()
	}
	pace(until, rate, ticks)
	close(ticks)
	wg.Wait()
	if fatal == nil {
		fatal = ctx.Err()
	}
	return fatal
}

// pace asks for rate changes per second, in even distances. What could not be done in time is made up for.
func pace(ctx context.Context, rate int, ticks chan<- struct{}) {
	begin := time.Now()
	t := time.NewTicker(max(time.Second/time.Duration(rate), time.Millisecond))
	defer t.Stop()
	for asked := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		for due := int(time.Since(begin).Seconds() * float64(rate)); asked < due; asked++ {
			select {
			case ticks <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}
}

// storedVMs lists "namespace/name" of all VMs.
func storedVMs(ctx context.Context, client *clientv3.Client) ([]string, error) {
	r, err := client.Get(ctx, vmPrefix, clientv3.WithPrefix(), clientv3.WithKeysOnly())
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, kv := range r.Kvs {
		keys = append(keys, strings.TrimPrefix(string(kv.Key), vmPrefix))
	}
	if len(keys) == 0 {
		return nil, errors.New("there are no VMs to change")
	}
	return keys, nil
}

// changeOne writes a VM and its VMI in one step, unless somebody else wrote them meanwhile: then nothing is done.
func changeOne(ctx context.Context, client *clientv3.Client, key string) (*change, error) {
	read, err := client.Txn(ctx).Then(clientv3.OpGet(vmPrefix+key), clientv3.OpGet(vmiPrefix+key)).Commit()
	if err != nil {
		return nil, err
	}
	vms, vmis := read.Responses[0].GetResponseRange().Kvs, read.Responses[1].GetResponseRange().Kvs
	if len(vms) == 0 {
		return nil, nil
	}
	vm := &unstructured.Unstructured{}
	if err := vm.UnmarshalJSON(vms[0].Value); err != nil {
		return nil, err
	}
	now, _, _ := unstructured.NestedString(vm.Object, "status", "printableStatus")
	next := nextStatus(now, len(vmis) > 0)
	setVM(vm, next)
	data, err := vm.MarshalJSON()
	if err != nil {
		return nil, err
	}
	when := []clientv3.Cmp{clientv3.Compare(clientv3.ModRevision(vmPrefix+key), "=", vms[0].ModRevision)}
	then := []clientv3.Op{clientv3.OpPut(vmPrefix+key, string(data))}
	if len(vmis) > 0 {
		vmi := &unstructured.Unstructured{}
		if err := vmi.UnmarshalJSON(vmis[0].Value); err != nil {
			return nil, err
		}
		setVMI(vmi, next)
		if data, err = vmi.MarshalJSON(); err != nil {
			return nil, err
		}
		when = append(when, clientv3.Compare(clientv3.ModRevision(vmiPrefix+key), "=", vmis[0].ModRevision))
		then = append(then, clientv3.OpPut(vmiPrefix+key, string(data)))
	}
	at := time.Now().UnixNano()
	r, err := client.Txn(ctx).If(when...).Then(then...).Commit()
	if err != nil || !r.Succeeded {
		return nil, err
	}
	return &change{Name: vm.GetName(), Namespace: vm.GetNamespace(), UID: string(vm.GetUID()), Time: at, PrintableStatus: string(next)}, nil
}

// The states VMs go through, with a VMI and without. They differ from each other, so every change is one.
var (
	withVMI    = []virtv1.VirtualMachinePrintableStatus{virtv1.VirtualMachineStatusRunning, virtv1.VirtualMachineStatusPaused, virtv1.VirtualMachineStatusMigrating}
	withoutVMI = []virtv1.VirtualMachinePrintableStatus{virtv1.VirtualMachineStatusStopped, virtv1.VirtualMachineStatusStarting, virtv1.VirtualMachineStatusProvisioning}
)

func nextStatus(now string, runs bool) virtv1.VirtualMachinePrintableStatus {
	states := withoutVMI
	if runs {
		states = withVMI
	}
	for i, s := range states {
		if string(s) == now {
			return states[(i+1)%len(states)]
		}
	}
	return states[0]
}

func setVM(vm *unstructured.Unstructured, status virtv1.VirtualMachinePrintableStatus) {
	unstructured.SetNestedField(vm.Object, string(status), "status", "printableStatus")
	ready := status == virtv1.VirtualMachineStatusRunning || status == virtv1.VirtualMachineStatusMigrating
	unstructured.SetNestedField(vm.Object, ready, "status", "ready")
	setRawCondition(vm, string(virtv1.VirtualMachinePaused), status == virtv1.VirtualMachineStatusPaused)
}

func setVMI(vmi *unstructured.Unstructured, status virtv1.VirtualMachinePrintableStatus) {
	setRawCondition(vmi, string(virtv1.VirtualMachineInstancePaused), status == virtv1.VirtualMachineStatusPaused)
	unstructured.RemoveNestedField(vmi.Object, "status", "migrationState")
	if status == virtv1.VirtualMachineStatusMigrating {
		node, _, _ := unstructured.NestedString(vmi.Object, "status", "nodeName")
		unstructured.SetNestedMap(vmi.Object, map[string]any{
			"startTimestamp": time.Now().UTC().Format(time.RFC3339), "migrationUid": string(uid("churn", vmi.GetUID())),
			"sourceNode": node, "targetNode": "node-3", "mode": "PreCopy",
		}, "status", "migrationState")
	}
}

// setRawCondition adds a condition that is true, or removes it.
func setRawCondition(u *unstructured.Unstructured, kind string, on bool) {
	list, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	var kept []any
	for _, c := range list {
		if m, ok := c.(map[string]any); !ok || m["type"] != kind {
			kept = append(kept, c)
		}
	}
	if on {
		kept = append(kept, map[string]any{"type": kind, "status": "True", "reason": "PausedByUser", "message": "VMI was paused by user",
			"lastTransitionTime": time.Now().UTC().Format(time.RFC3339)})
	}
	unstructured.SetNestedSlice(u.Object, kept, "status", "conditions")
}
