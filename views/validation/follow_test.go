package validation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// since are the requests that the server got after the first n, without the watches that others keep up.
func (w *world) since(n int) []string {
	return slices.DeleteFunc(w.api.Seen()[n:], func(line string) bool { return strings.Contains(line, "watch=") })
}

// verdict is that of a result, empty where there is none.
func (w *world) verdict(id string) string {
	if r := w.page.find(id); r != nil && r.result != nil {
		return string(r.result.Verdict)
	}
	return ""
}

func (w *world) has(id, verdict string) {
	w.T.Helper()
	if got := w.verdict(id); got != verdict {
		w.T.Fatalf("%s is %q, want %q\n%s", id, got, verdict, w.Plain())
	}
}

func role(name string) fakeapi.Object {
	all := fakeapi.Catalogue()
	return all[slices.IndexFunc(all, func(o fakeapi.Object) bool { return o["metadata"].(map[string]any)["name"] == name })]
}

const viewerRole = "roles.catalogue/" + rbac.RoleViewer

// A fixed check turns green by itself, and so does what stands on it.
func TestFollowsAFixedRole(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.has(viewerRole, "fail")
		w.Contains("Next: There is no cluster role spectro-vm-viewer.")
		w.api.Put(role(rbac.RoleViewer))
		w.Pass(6 * time.Second)
		w.has(viewerRole, "pass")
		w.Lacks("Next: There is no cluster role")
		if r, _ := w.page.list.Current(); r == nil || r.id == viewerRole {
			t.Errorf("the cursor did not go on to the next step: %v", r)
		}
	})
}

// Whoever has moved the cursor keeps it where it is when what it stands on is put right.
func TestCursorStaysOnAFixedCheck(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("spectro-vm-viewer")
		w.api.Put(role(rbac.RoleViewer))
		w.Pass(6 * time.Second)
		w.has(viewerRole, "pass")
		if r, _ := w.page.list.Current(); r == nil || r.id != viewerRole {
			t.Errorf("the cursor is on %v", r)
		}
	})
}

// A change of rights has only the checks made again that look at rights.
func TestFollowingAsksOnlyAboutRights(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		n := len(w.api.Seen())
		w.api.Delete("rolebindings", "team-a", "extra")
		w.Pass(6 * time.Second)
		w.has("access.personas/User alice", "pass")
		for _, line := range w.since(n) {
			if strings.Contains(line, "/nodes") || strings.Contains(line, "/storageclasses") {
				t.Errorf("the change led to %s", line)
			}
		}
	})
}

