package profiles

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// line is the line of the screen that has all of the texts.
func (w *world) line(texts ...string) string {
	w.T.Helper()
	for line := range strings.SplitSeq(w.Plain(), "\n") {
		found := true
		for _, text := range texts {
			found = found && strings.Contains(line, text)
		}
		if found {
			return line
		}
	}
	w.T.Fatalf("no line has %q\n%s", texts, w.Plain())
	return ""
}

// A7: what happens to releases is seen in the list as it happens, without the contents of a secret.
func TestA7ListFollowsReleases(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		put := func(status, version string, revision int) {
			w.api.Put(release("virtual-machine-orchestrator", "vm-system", version, status, revision), release("spectro-vm-dashboard", "vm-dashboard", version, status, revision))
			w.Pass(2 * time.Second)
		}
		w.line("vm-platform", "1.0.0", "● Running")
		put("pending-upgrade", "1.1.0", 2)
		w.line("vm-platform", "1.1.0", "◐ Updating (pending-upgrade)")
		put("failed", "1.1.0", 2)
		w.line("vm-platform", "1.1.0", "✗ Failed")
		w.api.Put(release("virtual-machine-orchestrator", "vm-system", "1.1.0", "deployed", 2))
		w.Pass(2 * time.Second)
		w.line("vm-platform", "1.1.0", "✗ Failed")
		put("superseded", "1.0.0", 1)
		put("deployed", "1.1.0", 2)
		w.line("vm-platform", "1.1.0", "● Running")
		w.line("vm-platform", "1.0.0", "○ 1.1.0 is applied")
		w.api.Delete("clusterprofiles", "", "vm-platform-1.1.0")
		w.Pass(2 * time.Second)
		w.line("vm-platform", "1.1.0", "not kept here any more", "● Running")
		w.To("1.1.0")
		w.Press("a")
		w.Contains("it is not kept in the cluster any more")
		for _, seen := range w.api.Seen() {
			if strings.Contains(seen, "/secrets") && !strings.Contains(seen, "labelSelector") {
				t.Errorf("asked for all secrets: %s", seen)
			}
		}
	})
}

// Where secrets may not be listed together they are looked for by namespace, and the list says what is not known.
func TestReleasesOfSomeNamespaces(t *testing.T) {
	user := *reader()
	secrets := rule("", "secrets", "list")
	user.Everywhere = user.Without("secrets").Everywhere
	inWorld(t, setting{user: &user}, func(w *world) {
		w.line("vm-platform", "1.0.0", "not known")
		w.Contains("What is on the cluster is not known", "needs list secrets")
	})
	user.In = map[string]rbac.Rules{"vm-system": {secrets}}
	inWorld(t, setting{user: &user}, func(w *world) {
		w.line("vm-platform", "1.0.0", "● Running")
		w.Contains("Only releases in vm-system are known")
		w.To("vm-platform", "● Running")
		w.Press("enter", "tab")
		w.Pass(time.Minute)
		w.Contains("virtual-machine-orchestrator", "Only some namespaces were searched")
	})
}

// The page of a profile reads anew what changes under it, and says when it goes.
func TestPageFollows(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("vm-platform", "● Running")
		w.Press("enter")
		w.Contains("Applied to this cluster", "Access", "Proxied (default)", "proxy.example.com")
		w.Press("tab")
		w.Contains("● ConfigMap vm-dashboard/spectro-vm-dashboard-settings")
		w.api.Delete("configmaps", "vm-dashboard", "spectro-vm-dashboard-settings")
		w.Pass(30 * time.Second)
		w.Contains("▲ Differs", "it is gone")
		w.api.Put(fakeapi.Object{"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": map[string]any{"namespace": "default", "name": "vmdeck-profile-vm-platform",
			"annotations": map[string]any{"vmdeck.dev/action": "apply 1.1.0"}},
			"spec": map[string]any{"holderIdentity": "ana on bastion-1", "acquireTime": time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), "renewTime": time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")}})
		w.Send(deck.ProfileChanged{Profile: "vm-platform"})
		w.Pass(time.Second)
		w.Contains("◐ Updating", "ana on bastion-1")
		w.Press("tab", "tab")
		w.api.Put(fakeapi.Profile(platform("1.0.0", "charts: {virtual-machine-orchestrator: {vmEnabledNamespaces: [elsewhere]}}\n")))
		w.Pass(2 * time.Second)
		w.Contains("VM namespaces  elsewhere", "Not all defaults were left")
		w.api.Delete("clusterprofiles", "", "vm-platform-1.0.0")
		w.Pass(2 * time.Second)
		w.Contains("The cluster has this version, and it is not kept in the cluster")
		w.api.Delete("secrets", "vm-system", "sh.helm.release.v1.virtual-machine-orchestrator.v1")
		w.api.Delete("secrets", "vm-dashboard", "sh.helm.release.v1.spectro-vm-dashboard.v1")
		w.Pass(2 * time.Second)
		w.Contains("This version was deleted")
		w.Press("a")
		w.Contains("apply: it was deleted")
		w.Press("esc")
		w.Contains("Add-on layers")
	})
}

