package profiles

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

func rule(group, resource string, verbs ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: []string{resource}, Verbs: verbs}
}

// reader may look at profiles and releases, and change nothing.
func reader() *fakeapi.User {
	return &fakeapi.User{Name: "rita", Everywhere: rbac.Rules{
		rule(rbac.GroupVMDeck, "clusterprofiles", "list", "watch", "get"), rule("", "secrets", "list", "watch", "get"), rule("", "namespaces", "list", "watch"),
		rule("", "configmaps", "get"), rule("coordination.k8s.io", "leases", "get"),
	}}
}

func ptr[T any](v T) *T { return &v }

// Each key asks the program for the screen that does it, with what it is about.
func TestKeysAskForScreens(t *testing.T) {
	old, newer, other := []string{"vm-platform", "Running"}, []string{"vm-platform", "1.0.0 is applied"}, []string{"lab"}
	changed := platform("1.1.0", "charts:\n  virtual-machine-orchestrator:\n    vmEnabledNamespaces: [default]\n")
	for _, tt := range []struct {
		on   []string
		keys []string
		want tea.Msg
	}{
		{old, []string{"n"}, deck.NewProfile{}},
		{old, []string{"a"}, deck.Apply{Profile: platform("1.0.0", "")}},
		{newer, []string{"a"}, deck.Apply{Profile: changed}},
		{old, []string{"v"}, deck.NewProfile{From: ptr(platform("1.0.0", ""))}},
		{newer, []string{"e"}, deck.NewProfile{From: &changed, Replaces: profile.Stored{Value: changed, Name: "vm-platform-1.1.0"}}},
		{old, []string{"u"}, deck.RemoveProfile{Profile: "vm-platform"}},
		{newer, []string{"enter", "u"}, deck.RemoveProfile{Profile: "vm-platform"}},
		{other, []string{"r"}, deck.ShowRegistries{}},
		{other, []string{"t"}, deck.ShowTemplates{}},
		{newer, []string{"enter", "s", "enter"}, deck.EditRule{Rule: rbac.BindingRule{Namespaces: []string{"default"}}}},
		{newer, []string{"enter", "s", "down", "enter"}, deck.ShowBindings{}},
	} {
		inWorld(t, setting{}, func(w *world) {
			w.To(tt.on...)
			w.Press(tt.keys...)
			w.Settle()
			if len(w.Asked) == 0 {
				t.Fatalf("%q on %q asks for nothing\n%s", tt.keys, tt.on, w.Plain())
			}
			got := w.Asked[len(w.Asked)-1]
			if made, ok := got.(deck.NewProfile); ok && made.Replaces.Name != "" {
				if made.Replaces.Version == "" || made.Replaces.UID == "" {
					t.Errorf("without version or UID nothing can be replaced: %+v", made.Replaces)
				}
				made.Replaces.Version, made.Replaces.UID = "", ""
				got = made
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%q on %q asks for %#v, want %#v", tt.keys, tt.on, got, tt.want)
			}
		})
	}
}

// The + of the add-on layers offers the profiles and opens the one that is chosen; a profile on the cluster can be gone back on.
func TestAddAndRollBack(t *testing.T) {
	upgraded := func(api *fakeapi.Server) {
		for _, name := range []string{"virtual-machine-orchestrator", "spectro-vm-dashboard"} {
			place := map[string]string{"virtual-machine-orchestrator": "vm-system", "spectro-vm-dashboard": "vm-dashboard"}[name]
			api.Put(release(name, place, "1.0.0", "superseded", 1), release(name, place, "1.1.0", "deployed", 2))
		}
	}
	inWorld(t, setting{prepare: upgraded}, func(w *world) {
		w.Press("+")
		w.Contains("Add-on layers: choose a profile")
		w.Type("1.1.0")
		w.Press("enter")
		w.Contains("Profile vm-platform 1.1.0", "● Running")
		w.Press("b")
		w.Contains("Roll vm-platform back to", "version 1.0.0", "revision 1", "Now: revision 2, version 1.1.0")
		w.Lacks("version 1.1.0  revision 2")
		w.Press("enter")
		if got, _ := stage.Asked[deck.RollBack](w.Stage); got != (deck.RollBack{Profile: "vm-platform", To: 1}) {
			t.Errorf("%+v", got)
		}
		w.Press("esc", "b") // from the list, where the revisions have to be read first
		w.Contains("Roll vm-platform back to", "version 1.0.0")
	})
}

