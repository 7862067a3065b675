package seed

import (
	"context"
	"crypto/sha1"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"vmdeck/testdata/cluster/internal/state"
)

// Where the API server keeps KubeVirt's objects: JSON, under resource, namespace and name.
const (
	vmPrefix  = "/registry/kubevirt.io/virtualmachines/"
	vmiPrefix = "/registry/kubevirt.io/virtualmachineinstances/"
)

const (
	bulkNamespaces = 50
	bulkNodes      = 3
	// batch of objects written at once; a request to etcd may have 1.5 MB.
	batch   = 64
	writers = 4
)

// Bulk stores n VMs, half of them with a VMI, behind the API server's back: through it and the webhooks it would take
// many minutes. Everything about an object follows from its number, so storing again changes nothing.
func Bulk(ctx context.Context, f *state.Folder, n int, say func(string, ...any)) error {
	if err := bulkNamespacesReady(ctx, f); err != nil {
		return err
	}
	client, err := etcd(f)
	if err != nil {
		return err
	}
	defer client.Close()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		errs   []error
		begin  = make(chan int)
		stored [2]struct{ count, bytes int }
	)
	for range writers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for from := range begin {
				counts, err := storeRange(ctx, client, from, min(from+batch/2, n))
				mu.Lock()
				for k := range counts {
					stored[k].count += counts[k].count
					stored[k].bytes += counts[k].bytes
				}
				if err != nil {
					errs = append(errs, err)
					cancel()
				}
				mu.Unlock()
			}
		}()
	}
	for from := 0; from < n && ctx.Err() == nil; from += batch / 2 {
		begin <- from
	}
	close(begin)
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("cannot store the VMs: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for k, kind := range []string{"VMs", "VMIs"} {
		say("stored %d %s of %d bytes each", stored[k].count, kind, stored[k].bytes/max(stored[k].count, 1))
	}
	return nil
}

// storeRange writes the VMs from number from up to to, and their VMIs, and counts both.
func storeRange(ctx context.Context, client *clientv3.Client, from, to int) (counts [2]struct{ count, bytes int }, err error) {
	var ops []clientv3.Op
	put := func(k int, key string, o any) error {
		data, err := json.Marshal(o)
		if err != nil {
			return err
		}
		counts[k].count++
		counts[k].bytes += len(data)
		ops = append(ops, clientv3.OpPut(key, string(data)))
		return nil
	}
	for i := from; i < to; i++ {
		vm, vmi := bulkVM(i)
		key := vm.Namespace + "/" + vm.Name
		if err := put(0, vmPrefix+key, vm); err != nil {
			return counts, err
		}
		if vmi != nil {
			if err := put(1, vmiPrefix+key, vmi); err != nil {
				return counts, err
			}
		}
	}
	_, err = client.Txn(ctx).Then(ops...).Commit()
	return counts, err
}

func etcd(f *state.Folder) (*clientv3.Client, error) {
	return clientv3.New(clientv3.Config{Endpoints: []string{"http://" + f.Addr(state.Etcd)}, DialTimeout: 5 * time.Second})
}

func bulkNamespacesReady(ctx context.Context, f *state.Folder) error {
	cfg, err := f.RESTConfig(state.Operator)
	if err != nil {
		return err
	}
	kube, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return err
	}
	for i := range bulkNamespaces {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: bulkNamespace(i)}}
		if _, err := kube.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("cannot make namespace %s: %w", ns.Name, err)
		}
	}
	return nil
}

func bulkNamespace(i int) string { return fmt.Sprintf("tenant-%02d", i%bulkNamespaces) }

// uid of an object, always the same for the same words.
func uid(words ...any) types.UID {
	return types.UID(uuid.NewHash(sha1.New(), uuid.NameSpaceOID, []byte(fmt.Sprint(words...)), 5).String())
}