// A profile that is asked for by name is opened as soon as it is known, its newest version where none is named.
func TestShow(t *testing.T) {
	var release func()
	inWorld(t, setting{early: true, prepare: func(api *fakeapi.Server) { release = api.Hang() }}, func(w *world) {
		if cmd := w.page.Show(profile.Ref{Name: "vm-platform"}); cmd != nil {
			t.Fatal("nothing is known yet")
		}
		w.Contains("Loading profiles")
		release()
		w.Pass(2 * time.Second)
		w.Contains("Profile vm-platform 1.1.0")
		w.Press("esc")
		w.Send(w.page.Show(profile.Ref{Name: "vm-platform", Version: "1.0.0"})())
		w.Contains("Profile vm-platform 1.0.0")
		w.Press("esc")
		w.Type("/lab")
		w.Press("enter")
		w.Send(w.page.Show(profile.Ref{Name: "old-site"})())
		w.Contains("Profile old-site 2.0.0", "spec.packs must be a list")
		w.Press("esc")
		if w.page.Show(profile.Ref{Name: "none"}) != nil {
			t.Error("nothing was found")
		}
		w.Pass(4 * time.Second)
		w.Contains("there is no profile none in the cluster")
		if w.page.Show(profile.Ref{Name: "saved", Version: "1.0.0"}) != nil { // what the wizard has just saved
			t.Error("nothing was found")
		}
		p := platform("1.0.0", "")
		p.Name = "saved"
		w.api.Put(fakeapi.Profile(p))
		w.Pass(3 * time.Second)
		w.Contains("Profile saved 1.0.0")
	})
}

// Names and texts that would act on a terminal do not, and 500 profiles are quick and complete.
func TestManyAndHostile(t *testing.T) {
	odd := lab()
	odd.Description = drive.Hostile
	odd.Packs[0].Values = "a: \"\\e]0;owned\\a" + strings.Repeat("x", 300) + "\"\n"
	prepare := func(api *fakeapi.Server) {
		for i := range 500 {
			p := odd
			p.Name = fmt.Sprintf("profile-%03d-%s", i, strings.Repeat("x", 40))
			api.Put(fakeapi.Profile(p))
		}
		api.Put(fakeapi.Release{Namespace: "n\x1b[2J", Name: drive.Hostile, Chart: drive.Hostile, Status: drive.Hostile, Version: drive.Hostile,
			Profile: profile.Ref{Name: drive.Hostile, Version: drive.Hostile}, Manifest: drive.Hostile}.Object())
	}
	inWorld(t, setting{prepare: prepare}, func(w *world) {
		w.Contains("504 profiles")
		w.Press("G", "enter", "tab", "tab", "esc")
		w.Type("/profile-499")
		w.Contains("1 of ")
		w.Press("enter", "enter")
		w.Contains("profile-499")
		w.Press("tab", "tab", "D", "esc", "x", "esc", "b", "esc", "s", "esc")
		w.Resize(41, 11)
	})
}

func TestRandomKeys(t *testing.T) {
	keys := []string{"j", "k", "g", "G", "enter", "esc", "tab", "+", "n", "a", "e", "v", "b", "u", "D", "y", "Y", "r", "t", "I", "/", "o", "O", "s", "space", "?", ":", "l", "1", "R", "backspace"}
	drive.Check(t, func(tb testing.TB, r *rapid.T) {
		s := setting{theme: theme.Options{ASCII: rapid.Bool().Draw(r, "ascii")}, bare: rapid.Bool().Draw(r, "bare")}
		s.user = rapid.SampledFrom([]*fakeapi.User{nil, reader(), ptr(fakeapi.Nobody())}).Draw(r, "user")
		w := begin(tb, s)
		change := func() {
			status := rapid.SampledFrom([]string{"deployed", "failed", "pending-install", drive.Hostile}).Draw(r, "status")
			switch rapid.IntRange(0, 5).Draw(r, "change") {
			case 0:
				w.api.Put(release("virtual-machine-orchestrator", "vm-system", "1.1.0", status, rapid.IntRange(1, 3).Draw(r, "revision")))
			case 1:
				w.api.Delete("clusterprofiles", "", rapid.SampledFrom([]string{"lab-0.1.0", "vm-platform-1.0.0"}).Draw(r, "gone"))
			case 2:
				w.api.Put(fakeapi.Profile(lab()).With("spec", "packs", rapid.SampledFrom([]any{"no", []any{}, nil}).Draw(r, "packs")))
			case 3:
				w.api.Down(rapid.Bool().Draw(r, "down"))
			case 4:
				w.api.Refuse("*", rapid.SampledFrom([]int{0, 401, 403, 429, 503}).Draw(r, "code"), 0)
			case 5:
				w.Send(tea.PasteMsg{Content: "lab-0.1.0"})
			}
		}
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			w.Random(r, keys, change)
		}
	})
}