func TestOneCheckAgain(t *testing.T) {
	inWorld(t, setting{whole: true}, func(w *world) {
		w.To("Nodes for VMs")
		n := len(w.api.Seen())
		w.api.Delete("nodes", "", "node-2")
		w.Keys("r")
		w.Settle()
		w.has("platform.nodes", "warn")
		want := []string{"POST /apis/authentication.k8s.io/v1/selfsubjectreviews", "GET /api/v1/nodes?labelSelector=kubevirt.io%2Fschedulable%3Dtrue"}
		if got := w.since(n); !slices.Equal(got, want) {
			t.Errorf("the server was asked\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// While another tab is shown nothing is asked; what happened meanwhile is found out on coming back.
func TestIdleWhileAnotherTabIsShown(t *testing.T) {
	inWorld(t, setting{away: true}, func(w *world) {
		w.Pass(time.Minute)
		if len(w.page.found) > 0 || w.page.run != nil {
			t.Error("checks were made before anybody looked")
		}
		w.Keys("2")
		w.Pass(3 * time.Second)
		w.has(viewerRole, "fail")
		w.Keys("1")
		w.Pass(2 * time.Second)
		at := w.page.last.at
		w.api.Put(role(rbac.RoleViewer))
		w.Pass(20 * time.Minute)
		if !w.page.last.at.Equal(at) || w.page.run != nil {
			t.Error("checks were made while another tab was shown")
		}
		w.Keys("2")
		w.Pass(3 * time.Second)
		w.has(viewerRole, "pass")
	})
}

// All is checked again every five minutes, and in between nothing is asked.
func TestAllAgainFromTimeToTime(t *testing.T) {
	inWorld(t, setting{whole: true}, func(w *world) {
		at := w.page.last.at
		w.api.Delete("nodes", "", "node-2")
		w.Pass(allEvery - 10*time.Second)
		if !w.page.last.at.Equal(at) {
			t.Errorf("checked %s after the first time", w.page.last.at.Sub(at))
		}
		w.Contains("4m ago")
		w.Pass(15 * time.Second)
		w.has("platform.nodes", "warn")
		w.Contains("just now")
	})
}

// A run that is superseded ends without a trace, and the new one does not begin before it.
func TestSupersededRun(t *testing.T) {
	var release func()
	prepare := func(api *fakeapi.Server) { release = api.HangReviews() }
	inWorld(t, setting{prepare: prepare}, func(w *world) {
		first := w.page.run
		if first == nil {
			t.Fatalf("nothing is being checked\n%s", w.Plain())
		}
		w.Keys("u")
		w.Type("alice")
		w.Keys("enter")
		w.Settle()
		select {
		case <-first.over:
		default:
			t.Error("the first run still goes on")
		}
		if w.page.run == first || w.page.run == nil {
			t.Fatal("no other run was begun")
		}
		release()
		w.Pass(2 * time.Second)
		w.Contains("For alice")
		if r := w.page.find("access.own"); w.page.run != nil || !strings.HasPrefix(r.result.Summary, "alice may") {
			t.Errorf("own rights: %+v\n%s", r.result, w.Plain())
		}
		if len(w.page.found) != 25 {
			t.Errorf("%d checks have results", len(w.page.found))
		}
	})
}

// What fails because the connection goes away replaces no result, and all is checked again once it is back.
func TestConnectionGoesAway(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.api.Down(true)
		w.Pass(30 * time.Second)
		w.Keys("a")
		w.Pass(2 * time.Second)
		w.has("platform.kubevirt", "pass")
		w.Contains("Connection lost")
		w.api.Put(role(rbac.RoleViewer))
		w.api.Down(false)
		w.Keys("R")
		w.Pass(5 * time.Second)
		w.has(viewerRole, "pass")
		w.Lacks("Connection lost")
	})
}

// A login that comes to have rights leads from the helpful page to the list.
func TestNobodyGetsRights(t *testing.T) {
	inWorld(t, setting{prepare: func(api *fakeapi.Server) { api.Login("carol") }}, func(w *world) {
		w.Contains("You may not do anything with VMs yet.", "An administrator of the cluster gives carol a role over VMs")
		w.Keys("y")
		w.Settle()
		if len(w.Copied) != 1 || !strings.Contains(w.Copied[0], "kubectl create rolebinding vm-users -n default --clusterrole=spectro-vm-user --user=carol") {
			t.Errorf("copied %q", w.Copied)
		}
		w.api.Put(fakeapi.Bound("default", "carol", rbac.RoleUser, user("carol")))
		w.Pass(ownEvery + 5*time.Second)
		w.Lacks("You may not do anything")
		w.has("access.own", "pass")
		if age := time.Since(w.page.last.all); age > 10*time.Second {
			t.Errorf("the other checks are %s old", age)
		}
	})
}

// What checks in the middle of which the connection goes away have to say replaces nothing either.
func TestConnectionGoesAwayDuringARun(t *testing.T) {
	inWorld(t, setting{whole: true}, func(w *world) {
		release := w.api.HangReviews()
		defer release()
		w.Keys("a")
		w.Pass(time.Second)
		w.Contains("of 25")
		w.api.Down(true)
		w.Pass(20 * time.Second)
		w.Contains("Connection lost")
		w.has("access.own", "pass")
	})
}

// Two runs never make requests at the same time: together they would make more than is allowed.
func TestRunWaitsForTheOneBefore(t *testing.T) {
	inWorld(t, setting{away: true}, func(w *world) {
		before := make(chan struct{})
		w.page.begin()
		r := w.page.run
		r.after = before
		n := len(w.api.Seen())
		go func() { _ = r.work(w.deck.Cluster, check.Options{}) }()
		w.Pass(5 * time.Second)
		if got := w.since(n); len(got) > 0 {
			t.Errorf("the server was asked before the other run had ended: %q", got)
		}
		close(before)
		<-r.over
		if len(w.since(n)) == 0 {
			t.Error("the run did nothing")
		}
	})
}
