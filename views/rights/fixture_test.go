package rights

import (
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func TestMain(m *testing.M) { drive.Main(m) }

func user(name string) rbac.Subject  { return rbac.Subject{Kind: rbacv1.UserKind, Name: name} }
func group(name string) rbac.Subject { return rbac.Subject{Kind: rbacv1.GroupKind, Name: name} }
func robot(namespace, name string) rbac.Subject {
	return rbac.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}
}

func rule(verb, group string, resources ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: []string{group}, Resources: resources}
}

// world is a shell with one of the pages in front of an API server that is made up.
type world struct {
	*drive.Driver
	api  *fakeapi.Server
	deck *deck.Deck
	page shell.Page
	said []tea.Msg // messages for other screens

	mu    sync.Mutex
	audit []config.AuditEntry
}

// Write implements vm.Auditor.
func (w *world) Write(e config.AuditEntry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.audit = append(w.audit, e)
	return nil
}

// setting is what a world begins with. The zero value is a cluster administrator's, with the catalogue and some bindings.
type setting struct {
	w, h     int
	as       string // who looks; empty: root, who may do everything
	readOnly string
	ascii    bool
	prepare  func(api *fakeapi.Server) // before the first request
	page     func(d *deck.Deck) shell.Page
	early    bool // look before anything has been answered
}

func matrix(d *deck.Deck) shell.Page { return NewRoles(d) }

func whoCan(need, namespace string) func(d *deck.Deck) shell.Page {
	return func(d *deck.Deck) shell.Page {
		return NewWhoCan(d, deck.ShowWhoCan{Need: need, Namespace: namespace})
	}
}

// seed is a cluster where four people share the work.
func seed(api *fakeapi.Server) {
	api.Put(fakeapi.Namespace("team-a", "Active"), fakeapi.Namespace("team-b", "Active"), fakeapi.Namespace("vm-images", "Active"))
	api.Put(fakeapi.Catalogue()...)
	api.Put(fakeapi.ClusterRole("cluster-admin", rule("*", "*", "*")),
		fakeapi.Bound("", "cluster-admins", "cluster-admin", user("root")),
		fakeapi.Bound("", "vm-admins", rbac.RoleAdmin, group("oidc:platform-team")),
		fakeapi.Bound("", "everybody-lists-namespaces", rbac.RoleListNamespaces, group("system:authenticated")),
		fakeapi.Bound("team-a", "power", rbac.RolePowerUser, user("alice"), robot("ci", "image-builder")),
		fakeapi.Bound("team-a", "operators", rbac.RoleUser, user("bob"), group("oidc:team-a")),
		fakeapi.Bound("team-b", "operators", rbac.RoleUser, user("bob")),
		fakeapi.Bound("team-b", "viewers", rbac.RoleViewer, user("carol")))
}

// root is the page under the one that is tested, so that esc leads somewhere.
type root struct{ deck *deck.Deck }

func (r root) Init() tea.Cmd           { return tea.Batch(r.deck.Wait(), tick()) }
func (root) Update(tea.Msg) tea.Cmd    { return nil }
func (root) View(int, int) string      { return "" }
func (root) Title() string             { return "Virtual Machines" }
func (root) Hints() []shell.Hint       { return nil }
func (root) Help() []help.Section      { return nil }
func (root) Commands() []palette.Entry { return nil }
func (root) Capturing() bool           { return false }

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

func begin(t testing.TB, s setting) *world {
	t.Helper()
	w := &world{api: fakeapi.New()}
	seed(w.api)
	if s.prepare != nil {
		s.prepare(w.api)
	}
	if s.as == "" {
		s.as = "root"
	}
	w.api.Login(s.as)
	if s.w == 0 {
		s.w, s.h = 120, 40
	}
	th := theme.New(theme.Options{Dark: true, ASCII: s.ascii})
	cluster := w.api.Connect(t, kube.Target{Context: "demo", User: s.as, Namespace: "team-a"})
	w.deck = deck.Open(t.Context(), cluster, deck.Options{Theme: th, Scope: vm.Scope{All: true}, ReadOnly: s.readOnly, Audit: w})
	w.page = s.page(w.deck)
	m := shell.New(shell.Options{Theme: th, Pages: []shell.Page{root{w.deck}}, Handle: w.handle, Header: func(int) shell.Header {
		return shell.Header{Left: []shell.Segment{{Text: "vmdeck", Tone: theme.Accent}, {Text: s.as + "@demo"}}}
	}})
	w.Driver = drive.New(t, m, s.w, s.h, w.deck.Close)
	w.Send(shell.Push(w.page)())
	return w
}

// handle is what the program does around the pages.
func (w *world) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case deck.Event:
		return w.deck.Wait()
	case deck.Tick:
		return tick()
	case deck.EditRule, deck.ShowWhoCan, deck.ShowRoles, deck.ShowBindings:
		w.said = append(w.said, msg)
	}
	return nil
}

func tick() tea.Cmd {
	return tea.Tick(time.Second, func(now time.Time) tea.Msg { return deck.Tick{Now: now} })
}

// press presses keys a moment apart, as a person does, so that a dialog that opens meanwhile listens.
func (w *world) press(names ...string) {
	w.T.Helper()
	for _, name := range names {
		w.Keys(name)
		w.Quiet()
	}
}
