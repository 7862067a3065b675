package deck

import (
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/setup"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// following is a deck whose state is looked at after a while.
type following struct {
	*testing.T
	api  *fakeapi.Server
	deck *Deck
}

func follow(t *testing.T, user fakeapi.User, test func(f following)) {
	t.Helper()
	drive.Bubble(t, func(t *testing.T) {
		f := following{T: t, api: fakeapi.New()}
		f.api.Become(user)
		f.deck = Open(t.Context(), f.api.Connect(t, kube.Target{Context: "demo"}), Options{Scope: vm.Scope{All: true}})
		defer f.deck.Close()
		f.deck.Setup()
		test(f)
	})
}

func (f following) expect(after time.Duration, want setup.Known) setup.State {
	f.Helper()
	time.Sleep(after)
	s := f.deck.Setup()
	if s.Known != want {
		f.Fatalf("known is %d, want %d: %+v", s.Known, want, s)
	}
	return s
}

// reader may read settings in the namespace where they are, and nothing else.
func reader() fakeapi.User {
	u := fakeapi.Nobody()
	u.In = map[string]rbac.Rules{}
	for _, namespace := range []string{"vm-dashboard", "spectro-proxy"} {
		u.In[namespace] = rbac.Rules{rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"get", "list", "watch"}}}
	}
	return u
}

var oidc = map[string]string{"access": "private", "identityProvider": "none", "oidc-issuer-url": "https://issuer.example", "oidc-client-id": "vmdeck"}

func TestSetupIsFollowed(t *testing.T) {
	for name, user := range map[string]fakeapi.User{"everywhere": fakeapi.Admin(), "one pack's": reader()} {
		t.Run(name, func(t *testing.T) {
			follow(t, user, func(f following) {
				f.expect(5*time.Second, setup.None)
				f.api.Put(fakeapi.Settings("spectro-proxy", "spectro-proxy-address", "spectro-proxy-1.0.0", map[string]string{"kubernetes": "demo.example.com"}),
					fakeapi.Settings("vm-dashboard", "virtual-machine-orchestrator", "virtual-machine-orchestrator-1.1.0", oidc))
				s := f.expect(5*time.Second, setup.Found)
				if s.Access != setup.Proxied || s.IdentityProvider != setup.Kubernetes || s.Issuer != "https://issuer.example" || s.Client != "vmdeck" ||
					s.Proxy != "demo.example.com" || s.PackVersion != "1.1.0" || !s.Connect() {
					t.Errorf("%+v", s)
				}
				f.api.Put(fakeapi.Settings("vm-dashboard", "virtual-machine-orchestrator", "virtual-machine-orchestrator-1.1.0", map[string]string{"access": "direct", "identityProvider": "palette"}))
				if s := f.expect(5*time.Second, setup.Found); s.Connect() || s.Access != setup.Direct || s.Proxy != "" {
					t.Errorf("%+v", s)
				}
				f.api.Delete("configmaps", "vm-dashboard", "virtual-machine-orchestrator")
				f.expect(5*time.Second, setup.None)
			})
		})
	}
}

// Settings that tenants have made in namespaces of their own are no settings.
func TestSetupIsNotTakenFromAnybody(t *testing.T) {
	follow(t, fakeapi.Admin(), func(f following) {
		f.api.Put(fakeapi.Settings("team-a", "virtual-machine-orchestrator", "virtual-machine-orchestrator-1.1.0", oidc))
		f.expect(5*time.Second, setup.None)
		role := fakeapi.ClusterRole(rbac.RoleViewer)
		f.api.Put(role.With("metadata", "annotations", map[string]any{"meta.helm.sh/release-namespace": "team-a"}))
		f.deck.RereadSetup()
		if s := f.expect(5*time.Second, setup.Found); s.Namespace != "team-a" {
			t.Errorf("%+v", s)
		}
	})
}

func TestSetupKnowsItsProfile(t *testing.T) {
	follow(t, fakeapi.Admin(), func(f following) {
		f.api.Put(fakeapi.Settings("vm-dashboard", "virtual-machine-orchestrator", "virtual-machine-orchestrator-1.1.0", oidc),
			fakeapi.Release{Namespace: "vm-dashboard", Name: "virtual-machine-orchestrator", Profile: profile.Ref{Name: "vm-platform", Version: "2.0.0"}}.Object())
		if s := f.expect(5*time.Second, setup.Found); s.From() != "the profile vm-platform 2.0.0" {
			t.Errorf("from %s", s.From())
		}
	})
	follow(t, reader(), func(f following) {
		f.api.Put(fakeapi.Settings("vm-dashboard", "virtual-machine-orchestrator", "virtual-machine-orchestrator-1.1.0", oidc))
		s := f.expect(time.Minute, setup.Found)
		if s.From() != "the pack virtual-machine-orchestrator 1.1.0" || s.ProfileErr == nil || !strings.Contains(s.ProfileErr.Error(), "list secrets") {
			t.Errorf("from %s, %v", s.From(), s.ProfileErr)
		}
	})
}

// What is not known is told apart, and what was known stays while the server is away.
func TestSetupWithoutAnAnswer(t *testing.T) {
	follow(t, fakeapi.Nobody(), func(f following) {
		f.expect(5*time.Second, setup.Forbidden)
		f.api.Become(reader())
		f.api.Put(fakeapi.Settings("vm-dashboard", "virtual-machine-orchestrator", "virtual-machine-orchestrator-1.1.0", oidc))
		f.expect(time.Minute, setup.Found)
		f.api.Become(fakeapi.Nobody())
		f.api.Cut()
		f.expect(time.Minute, setup.Forbidden)
	})
	follow(t, fakeapi.Admin(), func(f following) {
		f.api.Put(fakeapi.Settings("vm-dashboard", "virtual-machine-orchestrator", "virtual-machine-orchestrator-1.1.0", oidc))
		f.expect(5*time.Second, setup.Found)
		f.api.Down(true)
		f.api.Cut()
		f.expect(time.Minute, setup.Found)
		f.api.Delete("configmaps", "vm-dashboard", "virtual-machine-orchestrator")
		f.api.Down(false)
		f.expect(2*time.Minute, setup.None)
	})
	drive.Bubble(t, func(t *testing.T) {
		api := fakeapi.New()
		api.Down(true)
		d := Open(t.Context(), api.Connect(t, kube.Target{Context: "demo"}), Options{Scope: vm.Scope{All: true}})
		defer d.Close()
		d.Setup()
		following{t, api, d}.expect(time.Minute, setup.Unreachable)
	})
}

// What it costs where nothing changes.
func TestSetupIsCheap(t *testing.T) {
	follow(t, fakeapi.Admin(), func(f following) {
		f.expect(10*time.Second, setup.None)
		before := len(about(f.api.Seen(), "configmaps"))
		f.expect(9*time.Minute, setup.None)
		if n := len(about(f.api.Seen(), "configmaps")) - before; n > 4 {
			t.Errorf("%d requests in nine minutes: %v", n, about(f.api.Seen(), "configmaps")[before:])
		}
	})
}

func about(seen []string, what string) []string {
	var out []string
	for _, request := range seen {
		if strings.Contains(request, what) {
			out = append(out, request)
		}
	}
	return out
}
