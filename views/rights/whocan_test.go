package rights

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func TestB4WhoCanByActionAndNamespace(t *testing.T) {
	inWorld(t, setting{page: whoCan("see", "")}, func(w *world) {
		w.Contains("Who can see VMs everywhere, or in single namespaces", "8 found", "user  carol")
		w.Press("a")
		w.Type("migrate")
		w.Press("enter")
		w.Contains("Who can migrate VMs", "user  alice")
		w.Lacks("carol", "bob")
		w.Press("n")
		w.Type("team-b")
		w.Press("enter")
		w.Contains("Who can migrate VMs in team-b", "2 found", "group oidc:platform-team")
		w.Lacks("alice")
		w.Press("n")
		w.Type("Nowhere")
		w.Press("enter")
		w.Contains(`"Nowhere" cannot be a namespace`)
	})
}

func TestWhoCanFiltersSortsAndCopies(t *testing.T) {
	inWorld(t, setting{page: whoCan("start", "")}, func(w *world) {
		w.Press("/")
		w.Type("BOB team-b")
		w.Press("enter")
		w.Contains("1 of 7")
		w.Press("y", "enter")
		if want := "User bob  team-b  ClusterRole spectro-vm-user  RoleBinding operators"; !slices.Equal(w.Copied, []string{want}) {
			t.Errorf("copied %q, want %q", w.Copied, want)
		}
		if got := fmt.Sprintf("%+v", w.Asked); got != fmt.Sprintf("%+v", []any{deck.ShowBindings{Query: "operators"}}) {
			t.Errorf("said %s", got)
		}
		w.Press("esc")
		w.Contains("7 found")
		w.Press("O")
		if lines := strings.Split(w.Plain(), "\n"); !strings.Contains(lines[4], "user  root") {
			t.Errorf("not turned round:\n%s", w.Plain())
		}
		w.Press("t")
		if _, ok := w.Asked[len(w.Asked)-1].(deck.ShowRoles); !ok {
			t.Errorf("said %v", w.Asked)
		}
	})
}

// reviews counts the questions about others that the server was asked.
func (w *world) reviews() int {
	n := 0
	for _, request := range w.api.Seen() {
		if strings.HasPrefix(request, "POST ") && strings.HasSuffix(request, "/subjectaccessreviews") {
			n++
		}
	}
	return n
}

func TestB4VerifiedByAccessReviews(t *testing.T) {
	inWorld(t, setting{page: whoCan("start", "")}, func(w *world) {
		w.Lacks("yes")
		// The server has changed its mind since bindings were read.
		w.api.Delete("rolebindings", "team-b", "operators")
		w.Press("v")
		if got := w.reviews(); got != 7 {
			t.Errorf("%d reviews, want one for each subject and place", got)
		}
		w.Contains("6 yes, 1 no", "(access review)", "✗ no", "✓ yes")
		w.Pass(20 * time.Second)
		w.Lacks("asked 0s ago")
		// Another question begins anew.
		w.Press("n")
		w.Type("team-a")
		w.Press("enter")
		w.Lacks("✓ yes", "The API server was asked")
	})
}

func TestB4VerifyingIsOffWhereItIsNotPermitted(t *testing.T) {
	reader := func(api *fakeapi.Server) {
		api.Put(fakeapi.ClusterRole("auditor", rule("list", rbac.GroupRBAC, "*"), rule("list", "", "namespaces")), fakeapi.Bound("", "auditors", "auditor", user("auditor")))
	}
	inWorld(t, setting{page: whoCan("start", ""), as: "auditor", prepare: reader}, func(w *world) {
		w.Contains("7 found")
		w.Press("v")
		w.Contains("verify: needs create subjectaccessreviews cluster-wide")
		if got := w.reviews(); got != 0 {
			t.Errorf("%d reviews", got)
		}
	})
}

func TestWhoCanWithoutConnection(t *testing.T) {
	inWorld(t, setting{page: whoCan("start", "")}, func(w *world) {
		w.api.Down(true)
		w.api.Cut()
		w.Pass(2 * time.Minute)
		w.Contains("Connection lost", "7 found")
		w.Press("v")
		w.Contains("verify: no connection")
		w.api.Down(false)
		w.Press("R")
		w.Pass(time.Minute)
		w.Lacks("Connection lost")
	})
	inWorld(t, setting{page: whoCan("start", ""), prepare: func(api *fakeapi.Server) { api.Down(true) }}, func(w *world) {
		w.Pass(time.Minute)
		w.Contains("Roles and bindings could not be read.", "R tries now")
	})
}

// What was made since shows after the next reading.
func TestWhoCanFollowsTheCluster(t *testing.T) {
	inWorld(t, setting{page: whoCan("delete", "team-b")}, func(w *world) {
		w.Lacks("dave")
		w.api.Put(fakeapi.Bound("team-b", "power", rbac.RolePowerUser, user("dave")))
		w.Pass(time.Minute)
		w.Contains("user  dave")
	})
}
