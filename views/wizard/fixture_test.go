package wizard

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

func TestMain(m *testing.M) { drive.Main(m) }

// world is a shell with the wizard in front of an API server that is made up, and a store that is a folder.
type world struct {
	*stage.Stage
	api    *fakeapi.Server
	deck   *deck.Deck
	page   *Page
	store  profile.Store
	added  *registries
	drafts string
	audit  drive.Audit
}

// setting is what a world begins with. The zero value is a cluster administrator's, with an empty store.
type setting struct {
	drive.Size
	as       string // who looks; empty: root, who may do everything
	readOnly string
	ascii    bool
	cluster  bool // profiles are kept in the cluster
	drafts   string
	stored   []profile.Profile
	added    []config.Registry
	ask      deck.NewProfile
	prepare  func(api *fakeapi.Server)
	early    bool // look before anything has been answered
}

// folder is a store with a name that is the same on every machine.
type folder struct{ profile.Store }

func (*folder) Where() string { return "the folder /srv/profiles" }

// registries are those that were added, in memory.
type registries struct {
	mu  sync.Mutex
	all []config.Registry
}

func (r *registries) Read() ([]config.Registry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all, nil
}

func (r *registries) Add(c config.Registry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, c)
	return nil
}

func (*registries) Remove(string) (bool, error) { return false, nil }
func (*registries) Path() string                { return "/etc/vmdeck/registries" }

func inWorld(t *testing.T, s setting, test func(w *world)) {
	t.Helper()
	drive.In(t, begin, s, drive.Unless(s.early, time.Second), test)
}

func who(name string) rbac.Subject { return rbac.Subject{Kind: rbacv1.UserKind, Name: name} }

// newProfile asks for a wizard that changes a stored profile in place.
func newProfile(s profile.Stored) deck.NewProfile {
	return deck.NewProfile{From: &s.Value, Replaces: s}
}

// rule is a rule of a role.
func rule(verb, group string, resources ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: []string{group}, Resources: resources}
}

func begin(t testing.TB, s setting) *world {
	t.Helper()
	w := &world{api: fakeapi.New(), added: &registries{all: s.added}, drafts: s.drafts}
	w.api.Put(fakeapi.Namespace("default", "Active"), fakeapi.Namespace("team-a", "Active"), fakeapi.Namespace("team-b", "Active"))
	w.api.Put(fakeapi.Catalogue()...)
	w.api.Put(fakeapi.ClusterRole("cluster-admin", rule("*", "*", "*")),
		fakeapi.Bound("", "cluster-admins", "cluster-admin", who("root")),
		fakeapi.Bound("", "power", rbac.RolePowerUser, who("alice")))
	if s.prepare != nil {
		s.prepare(w.api)
	}
	if s.as == "" {
		s.as = "root"
	}
	w.api.Login(s.as)
	if s.drafts == "" {
		w.drafts = filepath.Join(t.TempDir(), "drafts")
	}
	th := theme.New(theme.Options{Dark: true, ASCII: s.ascii})
	cluster := w.api.Connect(t, kube.Target{Context: "demo", User: s.as, Namespace: "team-a"})
	w.store = &folder{Store: profile.FolderStore(t.TempDir())}
	if s.cluster {
		w.store = profile.ClusterStore(cluster)
	}
	for _, p := range s.stored {
		if _, err := w.store.Save(t.Context(), p, ""); err != nil {
			t.Fatal(err)
		}
	}
	w.deck = deck.Open(t.Context(), cluster, deck.Options{
		Theme: th, Scope: vm.Scope{All: true}, ReadOnly: s.readOnly, Audit: &w.audit, Profiles: w.store, Registries: w.added, Drafts: w.drafts,
	})
	w.page = New(w.deck, s.ask)
	header := shell.Header{Left: []shell.Segment{{Text: "vmdeck", Tone: theme.Accent}, {Text: s.as + "@demo"}}}
	w.Stage = stage.Over(t, w.deck, stage.Options{Size: s.Size, Header: header, Tab: "Profiles"}, w.page)
	return w
}

// again opens another wizard over the same folders, as the next session does.
func (w *world) again(ask deck.NewProfile) {
	w.T.Helper()
	w.page = New(w.deck, ask)
	w.Send(shell.Push(w.page)())
	w.Pass(time.Second)
}

// press presses keys a moment apart, as a person does, so that a dialog that opens meanwhile listens. A word between quotes is typed.
func (w *world) press(names ...string) {
	w.T.Helper()
	for _, name := range names {
		if typed, ok := quoted(name); ok {
			w.Type(typed)
			continue
		}
		w.Keys(name)
		w.Quiet()
	}
}

func quoted(name string) (string, bool) {
	if len(name) < 2 || name[0] != '"' {
		return "", false
	}
	return name[1 : len(name)-1], true
}
