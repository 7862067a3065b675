package profiles

import (
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

func TestMain(m *testing.M) {
	kube.SilenceLogs()
	drive.Main(m)
}

// world is the tab in a shell, in front of an API server that is made up.
type world struct {
	*stage.Stage
	api   *fakeapi.Server
	deck  *deck.Deck
	page  *Page
	audit drive.Audit
}

// setting is what a world begins with. The zero value is an administrator's cluster with an estate of profiles.
type setting struct {
	drive.Size
	user     *fakeapi.User
	theme    theme.Options
	readOnly string
	folder   string // profiles are kept there and not in the cluster
	bare     bool   // no profiles and no custom resource
	prepare  func(api *fakeapi.Server)
	early    bool // look before anything has been answered
}

// none are registries to which nothing was added.
type none struct{}

func (none) Read() ([]config.Registry, error) { return nil, nil }
func (none) Add(config.Registry) error        { return nil }
func (none) Remove(string) (bool, error)      { return false, nil }
func (none) Path() string                     { return "registries.yaml" }

// platform is a profile of the packs that are built in.
func platform(version, values string) profile.Profile {
	return profile.Profile{
		Name: "vm-platform", Version: version, Type: profile.TypeAddOn, Description: "KubeVirt for the teams of the shop floor",
		Packs: []profile.PackRef{
			{Registry: pack.PublicRepo, Name: "virtual-machine-orchestrator", Version: version, Values: values},
			{Registry: pack.PublicRepo, Name: "spectro-vm-dashboard", Version: "3.1.0"},
			{
				Registry: pack.PublicRepo, Name: "spectro-proxy", Version: "1.0.0", RequiredBy: "virtual-machine-orchestrator",
				Values: "manifests:\n  spectro-proxy:\n    server: proxy.example.com\n    subdomain: shop-floor\n",
			},
		},
	}
}

// lab is a profile with a manifest and nothing on the cluster.
func lab() profile.Profile {
	return profile.Profile{
		Name: "lab", Version: "0.1.0", Type: profile.TypeAddOn,
		Manifests: []profile.Manifest{{Name: "kubevirt", URL: "https://example.com/kubevirt-operator.yaml",
			SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", UnlessServed: "kubevirt.io"}},
		Packs: []profile.PackRef{{Registry: "Site", Name: "gpu-operator", Version: "2.0.0", Namespace: "gpu"}},
	}
}

// release is one that the profile vm-platform made.
func release(name, namespace, version, status string, revision int) fakeapi.Object {
	r := fakeapi.Release{
		Namespace: namespace, Name: name, Chart: name, Version: version, Revision: revision, Status: status, At: drive.Epoch.Add(-time.Hour),
		Profile:  profile.Ref{Name: "vm-platform", Version: version},
		Manifest: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "-settings}\ndata: {a: b}\n",
	}
	return r.Object().With("metadata", "creationTimestamp", "2026-03-05T08:34:12Z")
}

func settings(name, namespace string) fakeapi.Object {
	return fakeapi.Object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": namespace, "name": name + "-settings"}, "data": map[string]any{"a": "b"}}
}

// estate has a profile that is on the cluster, a newer version of it, one that was never applied and one that cannot be read.
func estate(api *fakeapi.Server) {
	api.Put(fakeapi.Namespace("default", "Active"), fakeapi.Namespace("vm-system", "Active"), fakeapi.Namespace("vm-dashboard", "Active"))
	api.Put(fakeapi.Catalogue()...)
	api.Put(fakeapi.Profile(platform("1.0.0", "")), fakeapi.Profile(platform("1.1.0", "charts:\n  virtual-machine-orchestrator:\n    vmEnabledNamespaces: [default]\n")),
		fakeapi.Profile(lab()))
	broken := fakeapi.Profile(profile.Profile{Name: "old-site", Version: "2.0.0", Type: profile.TypeAddOn})
	api.Put(broken.With("spec", "packs", "all of them"))
	api.Put(
		release("virtual-machine-orchestrator", "vm-system", "1.0.0", "deployed", 1), release("spectro-vm-dashboard", "vm-dashboard", "1.0.0", "deployed", 1),
		settings("virtual-machine-orchestrator", "vm-system"), settings("spectro-vm-dashboard", "vm-dashboard"),
	)
}

func inWorld(t *testing.T, s setting, test func(w *world)) {
	t.Helper()
	drive.In(t, begin, s, drive.Unless(s.early, 2*time.Second), test)
}

func begin(t testing.TB, s setting) *world {
	t.Helper()
	w := &world{api: fakeapi.New()}
	if !s.bare {
		w.api.Put(fakeapi.Defined("clusterprofiles.vmdeck.dev"))
		estate(w.api)
	}
	if s.user != nil {
		w.api.Become(*s.user)
	}
	if s.prepare != nil {
		s.prepare(w.api)
	}
	s.theme.Dark = true
	cluster := w.api.Connect(t, kube.Target{Context: "demo", User: "admin", Namespace: "default"})
	store := profile.ClusterStore(cluster)
	if s.folder != "" {
		store = profile.FolderStore(s.folder)
	}
	w.deck = deck.Open(t.Context(), cluster, deck.Options{
		Theme: theme.New(s.theme), Scope: vm.Scope{All: true}, ReadOnly: s.readOnly, Audit: &w.audit, Profiles: store, Registries: none{},
	})
	w.page = New(w.deck)
	header := shell.Header{Left: []shell.Segment{{Text: "vmdeck", Tone: theme.Strong}}}
	w.Stage = stage.Show(t, w.deck, stage.Options{Size: s.Size, Header: header}, w.page)
	return w
}
