package parts

import (
	"fmt"
	"net/url"
	"os"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	"kubevirt.io/client-go/kubecli"
	"kubevirt.io/client-go/log"
	"kubevirt.io/kubevirt/pkg/service"
	virt_api "kubevirt.io/kubevirt/pkg/virt-api"
	"kubevirt.io/kubevirt/pkg/virt-controller/watch"

	"vmdeck/testdata/cluster/internal/sim"
	"vmdeck/testdata/cluster/internal/state"
)

// Run is a part's process. It does not return before the part ends; virt-api and virt-controller end the process
// themselves. Each needs a process of its own because KubeVirt's programs use the global flags, the global HTTP mux and
// os.Exit.
func Run(name, dir string, args []string) error {
	f, err := state.Open(dir)
	if err != nil {
		return err
	}
	kubecli.RegisterRestConfigHook(state.Patient) // for virt-api and virt-controller
	os.Args = append([]string{name}, args...)
	switch name {
	case state.Etcd:
		return runEtcd(f)
	case state.APIServer:
		cmd := apiserver.NewAPIServerCommand()
		cmd.SetArgs(args)
		if code := cli.Run(cmd); code != 0 {
			return fmt.Errorf("kube-apiserver ended with %d", code)
		}
		return nil
	case state.Controllers:
		return runControllers(f)
	case state.VirtAPI:
		log.InitializeLogging("virt-api")
		app := virt_api.NewVirtApi()
		service.Setup(app)
		app.Execute()
		return nil
	case state.VirtController:
		watch.Execute()
		return nil
	case state.Simulator:
		return sim.Run(f)
	}
	return fmt.Errorf("there is no part called %q", name)
}

// runEtcd runs a single etcd member without peers. It does not wait for the disk: a killed process loses nothing by
// that, only a power cut would, and a test cluster is quickly made anew.
func runEtcd(f *state.Folder) error {
	cfg := embed.NewConfig()
	cfg.Dir = f.Path("etcd")
	cfg.UnsafeNoFsync = true
	cfg.LogLevel = "warn"
	cfg.TickMs, cfg.ElectionMs = 10, 100 // alone, it need not wait for others to vote
	cfg.QuotaBackendBytes = 8 << 30
	cfg.MaxTxnOps = 1024 // loading stored objects puts many at once
	client := url.URL{Scheme: "http", Host: f.Addr(state.Etcd)}
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	cfg.ListenPeerUrls = nil
	// The member's own address is only a name when it has no peers. It must not depend on the port, which may change.
	peer := url.URL{Scheme: "http", Host: "localhost:2380"}
	cfg.AdvertisePeerUrls = []url.URL{peer}
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)
	e, err := embed.StartEtcd(cfg)
	if err != nil {
		return err
	}
	select {
	case <-e.Server.ReadyNotify():
	case <-time.After(30 * time.Second):
		e.Close()
		return fmt.Errorf("etcd did not get ready")
	}
	select {
	case s := <-signals():
		fmt.Println("ending on", s)
		e.Close()
		return nil
	case err := <-e.Err():
		return err
	case <-e.Server.StopNotify():
		return fmt.Errorf("etcd stopped")
	}
}
