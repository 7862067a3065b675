// Package sim simulates the nodes of the cluster: it is their scheduler, their kubelets and their virt-handlers at once.
// All it knows is in the API server's objects, so it may be killed and started again at any time; every duration counts
// from a time an object carries.
package sim

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
	virtv1 "kubevirt.io/api/core/v1"
	"kubevirt.io/client-go/kubevirt"

	"vmdeck/testdata/cluster/internal/state"
)

// Names of the informers' indices.
const (
	podsByVMI = "vmi"
	podsByIP  = "ip"
)

// podWorkers and vmiWorkers are enough for some hundred VMs that start at once.
const (
	podWorkers = 4
	vmiWorkers = 8
)

// Simulator of the nodes.
type Simulator struct {
	kube   kubernetes.Interface // as scheduler and kubelet
	virt   kubevirt.Interface   // as virt-handler
	life   kubevirt.Interface   // as somebody who wants a VM migrated
	events record.EventRecorder

	nodes, pods, vmis, migrations cache.SharedIndexInformer
	podQueue, vmiQueue            workqueue.TypedRateLimitingInterface[string]

	// assumed are the pods bound by us that the informer does not show as bound yet, and the addresses given to pods
	// likewise. They only bridge the informer's delay.
	mu      sync.Mutex
	assumed map[string]string
	givenIP map[string]string
}

// Run simulates until the process is told to end.
func Run(f *state.Folder) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	s, err := newSimulator(f)
	if err != nil {
		return err
	}
	server, err := newServer(f, s)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServeTLS("", "") }()
	go s.run(ctx)
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return err
	}
}

func newSimulator(f *state.Folder) (*Simulator, error) {
	operator, err := f.RESTConfig(state.Operator)
	if err != nil {
		return nil, err
	}
	// KubeVirt lets only its own service accounts write a VMI.
	handler, err := f.RESTConfig(state.VirtController)
	if err != nil {
		return nil, err
	}
	state.Patient(operator)
	state.Patient(handler)
	s := &Simulator{assumed: map[string]string{}, givenIP: map[string]string{}}
	if s.kube, err = kubernetes.NewForConfig(operator); err != nil {
		return nil, err
	}
	if s.life, err = kubevirt.NewForConfig(operator); err != nil {
		return nil, err
	}
	virt, err := kubevirt.NewForConfig(handler)
	if err != nil {
		return nil, err
	}
	s.virt = virt

	core, virtRest := s.kube.CoreV1().RESTClient(), virt.KubevirtV1().RESTClient()
	s.nodes = informer(core, "nodes", "", &corev1.Node{}, cache.Indexers{})
	s.pods = informer(core, "pods", virtv1.AppLabel+" in (virt-launcher,hotplug-disk)", &corev1.Pod{}, cache.Indexers{
		podsByVMI: podIndex(vmiKeyOf),
		podsByIP:  podIndex(func(p *corev1.Pod) string { return p.Status.PodIP }),
	})
	s.vmis = informer(virtRest, "virtualmachineinstances", "", &virtv1.VirtualMachineInstance{}, cache.Indexers{})
	s.migrations = informer(virtRest, "virtualmachineinstancemigrations", "", &virtv1.VirtualMachineInstanceMigration{}, cache.Indexers{})

	known := runtime.NewScheme() // events are about pods and about VMIs
	if err := errors.Join(corev1.AddToScheme(known), virtv1.AddToScheme(known)); err != nil {
		return nil, err
	}
	broadcaster := record.NewBroadcaster()
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: s.kube.CoreV1().Events("")})
	s.events = broadcaster.NewRecorder(known, corev1.EventSource{Component: "virt-handler"})

	limiter := func() workqueue.TypedRateLimiter[string] {
		return workqueue.NewTypedItemExponentialFailureRateLimiter[string](20*time.Millisecond, 10*time.Second)
	}
	s.podQueue = workqueue.NewTypedRateLimitingQueue(limiter())
	s.vmiQueue = workqueue.NewTypedRateLimitingQueue(limiter())
	s.watch()
	return s, nil
}

// informer watches one resource in all namespaces.
func informer(client rest.Interface, resource, selector string, o runtime.Object, by cache.Indexers) cache.SharedIndexInformer {
	lw := cache.NewFilteredListWatchFromClient(client, resource, metav1.NamespaceAll, func(opts *metav1.ListOptions) { opts.LabelSelector = selector })
	return cache.NewSharedIndexInformer(lw, o, 0, by)
}

func podIndex(key func(*corev1.Pod) string) cache.IndexFunc {
	return func(o any) ([]string, error) {
		if p, ok := o.(*corev1.Pod); ok {
			if k := key(p); k != "" {
				return []string{k}, nil
			}
		}
		return nil, nil
	}
}