// What somebody may not do is off, with the permission that is missing and who has it, before anything is tried.
func TestA2WhoMayNotIsToldBeforehand(t *testing.T) {
	inWorld(t, setting{user: reader()}, func(w *world) {
		for key, want := range map[string]string{
			"n": "needs create clusterprofiles", "v": "needs create clusterprofiles", "D": "needs delete clusterprofiles",
			"a": "needs create secrets", "e": "needs patch clusterprofiles",
		} {
			w.To("lab")
			w.Press(key)
			w.Contains(want)
			w.Pass(10 * time.Second)
		}
		w.Press("D")
		w.Contains("granted by spectro-vm-admin")
		w.Pass(10 * time.Second)
		w.To("vm-platform", "Running")
		for key, want := range map[string]string{"u": "needs create secrets", "D": "in use: ", "e": "it is on the cluster"} {
			w.Press(key)
			w.Contains(want)
			w.Pass(10 * time.Second)
		}
		w.Press("?")
		w.Contains("needs create clusterprofiles")
		if len(w.Asked) > 0 || len(w.api.Calls()) > 0 {
			t.Errorf("asked for %v, called %v", w.Asked, w.api.Calls())
		}
	})
	for _, user := range []fakeapi.User{
		fakeapi.Persona("power-user", rbac.RolePowerUser), fakeapi.Persona("vic", rbac.RoleViewer), fakeapi.NamespaceOnly("ned", rbac.RoleUser, "team-a"), fakeapi.Nobody(),
	} {
		inWorld(t, setting{user: &user}, func(w *world) {
			w.Contains("You may not read the cluster profiles.", "list clusterprofiles", "You may not make profiles either", "needs create clusterprofiles")
			w.Press("n")
			if len(w.Asked) > 0 {
				t.Errorf("%s: asked for %v", user.Name, w.Asked)
			}
		})
	}
	inWorld(t, setting{readOnly: "vmdeck was started with --read-only"}, func(w *world) {
		for _, key := range []string{"n", "a", "e", "v", "D", "I"} {
			w.To("lab")
			w.Press(key)
			w.Contains("vmdeck was started with --read-only")
			w.Press("esc")
		}
		if len(w.Asked) > 0 || len(w.api.Calls()) > 0 {
			t.Errorf("asked for %v, called %v", w.Asked, w.api.Calls())
		}
	})
}

