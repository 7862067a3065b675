package validation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func TestFixesOpenTheRightView(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Keys("f")
		w.Settle()
		w.To("spectro-list-vmtemplates", "warn")
		w.Keys("f")
		w.Settle()
		w.To("User alice")
		w.Keys("f")
		w.Settle()
		if len(w.Asked) != 3 {
			t.Fatalf("sent %v", w.Asked)
		}
		if _, ok := w.Asked[0].(deck.ShowRoles); !ok {
			t.Errorf("a missing role opens %T", w.Asked[0])
		}
		edit, _ := w.Asked[1].(deck.EditRule)
		if edit.Rule.RoleName != rbac.RoleListVMTemplates || !edit.Rule.ClusterWide || len(edit.Rule.Subjects) != 3 || edit.Exists {
			t.Errorf("a missing binding opens %+v", w.Asked[1])
		}
		if w.Asked[2] != (deck.ShowBindings{Query: "alice"}) {
			t.Errorf("too many rights open %+v", w.Asked[2])
		}
	})
}

func TestFixWithACommandAlone(t *testing.T) {
	inWorld(t, setting{whole: true, prepare: func(api *fakeapi.Server) { api.Delete("nodes", "", "node-2") }}, func(w *world) {
		w.Contains("(f copies the command)")
		w.Keys("f")
		w.Settle()
		if len(w.Asked) != 0 || !slices.Equal(w.Copied, []string{"kubectl get nodes -L kubevirt.io/schedulable"}) {
			t.Errorf("sent %v, copied %q", w.Asked, w.Copied)
		}
	})
}

// A name with a colon is no key of the filter of bindings.
func TestQueriesForBindings(t *testing.T) {
	for name, want := range map[string]string{"alice": "alice", "oidc:devs": `"oidc:devs"`, "ci/bot": "ci/bot", "a b": `"a b"`, `x:"y"`: `"x:y"`} {
		if got := quoted(name); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
}

func TestReportIsCopied(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Keys("Y")
		w.Settle()
		if len(w.Copied) != 1 {
			t.Fatalf("copied %d texts", len(w.Copied))
		}
		for _, want := range []string{"# Validation of demo: fail", "As cluster-admin, 2026-03-05T", "| fail | roles.catalogue/spectro-vm-viewer | There is no cluster role spectro-vm-viewer. |",
			"**Next:** There is no cluster role spectro-vm-viewer. Install the catalogue's roles.", "- surplus in team-a: delete", "    vmdeck roles install"} {
			if !strings.Contains(w.Copied[0], want) {
				t.Errorf("%q is not in the report\n%s", want, w.Copied[0])
			}
		}
	})
}

func TestNextStepBringsItsRowBack(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Type("/alice")
		w.Keys("enter")
		w.Contains("(n goes there)")
		w.Keys("n")
		if r, _ := w.page.list.Current(); r == nil || r.id != viewerRole {
			t.Errorf("the cursor is on %v", r)
		}
		w.Contains("(f opens it)")
	})
}

func TestNamespacesByCommand(t *testing.T) {
	inWorld(t, setting{whole: true}, func(w *world) {
		w.Keys("N")
		w.Quiet()
		w.Type("team-b")
		w.Keys("enter")
		w.Pass(2 * time.Second)
		w.Contains("in team-b")
		places := w.page.find("access.personas/User alice").result.Matrix.Places
		if len(places) != 2 || places[1].Namespace != "team-b" {
			t.Errorf("looked at %v", places)
		}
	})
}