// vmiKeyOf is the key of the VMI a pod belongs to. A hotplug pod belongs to a launcher pod and has none.
func vmiKeyOf(p *corev1.Pod) string {
	if name := p.Annotations[virtv1.DomainAnnotation]; name != "" {
		return p.Namespace + "/" + name
	}
	return ""
}

// watch connects the informers to the queues. A change of a VMI concerns its pods and the other way round.
func (s *Simulator) watch() {
	s.vmis.AddEventHandler(handle(func(o any) {
		key, _ := cache.DeletionHandlingMetaNamespaceKeyFunc(o)
		s.vmiQueue.Add(key)
		s.queuePodsOf(key)
	}))
	s.pods.AddEventHandler(handle(func(o any) {
		key, _ := cache.DeletionHandlingMetaNamespaceKeyFunc(o)
		s.podQueue.Add(key)
		if p, ok := o.(*corev1.Pod); ok {
			if vmi := vmiKeyOf(p); vmi != "" {
				s.vmiQueue.Add(vmi)
			}
		}
	}))
	s.migrations.AddEventHandler(handle(func(o any) {
		if m, ok := o.(*virtv1.VirtualMachineInstanceMigration); ok {
			key := m.Namespace + "/" + m.Spec.VMIName
			s.vmiQueue.Add(key)
			s.queuePodsOf(key)
		}
	}))
	// A node that is uncordoned or changes its labels may fit a waiting pod.
	s.nodes.AddEventHandler(handle(func(any) {
		for _, o := range s.pods.GetStore().List() {
			if p := o.(*corev1.Pod); p.Spec.NodeName == "" {
				s.podQueue.Add(p.Namespace + "/" + p.Name)
			}
		}
	}))
}

func handle(f func(any)) cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{AddFunc: f, UpdateFunc: func(_, o any) { f(o) }, DeleteFunc: func(o any) {
		if d, ok := o.(cache.DeletedFinalStateUnknown); ok {
			o = d.Obj
		}
		f(o)
	}}
}

func (s *Simulator) queuePodsOf(vmiKey string) {
	for _, p := range s.podsOf(vmiKey) {
		s.podQueue.Add(p.Namespace + "/" + p.Name)
	}
}

func (s *Simulator) podsOf(vmiKey string) []*corev1.Pod {
	return s.podsBy(podsByVMI, vmiKey)
}

func (s *Simulator) podsBy(index, value string) []*corev1.Pod {
	objects, err := s.pods.GetIndexer().ByIndex(index, value)
	if err != nil {
		return nil
	}
	out := make([]*corev1.Pod, 0, len(objects))
	for _, o := range objects {
		out = append(out, o.(*corev1.Pod))
	}
	return out
}

func (s *Simulator) vmi(key string) *virtv1.VirtualMachineInstance {
	o, ok, _ := s.vmis.GetStore().GetByKey(key)
	if !ok {
		return nil
	}
	return o.(*virtv1.VirtualMachineInstance)
}

func (s *Simulator) synced() bool {
	return s.nodes.HasSynced() && s.pods.HasSynced() && s.vmis.HasSynced() && s.migrations.HasSynced()
}

func (s *Simulator) run(ctx context.Context) {
	for _, i := range []cache.SharedIndexInformer{s.nodes, s.pods, s.vmis, s.migrations} {
		go i.Run(ctx.Done())
	}
	if !cache.WaitForCacheSync(ctx.Done(), s.nodes.HasSynced, s.pods.HasSynced, s.vmis.HasSynced, s.migrations.HasSynced) {
		return
	}
	for range podWorkers {
		go work(ctx, "pod", s.podQueue, s.syncPod)
	}
	for range vmiWorkers {
		go work(ctx, "vmi", s.vmiQueue, s.syncVMI)
	}
	<-ctx.Done()
	s.podQueue.ShutDown()
	s.vmiQueue.ShutDown()
}

// work takes keys from a queue. sync may ask to be called again after a while; an error asks for soon.
func work(ctx context.Context, kind string, q workqueue.TypedRateLimitingInterface[string], sync func(context.Context, string) (time.Duration, error)) {
	for {
		key, done := q.Get()
		if done {
			return
		}
		again, err := sync(ctx, key)
		switch {
		case err != nil:
			if !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
				log.Printf("%s %s: %v", kind, key, err)
			}
			q.AddRateLimited(key)
		default:
			q.Forget(key)
			if again > 0 {
				q.AddAfter(key, again)
			}
		}
		q.Done(key)
	}
}

// until is how long to wait for t, at least a moment, so that it is not taken for "never".
func until(t time.Time) time.Duration {
	return max(time.Until(t), time.Millisecond)
}

func splitKey(key string) (namespace, name string, err error) {
	namespace, name, err = cache.SplitMetaNamespaceKey(key)
	if err != nil {
		err = fmt.Errorf("bad key %q", key)
	}
	return namespace, name, err
}