// A folder of one's own can be written to whatever the cluster allows; what is on the cluster still takes rights there.
func TestFolderNeedsNoPermission(t *testing.T) {
	folder := t.TempDir()
	store := profile.FolderStore(folder)
	if _, err := store.Save(t.Context(), lab(), ""); err != nil {
		t.Fatal(err)
	}
	inWorld(t, setting{folder: folder, user: ptr(fakeapi.Persona("power-user", rbac.RolePowerUser))}, func(w *world) {
		w.Contains("lab", "not known", "kept in the folder "+folder, "may not list the secrets")
		w.Press("n")
		if _, ok := stage.Asked[deck.NewProfile](w.Stage); !ok {
			t.Error("nothing was asked for")
		}
		w.Press("a")
		w.Contains("apply: needs create secrets")
		w.Pass(10 * time.Second)
		w.Press("I")
		w.Contains("which need no custom resource")
		w.api.Down(true)
		w.Pass(time.Minute)
		if err := os.WriteFile(filepath.Join(folder, "odd.yaml"), []byte("apiVersion: vmdeck.dev/v1alpha1\nkind: ClusterProfile\nmetadata: {name: odd-1.0.0}\nspec: {name: odd, pack: []}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.Pass(5 * time.Second)
		w.Contains("odd", "spec.pack is not known", "Connection lost")
		w.To("lab")
		w.Press("enter", "D") // the page opens, and deleting asks although nobody knows what uses the profile
		w.Pass(time.Minute)
		w.Contains("Delete lab 0.1.0", "could not be found out")
		w.Type("lab-0.1.0")
		w.Press("enter")
		w.Pass(time.Minute)
		w.Lacks("lab ")
	})
	if got, err := store.List(t.Context()); err != nil || len(got) != 1 {
		t.Errorf("%v %v", got, err)
	}
}

func TestExportAndCopy(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "p.yaml")
	export := func(w *world) {
		w.To("vm-platform", "1.0.0 is applied")
		w.Press("x")
		w.Keys("ctrl+u")
		w.Type(file)
		w.Press("enter")
	}
	inWorld(t, setting{}, func(w *world) {
		export(w)
		w.Contains("wrote vm-platform 1.1.0 into")
		first, err := os.ReadFile(file)
		if got := profile.Decode(first, file); err != nil || len(got) != 1 || got[0].Err != nil || got[0].Value.Ref().String() != "vm-platform 1.1.0" {
			t.Fatalf("%v %+v", err, got)
		}
		if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", info.Mode())
		}
		if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		export(w)
		w.Contains("The file is there already", "Its contents would be lost")
		w.Press("enter") // Cancel has the focus
		if data, _ := os.ReadFile(file); string(data) != "mine" {
			t.Fatalf("overwritten unasked: %s", data)
		}
		export(w)
		w.Press("tab", "enter")
		if data, _ := os.ReadFile(file); string(data) != string(first) {
			t.Errorf("%s", data)
		}
		file = filepath.Join(folder, "none", "p.yaml")
		export(w)
		w.Contains("was not exported", "no such file or directory")
		w.Press("enter", "y")
		if len(w.Copied) != 1 || w.Copied[0] != string(first) {
			t.Errorf("copied %q", w.Copied)
		}
		w.To("lab")
		w.Press("space")
		w.To("vm-platform", "Running")
		w.Press("space", "y")
		if got := profile.Decode([]byte(w.Copied[1]), "it"); len(got) != 2 {
			t.Errorf("copied %q", w.Copied[1])
		}
		w.Press("esc")
		w.To("old-site")
		w.Press("y")
		w.Contains("it cannot be read")
	})
}

// Install leads from a cluster that does not know profiles to one where they can be made.
func TestInstall(t *testing.T) {
	inWorld(t, setting{bare: true}, func(w *world) {
		w.Contains("There are no cluster profiles yet", "make the custom resource of profiles known")
		w.Press("I")
		w.Pass(time.Second)
		w.Contains("Install the custom resource of profiles", "would take it")
		w.Press("enter")
		if w.api.Get("customresourcedefinitions", "", "clusterprofiles.vmdeck.dev") != nil {
			t.Fatal("installed although it was cancelled")
		}
		w.Press("I", "tab", "enter")
		w.Pass(3 * time.Second)
		w.Contains("the cluster knows profiles now")
		w.Lacks("make the custom resource")
		if got := w.audit.Lines(); !slices.Equal(got, []string{"install CustomResourceDefinition/clusterprofiles.vmdeck.dev accepted"}) {
			t.Errorf("%q", got)
		}
		w.api.Put(fakeapi.Profile(lab()))
		w.Pass(2 * time.Second)
		w.Contains("lab")
	})
	user := *reader()
	inWorld(t, setting{bare: true, user: &user}, func(w *world) {
		if !strings.Contains(w.Plain(), "needs patch customresourcedefinitions") {
			t.Errorf("the reason is not said\n%s", w.Plain())
		}
	})
}
