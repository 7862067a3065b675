package sim

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck/testdata/cluster/internal/state"
)

// clientName is the name virt-api's certificate carries when it calls a virt-handler.
const clientName = "kubevirt.io:system:client:virt-handler"

// refused is an answer that is the caller's fault.
type refused struct{ error }

// newServer is virt-handler's endpoint that virt-api calls (cmd/virt-handler/virt-handler.go, runServer). One serves all
// nodes: the VMI says on which it is.
func newServer(f *state.Folder, s *Simulator) (*http.Server, error) {
	cert, err := tls.LoadX509KeyPair(f.Path("pki", "virt-handler.crt"), f.Path("pki", "virt-handler.key"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(f.Path("pki", "ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if !s.synced() {
			http.Error(w, "not all objects are listed yet", http.StatusServiceUnavailable)
		}
	})
	const base = "/v1/namespaces/{namespace}/virtualmachineinstances/{name}/"
	put := func(op string, f func(context.Context, *virtv1.VirtualMachineInstance, *http.Request) error) {
		mux.HandleFunc("PUT "+base+op, s.answer(func(w http.ResponseWriter, r *http.Request, vmi *virtv1.VirtualMachineInstance) error {
			if err := f(r.Context(), vmi, r); err != nil {
				return err
			}
			w.WriteHeader(http.StatusAccepted)
			return nil
		}))
	}
	get := func(op string, f func(*virtv1.VirtualMachineInstance) any) {
		mux.HandleFunc("GET "+base+op, s.answer(func(w http.ResponseWriter, r *http.Request, vmi *virtv1.VirtualMachineInstance) error {
			w.Header().Set("Content-Type", "application/json")
			return json.NewEncoder(w).Encode(f(vmi))
		}))
	}
	put("pause", s.pause)
	put("unpause", s.unpause)
	put("freeze", s.freeze)
	put("unfreeze", s.unfreeze)
	put("softreboot", s.softReboot)
	put("reset", s.reset)
	get("guestosinfo", guestInfo)
	get("userlist", func(v *virtv1.VirtualMachineInstance) any {
		return virtv1.VirtualMachineInstanceGuestOSUserList{Items: users(v)}
	})
	get("filesystemlist", func(v *virtv1.VirtualMachineInstance) any {
		return virtv1.VirtualMachineInstanceFileSystemList{Items: filesystems(v)}
	})
	mux.HandleFunc("GET "+base+"console", s.answer(s.console))
	mux.HandleFunc("GET "+base+"vnc/screenshot", s.answer(screenshot))

	return &http.Server{
		Addr:    f.Addr(state.Simulator),
		Handler: mux,
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{cert},
			ClientCAs:    pool,
			ClientAuth:   tls.VerifyClientCertIfGiven, // asking for its health needs none
			NextProtos:   []string{"http/1.1"},        // a websocket cannot start on HTTP/2
		},
		ReadHeaderTimeout: 10 * time.Second,
	}, nil
}

// answer looks at who asks and for which VMI.
func (s *Simulator) answer(f func(http.ResponseWriter, *http.Request, *virtv1.VirtualMachineInstance) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) == 0 || r.TLS.PeerCertificates[0].Subject.CommonName != clientName {
			http.Error(w, "only virt-api may ask", http.StatusUnauthorized)
			return
		}
		vmi, err := s.virt.KubevirtV1().VirtualMachineInstances(r.PathValue("namespace")).Get(r.Context(), r.PathValue("name"), metav1.GetOptions{})
		if err == nil {
			err = f(w, r, vmi)
		}
		var mine refused
		switch {
		case errors.As(err, &mine):
			http.Error(w, err.Error(), http.StatusBadRequest)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
}

// change writes a VMI and starts again when somebody else wrote it meanwhile.
func (s *Simulator) change(ctx context.Context, vmi *virtv1.VirtualMachineInstance, f func(*virtv1.VirtualMachineInstance)) error {
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		now, err := s.virt.KubevirtV1().VirtualMachineInstances(vmi.Namespace).Get(ctx, vmi.Name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		_, err = s.update(ctx, now, f)
		return err
	})
}

func (s *Simulator) pause(ctx context.Context, vmi *virtv1.VirtualMachineInstance, _ *http.Request) error {
	return s.change(ctx, vmi, setPaused)
}

func (s *Simulator) unpause(ctx context.Context, vmi *virtv1.VirtualMachineInstance, _ *http.Request) error {
	return s.change(ctx, vmi, func(v *virtv1.VirtualMachineInstance) { removeCondition(v, virtv1.VirtualMachineInstancePaused) })
}

// freeze needs a body, as virt-handler's does (pkg/virt-handler/rest/lifecycle.go, FreezeHandler), and an agent.
func (s *Simulator) freeze(ctx context.Context, vmi *virtv1.VirtualMachineInstance, r *http.Request) error {
	if err := json.NewDecoder(r.Body).Decode(&virtv1.FreezeUnfreezeTimeout{}); err != nil {
		return refused{fmt.Errorf("Can not unmarshal Request body to struct, error: %w", err)}
	}
	if err := needAgent(vmi); err != nil {
		return err
	}
	return s.change(ctx, vmi, func(v *virtv1.VirtualMachineInstance) { v.Status.FSFreezeStatus = "frozen" })
}

func (s *Simulator) unfreeze(ctx context.Context, vmi *virtv1.VirtualMachineInstance, _ *http.Request) error {
	if err := needAgent(vmi); err != nil {
		return err
	}
	return s.change(ctx, vmi, func(v *virtv1.VirtualMachineInstance) { v.Status.FSFreezeStatus = "" })
}

func needAgent(vmi *virtv1.VirtualMachineInstance) error {
	if !hasCondition(vmi, virtv1.VirtualMachineInstanceAgentConnected) {
		return refused{errors.New("Guest agent is not responding: QEMU guest agent is not connected")}
	}
	return nil
}

// softReboot and reset change nothing that an object would show; an event says that they happened.
func (s *Simulator) softReboot(_ context.Context, vmi *virtv1.VirtualMachineInstance, _ *http.Request) error {
	s.events.Event(vmi, corev1.EventTypeNormal, "SoftReboot", "The guest was asked to reboot.")
	return nil
}

func (s *Simulator) reset(_ context.Context, vmi *virtv1.VirtualMachineInstance, _ *http.Request) error {
	if p := vmi.Status.Phase; p != virtv1.Running && p != virtv1.Scheduled {
		return refused{fmt.Errorf("Failed to reset non-running VMI with phase %s", p)}
	}
	s.events.Event(vmi, corev1.EventTypeNormal, "Reset", "The guest was reset.")
	return nil
}

func guestInfo(vmi *virtv1.VirtualMachineInstance) any {
	return virtv1.VirtualMachineInstanceGuestAgentInfo{
		GAVersion: "9.1.0", Hostname: vmi.Name, Timezone: "UTC, 0", OS: vmi.Status.GuestOSInfo,
		UserList: users(vmi), FSFreezeStatus: vmi.Status.FSFreezeStatus,
		FSInfo: virtv1.VirtualMachineInstanceFileSystemInfo{Filesystems: filesystems(vmi)},
	}
}
