package registries

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

func TestMain(m *testing.M) { drive.Main(m) }

// fake is a registry that answers what a test says, after a while.
type fake struct {
	entry config.Registry
	packs []pack.Summary
	err   error
	takes time.Duration
	load  func(name, version string) (*pack.Pack, error)
}

func (f *fake) Name() string            { return f.entry.Name }
func (f *fake) Kind() pack.RegistryKind { return pack.RegistryKind(f.entry.Kind) }
func (f *fake) Where() string           { return f.entry.URL }

func (f *fake) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(f.takes):
		return f.err
	}
}

func (f *fake) Packs(ctx context.Context) ([]pack.Summary, error) {
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	return f.packs, nil
}

func (f *fake) Versions(ctx context.Context, name string) ([]string, error) {
	i := slices.IndexFunc(f.packs, func(s pack.Summary) bool { return s.Name == name })
	if i < 0 {
		return nil, errors.New("no such pack")
	}
	return f.packs[i].Versions, f.wait(ctx)
}

func (f *fake) Load(ctx context.Context, name, version string) (*pack.Pack, error) {
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	if f.load == nil {
		return pack.Public().Load(ctx, "spectro-proxy", "1.0.0")
	}
	return f.load(name, version)
}

// memory keeps registries in memory.
type memory struct {
	mu      sync.Mutex
	entries []config.Registry
	readErr error
	addErr  error
}

func (m *memory) Path() string { return "/home/ops/.config/vmdeck/registries.yaml" }

func (m *memory) Read() ([]config.Registry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.entries), m.readErr
}

func (m *memory) Add(r config.Registry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.addErr == nil {
		m.entries = append(m.entries, r)
	}
	return m.addErr
}

func (m *memory) Remove(name string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.entries)
	m.entries = slices.DeleteFunc(m.entries, func(r config.Registry) bool { return r.Name == name })
	return len(m.entries) < n, nil
}

// open opens the registries of the memory: those that are made up, and others as they are.
func (m *memory) open(fakes []*fake) func() ([]config.Registry, profile.Registries, error) {
	return func() ([]config.Registry, profile.Registries, error) {
		entries, err := m.Read()
		all := profile.OpenRegistries(entries)
		for i, r := range all {
			if at := slices.IndexFunc(fakes, func(f *fake) bool { return f.entry.Name == r.Name() }); at >= 0 {
				all[i] = fakes[at]
			}
		}
		return entries, all, err
	}
}

// world is the list of registries in a shell.
type world struct {
	*stage.Stage
	store *memory
	fakes []*fake
	deck  *deck.Deck
}

// setting is what a world begins with. The zero value has a registry of each kind, of which one does not answer and one has a broken pack.
type setting struct {
	drive.Size
	alone   bool // nothing was added
	theme   theme.Options
	readErr error
	early   bool
	// profiles is where profiles are kept; nil: some of them use the registries.
	profiles profile.Store
	page     func(w *world) shell.Page
}

func ours() *fake {
	return &fake{entry: config.Registry{Name: "ours", Kind: "oci", URL: "oci://registry.example.com/packs", CAFile: "/etc/ssl/ours.pem", Packs: []string{"gateway", "storage-class"}},
		takes: 2 * time.Second, packs: []pack.Summary{
			{Name: "gateway", DisplayName: "Gateway", Type: pack.TypeSystemApp, Description: "Lets VMs talk to the world through one address that can be watched.", Versions: []string{"2.1.0", "2.0.3", "2.0.0", "1.9.9", "1.9.0"}},
			{Name: "storage-class", DisplayName: "Storage class", Type: pack.TypeHelm, Description: "A storage class for VM disks that can be moved.", Versions: []string{"0.3.0"}},
		}}
}

func silent() *fake {
	return &fake{entry: config.Registry{Name: "charts", Kind: "http", URL: "https://charts.example.com/stable"}, takes: 5 * time.Second,
		err: errors.New("read the index of https://charts.example.com/stable: dial tcp 203.0.113.7:443: connect: no route to host; is the address right, and can this machine reach it")}
}

func broken() *fake {
	return &fake{entry: config.Registry{Name: "lab", Kind: "folder", URL: "/srv/packs"}, packs: []pack.Summary{
		{Name: "fine", DisplayName: "Fine", Type: pack.TypeHelm, Description: "In order.", Versions: []string{"1.0.0"}},
		{Name: "odd", Problem: errors.New("Chart.yaml: the version \"one\" is no semantic version")},
	}}
}

// uses are profiles of which some have packs of a registry.
func uses(t testing.TB) profile.Store {
	folder := t.TempDir()
	for name, registry := range map[string]string{"platform": "ours", "edge": "ours", "plain": pack.PublicRepo} {
		p := profile.Profile{Name: name, Version: "1.0.0", Type: profile.TypeAddOn, Packs: []profile.PackRef{{Registry: registry, Name: "gateway", Version: "2.1.0"}}}
		data, err := p.Manifest()
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name+".yaml"), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return profile.FolderStore(folder)
}

func inWorld(t *testing.T, s setting, test func(w *world)) {
	t.Helper()
	drive.In(t, begin, s, drive.Unless(s.early, 10*time.Second), test)
}

func begin(t testing.TB, s setting) *world {
	t.Helper()
	w := &world{store: &memory{readErr: s.readErr}, fakes: []*fake{ours(), silent(), broken()}}
	if !s.alone {
		for _, f := range w.fakes {
			w.store.entries = append(w.store.entries, f.entry)
		}
	}
	s.theme.Dark = true
	if s.profiles == nil {
		s.profiles = uses(t)
	}
	api := fakeapi.New()
	w.deck = deck.Open(t.Context(), api.Connect(t, kube.Target{Context: "demo", User: "admin"}), deck.Options{
		Theme: theme.New(s.theme), Scope: vm.Scope{All: true}, Profiles: s.profiles, Registries: w.store,
	})
	var page shell.Page = newPage(w.deck, w.store.open(w.fakes))
	if s.page != nil {
		page = s.page(w)
	}
	w.Stage = stage.Over(t, w.deck, stage.Options{Size: s.Size, Tab: "Profiles"}, page)
	return w
}
