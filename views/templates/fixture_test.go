package templates

import (
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
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

const kind = "vmtemplates.spectrocloud.com"

// world is a shell with one of the pages in front of an API server that is made up.
type world struct {
	*stage.Stage
	api   *fakeapi.Server
	deck  *deck.Deck
	audit drive.Audit
	shown []string // the VMs whose details were asked for
}

// setting is what a world begins with. The zero value is the catalogue, as an administrator sees it.
type setting struct {
	drive.Size
	user     *fakeapi.User
	readOnly string
	ascii    bool
	bare     bool // the cluster does not know templates
	nowhere  bool // the context names no namespace
	prepare  func(api *fakeapi.Server)
	launch   *deck.Launch // the form in place of the catalogue
	early    bool         // look before anything has been answered
}

// seed is a cluster with three templates, one of which makes a disk.
func seed(api *fakeapi.Server, bare bool) {
	api.Put(fakeapi.Namespace("team-a", "Active"), fakeapi.Namespace("team-b", "Active"), fakeapi.Namespace("kube-system", "Active"))
	if bare {
		return
	}
	api.Put(fakeapi.Defined(kind),
		fakeapi.Template("cirros", "CirrOS", "A tiny Linux for trying things out. Log in on the console as cirros, password gocubsgo. The disk is lost when the VM stops."),
		helmed(fakeapi.Template("alpine", "Alpine", "A small Linux with cloud-init.")), withDisk())
}

func helmed(o fakeapi.Object) fakeapi.Object {
	return o.With("metadata", "annotations", map[string]any{"meta.helm.sh/release-name": "vmo"})
}

// withDisk is a template that makes a disk for each VM.
func withDisk() fakeapi.Object {
	o := fakeapi.Template("db-large", "Database", "A database server with a disk that stays.")
	o = o.With("spec", "dataVolumeTemplates", []any{map[string]any{"metadata": map[string]any{"name": "data"},
		"spec": map[string]any{"storage": map[string]any{"resources": map[string]any{"requests": map[string]any{"storage": "20Gi"}}}}}})
	return o.With("spec", "runStrategy", "Always")
}

func inWorld(t *testing.T, s setting, test func(w *world)) {
	t.Helper()
	drive.In(t, begin, s, drive.Unless(s.early, 3*time.Second), test)
}

func begin(t testing.TB, s setting) *world {
	t.Helper()
	w := &world{api: fakeapi.New()}
	seed(w.api, s.bare)
	user := fakeapi.Admin()
	if s.user != nil {
		user = *s.user
	}
	w.api.Become(user)
	if s.prepare != nil {
		s.prepare(w.api)
	}
	target := kube.Target{Context: "demo", User: user.Name, Namespace: "team-a"}
	if s.nowhere {
		target.Namespace = ""
	}
	cluster := w.api.Connect(t, target)
	o := deck.Options{Theme: theme.New(theme.Options{Dark: true, ASCII: s.ascii}), Scope: vm.Scope{All: true}, ReadOnly: s.readOnly, Audit: &w.audit}
	w.deck = deck.Open(t.Context(), cluster, o)
	var page shell.Page = New(w.deck)
	if s.launch != nil {
		page = NewLaunch(w.deck, *s.launch, w.open)
	}
	header := shell.Header{Left: []shell.Segment{{Text: "vmdeck", Tone: theme.Accent}, {Text: user.Name + "@demo"}}}
	w.Stage = stage.Over(t, w.deck, stage.Options{Size: s.Size, Header: header, Tab: "Virtual Machines"}, page)
	return w
}

func (w *world) open(r *vm.Row) tea.Cmd {
	w.shown = append(w.shown, r.Key())
	return nil
}

// wants holds that these changes were asked of the server, dry runs aside.
func (w *world) wants(calls ...string) {
	w.T.Helper()
	if got := w.api.Written(); !slices.Equal(got, calls) {
		w.T.Fatalf("written\n%q\nwant\n%q\n%s", got, calls, w.Plain())
	}
}

func as(u fakeapi.User) *fakeapi.User { return &u }

// The users of MISSION B1, and those who have less.
func powerUser() *fakeapi.User { return as(fakeapi.Persona("pat", rbac.RolePowerUser)) }
func plainUser() *fakeapi.User { return as(fakeapi.Persona("uma", rbac.RoleUser)) }
func viewer() *fakeapi.User    { return as(fakeapi.Persona("vic", rbac.RoleViewer)) }
func nobody() *fakeapi.User    { return as(fakeapi.Nobody()) }

// namespaceOnly is a power user of team-b, with the catalogue to read.
func namespaceOnly() *fakeapi.User {
	u := fakeapi.NamespaceOnly("nan", rbac.RolePowerUser, "team-b")
	lists, _ := rbac.Lookup(rbac.RoleListVMTemplates)
	places, _ := rbac.Lookup(rbac.RoleListNamespaces)
	u.Everywhere = append(append(u.Everywhere, lists.Rules()...), places.Rules()...)
	return &u
}
