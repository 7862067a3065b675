package connect

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

func TestMain(m *testing.M) { drive.Main(m) }

const issuer = "https://login.example.com/realms/vms"

// world is the page in front of an API server that is made up, where every kubeconfig user is somebody else.
type world struct {
	*stage.Stage
	api  *fakeapi.Server
	page *Page
	hang chan struct{} // closed to let a slow login come through

	fails error // what connections are answered with, from now on

	mu     sync.Mutex
	opened []string // the users that connections were opened as
}

// setting is what a world begins with. The zero value is an administrator's, with a profile that has VMs operated with OIDC identities.
type setting struct {
	drive.Size
	ascii    bool
	chosen   string
	login    fakeapi.User
	identity string // none, palette, …; empty: none
	nothing  bool   // no profile was applied
	usersErr error
	slow     bool // logging in takes until the test lets it
	prepare  func(api *fakeapi.Server)
	name     string // of the context
}

func users() []config.User {
	return []config.User{
		{Name: "admin", Login: config.LoginCertificate, Current: true, Here: true},
		{Name: "sso", Login: config.LoginExec, Plugin: "kubectl-oidc_login", Issuer: issuer, Client: "vms", Here: true},
		{Name: "robot", Login: config.LoginToken, Here: true},
		{Name: "other-sso", Login: config.LoginExec, Plugin: "kubelogin", Issuer: "https://elsewhere.example.com", Client: "x"},
		{Name: "old", Login: config.LoginProvider, Plugin: "oidc"},
		{Name: "ghost", Login: config.LoginExec, Plugin: "kubelogin"},
		{Name: "abroad", Login: config.LoginToken, Elsewhere: true},
	}
}

// people are who the API server takes the kubeconfig users for.
var people = map[string]fakeapi.User{
	"admin":     {Name: "kubernetes-admin", Groups: []string{"system:masters", "system:authenticated"}},
	"sso":       {Name: "alice@example.com", Groups: []string{"oidc:vm-operators", "system:authenticated"}},
	"robot":     {Name: "system:serviceaccount:ci:robot", Groups: []string{"system:serviceaccounts", "system:authenticated"}},
	"other-sso": {Name: "bob@elsewhere.example.com", Groups: []string{"system:authenticated"}},
	"abroad":    {Name: "eve", Groups: []string{"system:authenticated"}},
}

func administrator() fakeapi.User {
	u := fakeapi.Admin()
	u.Name, u.Groups = "kubernetes-admin", []string{"system:masters", "system:authenticated"}
	return u
}

// operated has a profile that has VMs operated as an identity provider says.
func operated(api *fakeapi.Server, identity string) {
	data := map[string]string{"access": "private", "identityProvider": identity}
	if identity == "none" || identity == "tenant" {
		data["oidc-issuer-url"], data["oidc-client-id"] = issuer, "vms"
	}
	api.Put(fakeapi.Settings("vm-dashboard", "virtual-machine-orchestrator", "virtual-machine-orchestrator-1.1.0", data),
		fakeapi.Settings("spectro-proxy", "spectro-proxy-address", "spectro-proxy-1.0.0", map[string]string{"kubernetes": "demo.proxy.example.com"}),
		release("deployed"))
}

func release(status string) fakeapi.Object {
	return fakeapi.Release{Namespace: "vm-dashboard", Name: "virtual-machine-orchestrator", Chart: "virtual-machine-orchestrator", Version: "1.1.0",
		Status: status, Profile: profile.Ref{Name: "vm-platform", Version: "2.0.0"}}.Object()
}

// entered stands for the message that has the program go on as a user: one that a stage notices.
type entered = deck.ShowBindings

func inWorld(t *testing.T, s setting, test func(w *world)) {
	t.Helper()
	drive.Bubble(t, func(t *testing.T) {
		w := begin(t, s)
		w.Pass(3 * time.Second)
		test(w)
	})
}

func begin(t testing.TB, s setting) *world {
	t.Helper()
	w := &world{api: fakeapi.New(), hang: make(chan struct{})}
	if s.login.Name == "" {
		s.login = administrator()
	}
	if s.name == "" {
		s.name = "demo"
	}
	w.api.Become(s.login)
	if s.identity == "" {
		s.identity = "none"
	}
	if !s.nothing {
		operated(w.api, s.identity)
	}
	if s.prepare != nil {
		s.prepare(w.api)
	}
	cluster := w.api.Connect(t, kube.Target{Context: s.name, User: "admin"})
	d := deck.Open(t.Context(), cluster, deck.Options{
		Theme: theme.New(theme.Options{Dark: true, ASCII: s.ascii}), Scope: vm.Scope{All: true}, Profiles: profile.ClusterStore(cluster),
	})
	w.page = New(d, Door{
		Users: func() ([]config.User, error) { return users(), s.usersErr },
		Open: func(ctx context.Context, user string) (*kube.Cluster, tea.Msg, error) {
			if s.slow {
				select {
				case <-w.hang:
				case <-ctx.Done():
					return nil, nil, ctx.Err()
				}
			}
			w.mu.Lock()
			w.opened = append(w.opened, user)
			w.mu.Unlock()
			if w.fails != nil {
				return nil, nil, w.fails
			}
			person, ok := people[user]
			if !ok {
				return nil, nil, errors.New("the plugin says no")
			}
			there := fakeapi.New()
			there.Become(person)
			return there.Connect(t, kube.Target{Context: s.name, User: user}), entered{Query: user}, nil
		},
		Chosen: s.chosen, Back: func() tea.Cmd { return func() tea.Msg { return entered{} } }, File: "~/.config/vmdeck/config.yaml",
	})
	header := shell.Header{Left: []shell.Segment{{Text: "vmdeck", Tone: theme.Accent}, {Text: "kubernetes-admin@demo"}}}
	w.Stage = stage.Show(t, d, stage.Options{Size: s.Size, Header: header}, w.page)
	return w
}

// entered are the users that the program was asked to go on as.
func (w *world) entered() []string {
	var out []string
	for _, msg := range w.Asked {
		if e, ok := msg.(entered); ok {
			out = append(out, e.Query)
		}
	}
	return out
}
