package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func TestMain(m *testing.M) { drive.Main(m) }

// world is the program in front of API servers that are made up.
type world struct {
	*drive.Driver
	api   *fakeapi.Server // of the context demo
	other *fakeapi.Server // of the context staging
	sso   *fakeapi.Server // of demo, as the kubeconfig user sso
	audit drive.Audit
	app   *App
	gone  bool // the kubeconfig
}

// setting is what a world begins with. The zero value is a power user's cluster with VMs in every status, at 120×40.
type setting struct {
	drive.Size
	user     *fakeapi.User
	empty    bool // no VMs
	readOnly string
	theme    theme.Options
	scope    *vm.Scope
	target   kube.Target
	audit    kube.Auditor
	prepare  func(api *fakeapi.Server) // before the first request
	group    string                    // that demo and staging belong to
	early    bool                      // look before anything has been answered
}

func powerUser() fakeapi.User { return fakeapi.Persona("power-user", rbac.RolePowerUser) }

func ptr[T any](v T) *T { return &v }

// inWorld runs a test in a bubble with the list loaded.
func inWorld(t *testing.T, s setting, test func(w *world)) {
	t.Helper()
	drive.Bubble(t, func(t *testing.T) {
		w := begin(t, s)
		if !s.early {
			w.Pass(time.Second)
		}
		test(w)
	})
}

// noConfig is a configuration that is not there, and so has no registries beside it.
const noConfig = "/nowhere/vmdeck/config.yaml"

func begin(t testing.TB, s setting) *world {
	t.Helper()
	w := &world{api: fakeapi.New(), other: fakeapi.New(), sso: fakeapi.New()}
	w.sso.Become(fakeapi.Persona("alice@example.com", rbac.RoleUser))
	w.sso.Put(fakeapi.Namespace("team-a", "Active"))
	w.sso.Put(fakeapi.Running("team-a", "seen-by-alice", "node-1")...)
	w.api.Become(powerUser())
	w.other.Become(powerUser())
	if s.user != nil {
		w.api.Become(*s.user)
	}
	if s.empty {
		w.api.Put(fakeapi.Namespace("team-a", "Active"), fakeapi.Namespace("team-b", "Active"))
	} else {
		w.api.Load(fakeapi.Estate())
	}
	w.other.Put(fakeapi.Namespace("staging", "Active"))
	w.other.Put(fakeapi.Running("staging", "only-here", "node-9")...)
	if s.prepare != nil {
		s.prepare(w.api)
	}
	if s.target.Context == "" {
		s.target.Context, s.target.User = "demo", "power-user"
	}
	servers := map[string]*fakeapi.Server{"demo": w.api, "staging": w.other}
	open := func(_ context.Context, name, user string) (Opened, error) {
		if w.gone {
			return Opened{}, errors.New("the kubeconfig is gone")
		}
		if servers[name] == nil {
			return Opened{}, errors.New("context " + name + " of the kubeconfig: cluster \"gone\" does not exist")
		}
		target := s.target
		target.Context = name
		server := servers[name]
		if user == "sso" {
			target.User, server = user, w.sso
		}
		o := Opened{Cluster: server.Connect(t, target), Scope: vm.Scope{All: true}, ReadOnly: s.readOnly}
		o.Profiles = profile.ClusterStore(o.Cluster)
		if s.group != "" {
			o.Groups = []deck.Group{{Name: s.group, Contexts: []string{"demo", "staging"}}}
		}
		return o, nil
	}
	first, err := open(t.Context(), "demo", "")
	if err != nil {
		t.Fatal(err)
	}
	if s.scope != nil {
		first.Scope, first.Namespace = *s.scope, s.scope.Namespaces[0]
	}
	s.theme.Dark = true
	var audit kube.Auditor = &w.audit
	if s.audit != nil {
		audit = s.audit
	}
	w.app = New(t.Context(), Options{
		Theme: theme.New(s.theme), Open: open, Audit: audit, Registries: config.RegistriesBeside(noConfig),
		Contexts: func() ([]string, error) { return []string{"broken", "demo", "staging"}, nil },
		Users: func(string) ([]config.User, error) {
			return []config.User{{Name: "admin", Login: config.LoginCertificate, Current: true, Here: true},
				{Name: "sso", Login: config.LoginExec, Plugin: "kubelogin", Issuer: issuer, Here: true}}, nil
		},
		ConfigFile: "~/.config/vmdeck/config.yaml",
	}, first)
	w.Driver = drive.New(t, w.app, s.W, s.H, w.app.Close)
	return w
}

// to puts the cursor on a VM, by its name alone, from wherever it is.
func (w *world) to(name string) {
	w.T.Helper()
	w.Keys("g")
	for range 60 {
		if w.current() == name {
			return
		}
		w.Keys("j")
	}
	w.T.Fatalf("%s is not in the list\n%s", name, w.Plain())
}

// current is the name of the VM under the cursor, as the screen shows it.
func (w *world) current() string {
	for line := range lines(w.Plain()) {
		var mark, name string
		if n, _ := fmt.Sscan(strings.TrimPrefix(line, "✓"), &mark, &name); n == 2 && mark == "▸" {
			return name
		}
	}
	return ""
}

// writes holds that these calls and no others would have changed something.
func (w *world) writes(want ...string) {
	w.T.Helper()
	w.Settle()
	if got := w.api.Calls(); !slices.Equal(got, want) {
		w.T.Fatalf("the server got\n%q\nwant\n%q\n%s", got, want, w.Plain())
	}
}
