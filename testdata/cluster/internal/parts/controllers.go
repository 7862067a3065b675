package parts

import (
	"context"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/restmapper"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/kubernetes/pkg/controller/clusterroleaggregation"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/namespace"
	"k8s.io/kubernetes/pkg/controller/serviceaccount"

	"vmdeck/testdata/cluster/internal/state"
)

func signals() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM, syscall.SIGINT)
	return c
}

// runControllers runs the few of Kubernetes' controllers a cluster of VMs cannot do without: aggregation puts KubeVirt's
// rules into admin, edit and view; the garbage collector and the namespace controller make deletion complete; service
// accounts appear in new namespaces. They are set up as cmd/kube-controller-manager/app/core.go sets them up; its
// command itself would bring every other controller with it.
func runControllers(f *state.Folder) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cfg, err := f.RESTConfig(state.Operator)
	if err != nil {
		return err
	}
	state.Patient(cfg)
	kube, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return err
	}
	meta, err := metadata.NewForConfig(cfg)
	if err != nil {
		return err
	}
	shared := informers.NewSharedInformerFactory(kube, 0)
	metaShared := metadatainformer.NewSharedInformerFactory(meta, 0)
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(kube.Discovery()))
	started := make(chan struct{})

	aggregation := clusterroleaggregation.NewClusterRoleAggregation(shared.Rbac().V1().ClusterRoles(), kube.RbacV1())
	namespaces := namespace.NewNamespaceController(ctx, kube, meta, kube.Discovery().ServerPreferredNamespacedResources,
		shared.Core().V1().Namespaces(), 5*time.Minute, corev1.FinalizerKubernetes)
	accounts, err := serviceaccount.NewServiceAccountsController(shared.Core().V1().ServiceAccounts(),
		shared.Core().V1().Namespaces(), kube, serviceaccount.DefaultServiceAccountsControllerOptions())
	if err != nil {
		return err
	}
	gc, err := garbagecollector.NewGarbageCollector(ctx, kube, meta, mapper, garbagecollector.DefaultIgnoredResources(),
		informerfactory.NewInformerFactory(shared, metaShared), started)
	if err != nil {
		return err
	}

	go aggregation.Run(ctx, 2)
	go namespaces.Run(ctx, 4)
	go accounts.Run(ctx, 1)
	go gc.Run(ctx, 4, 30*time.Second)
	go gc.Sync(ctx, kube.Discovery(), 30*time.Second)
	shared.Start(ctx.Done())
	metaShared.Start(ctx.Done())
	close(started)

	// The mapper learns of resources that were installed since.
	go func() {
		for range time.Tick(30 * time.Second) {
			mapper.Reset()
		}
	}()

	server := &http.Server{Addr: f.Addr(state.Controllers), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for kind, synced := range syncedNow(shared) {
			if !synced {
				http.Error(w, kind+" not listed yet", http.StatusServiceUnavailable)
				return
			}
		}
		w.Write([]byte("ok\n"))
	})}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case <-signals():
		return nil
	case err := <-failed:
		return err
	}
}

// syncedNow tells per kind whether its informer has listed, without waiting for it.
func syncedNow(shared informers.SharedInformerFactory) map[string]bool {
	done := make(chan struct{})
	close(done)
	out := map[string]bool{}
	for t, ok := range shared.WaitForCacheSync(done) {
		out[t.String()] = ok
	}
	return out
}
