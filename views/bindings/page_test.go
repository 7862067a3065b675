package bindings

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
	"vmdeck.dev/vmdeck/views/look"
)

func TestKeysMeanOneThing(t *testing.T) {
	for _, set := range []struct {
		own    []keys.Binding
		around []keys.Binding
	}{{Bindings(), table.Bindings()}, {detailBindings(), pager.Bindings()}, {previewBindings(), pager.Bindings()}} {
		if _, err := deck.Keys(set.own, set.around...); err != nil {
			t.Error(err)
		}
		for _, taken := range []string{"C", "q", "down"} {
			if _, err := deck.Keys(append(slices.Clone(set.own), keys.Binding{ID: "clash", Keys: []string{taken}}), set.around...); err == nil {
				t.Errorf("%q can mean two things", taken)
			}
		}
	}
}

func TestFilter(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		for _, tt := range []struct {
			query string
			want  []string // names of subjects that are shown
		}{
			{"bob", []string{"bob"}},
			{"ALICE leads", []string{"alice"}},
			{"subject:al", []string{"alice"}},
			{"ns:team-b role:viewer", []string{"auditors", "retired/bot"}},
			{"ns:everywhere kind:group !rule:devs", []string{"kubeadm:cluster-admins", "ops"}},
			{"rule:ops", []string{"ops"}},
			{"kind:serv", []string{"ci/builder", "retired/bot"}},
			{"kind:clusterrolebinding grants:delete", []string{"kubeadm:cluster-admins", "ops"}},
			{"grants:rights", []string{"ops"}},
			{"grants:everything", []string{"kubeadm:cluster-admins"}},
			{"grants:give-rights", []string{"kubeadm:cluster-admins", "ops"}},
			{"grants:operate ns:team-b", []string{"alice", "oidc:devs"}},
			{"grants:stop subject:builder", []string{"ci/builder"}},
			{"grants:reset subject:builder", nil},
			{"is:problem", []string{"carol", "dave", "retired/bot"}},
			{`"oidc:devs" ns:team-a`, []string{"oidc:devs"}},
			{`"kubeadm:`, []string{"kubeadm:cluster-admins"}},
			{"oidc:devs ns:team-a", []string{"oidc:devs"}}, // no key, so part of a name
			{"!kubeadm: is:problem kind:user", []string{"carol", "dave"}},
		} {
			w.page.Filter(tt.query)
			var got []string
			for _, r := range w.page.list.VisibleRows() {
				got = append(got, look.SubjectName(r.subject))
			}
			slices.Sort(got)
			if got = slices.Compact(got); !slices.Equal(got, tt.want) || w.page.filterErr != nil {
				t.Errorf("%s shows %q, want %q (%v)", tt.query, got, tt.want, w.page.filterErr)
			}
		}
	})
}

func TestFilterErrors(t *testing.T) {
	for query, want := range map[string]string{
		"kind:robot": "kind:robot is not known; there are user, group,",
		"grants:fly": "grants:fly is not known; there are see, operate, migrate,",
		"is:fine":    "is:fine is not known",
	} {
		if _, err := parseFilter(query); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s…", query, err, want)
		}
	}
}

func TestFilterWhileTyping(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Type("/su")
		w.Keys("tab")
		w.Type("bo")
		w.Keys("tab")
		w.Contains("/subject:bob", "1 of 17")
		w.Lacks("carol")
		w.Type(" kind:rob")
		w.Contains("kind:rob is not known", "▸ user  bob") // the last query that could be read stays in force
		w.Keys("enter", "esc")
		w.Contains("carol", "alice")
		w.Type("/kind:g")
		w.Keys("tab", "enter")
		w.Contains("kind:group")
		w.Lacks("carol")
		w.Type(":filter role:admin")
		w.Keys("enter")
		w.Contains("/role:admin", "2 of 17")
	})
}

func TestGroupingKeepsCursorAndMarks(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("bob")
		w.Keys("space", "k", "tab")
		w.Contains("By namespace", "✓▸", "1 marked")
		if r, _ := w.page.list.Current(); r.subject.Name != "bob" {
			t.Errorf("the cursor is on %+v", r)
		}
		w.Keys("o")
		w.Quiet()
		w.Type("role")
		w.Keys("enter")
		w.Contains("ROLE ▲")
		w.Keys("O")
		w.Contains("ROLE ▼")
		w.Type(":sort nonsense")
		w.Keys("enter")
		w.Contains(`there is no column "nonsense"; there are where, subject, role, grants, binding, rule`)
	})
}

func TestSystemIsHiddenUntilAskedFor(t *testing.T) {
	inWorld(t, setting{prepare: func(api *fakeapi.Server) {
		api.Put(fakeapi.Bound("", "wide", rbac.RoleViewer, group("system:authenticated")), fakeapi.Bound("", "open", "edit", group("system:unauthenticated")),
			fakeapi.Bound("", "virt", "edit", account("kubevirt", "operator"), account("kubevirt", "helper")),
			fakeapi.Bound("", "named", "edit", user("system:serviceaccount:ci:runner")), fakeapi.Bound("", "shared", "edit", user("erin"), user("system:proxy")))
	}}, func(w *world) {
		w.Contains("3 of the system's own hidden (t)", "wide", "open") // everybody is not the system
		w.Contains("ci:runner", "system:proxy")                        // nor is an account that is named as a user, nor who shares a binding with somebody
		w.Lacks("system:masters", "system:controller:ns", "kubevirt/operator")
		w.Keys("t")
		w.Contains("system:masters", "system:controller:ns", "kubevirt/operator", "the system's own shown (t)")
		w.Keys("t")
		w.Lacks("system:masters")
	})
}

// TestNothingIsReadUntilTheTabIsShown: most sessions never look at bindings.
func TestNothingIsReadUntilTheTabIsShown(t *testing.T) {
	drive.Bubble(t, func(t *testing.T) {
		api := fakeapi.New()
		d := deck.Open(t.Context(), api.Connect(t, kube.Target{}), deck.Options{Theme: theme.New(theme.Options{}), Scope: vm.Scope{All: true}})
		defer d.Close()
		p := New(d)
		p.Init()
		p.Update(deck.Event{Deck: d})
		time.Sleep(time.Minute)
		read := func() bool {
			return slices.ContainsFunc(api.Seen(), func(s string) bool { return strings.Contains(s, "rolebindings") })
		}
		if read() {
			t.Error("bindings were read")
		}
		p.View(80, 24)
		time.Sleep(time.Second)
		if !read() {
			t.Error("bindings were not read when the tab was shown")
		}
	})
}

func TestNewsArrive(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("bob")
		w.api.Put(fakeapi.Bound("team-b", "late", rbac.RoleUser, user("aaron")))
		w.api.Delete("rolebindings", "team-b", "old")
		w.Pass(35 * time.Second)
		w.Contains("aaron", "▸ user  bob")
		w.Lacks("carol")
		w.api.Put(fakeapi.Bound("team-b", "later", rbac.RoleUser, user("zoe")))
		w.Keys("R")
		w.Pass(time.Second)
		w.Contains("zoe", "trying again")
		w.Pass(10 * time.Second)
		w.To("zoe")
		w.api.Delete("rolebindings", "team-b", "later")
		w.deck.Reread()
		w.Pass(time.Second)
		w.Contains("the binding under the cursor is gone")
	})
}

func TestLeadsElsewhere(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("bob")
		w.Keys("w", "m")
		if got, ok := stage.Asked[deck.ShowWhoCan](w.Stage); !ok || got.Namespace != "team-a" {
			t.Errorf("who can: %+v", got)
		}
		if _, ok := stage.Asked[deck.ShowRoles](w.Stage); !ok {
			t.Error("no roles")
		}
		w.Keys("y")
		if want := "RoleBinding team-a/leads → ClusterRole spectro-vm-power-user (User bob)"; len(w.Copied) != 1 || w.Copied[0] != want {
			t.Errorf("copied %q, want %q", w.Copied, want)
		}
		w.Keys("space", "space", "y")
		if got := w.Copied[1]; strings.Count(got, "\n") != 1 || !strings.Contains(got, "User carol") {
			t.Errorf("copied %q", got)
		}
		w.Type(":gaps")
		w.Keys("enter")
		w.Quiet()
		w.Contains("All roles and bindings could be read.")
	})
}

// TestOffWithReasons: C7, A2's like. What is off says why, in the key bar and when the key is pressed.
func TestOffWithReasons(t *testing.T) {
	reader := fakeapi.User{Name: "rita", Everywhere: rbac.Rules{rule("*", "*", "get list watch")}}
	lead := reader
	lead.In = map[string]rbac.Rules{"team-a": {rule(rbac.GroupRBAC, "rolebindings", "*")}}
	inWorld(t, setting{prepare: func(api *fakeapi.Server) { api.Become(reader) }}, func(w *world) {
		w.Keys("n")
		w.Contains("new rule: you may make bindings nowhere: needs create rolebindings")
		w.To("bob")
		w.Pass(10 * time.Second)
		w.Keys("D")
		w.Contains(`delete: needs delete rolebindings "leads" in team-a`)
		w.Pass(10 * time.Second)
		w.Keys("e")
		w.Contains("edit: you may make bindings nowhere")
		if len(w.Asked) > 0 {
			t.Errorf("sent %+v", w.Asked)
		}
		w.Keys("?")
		w.Contains("you may make bindings nowhere")
		w.writes()
	})
	inWorld(t, setting{prepare: func(api *fakeapi.Server) { api.Become(lead) }}, func(w *world) {
		w.Keys("n")
		if _, ok := stage.Asked[deck.EditRule](w.Stage); !ok {
			w.T.Errorf("one who may bind in a namespace makes no rule\n%s", w.Plain())
		}
		w.To("carol")
		w.Keys("D")
		w.Contains(`delete: needs delete rolebindings "old" in team-b`)
	})
	inWorld(t, setting{readOnly: "vmdeck was started with --read-only"}, func(w *world) {
		w.To("bob")
		for key, label := range map[string]string{"n": "new rule", "e": "edit", "D": "delete"} {
			w.Keys(key)
			w.Contains(label + ": vmdeck was started with --read-only")
			w.Pass(10 * time.Second)
		}
		w.Keys("enter", "D")
		w.Contains("delete: vmdeck was started with --read-only")
		w.writes()
	})
}

// TestReviewsUnanswered: what is not known is not refused.
func TestReviewsUnanswered(t *testing.T) {
	inWorld(t, setting{prepare: func(api *fakeapi.Server) { api.HangReviews() }}, func(w *world) {
		w.Keys("n")
		if _, ok := stage.Asked[deck.EditRule](w.Stage); !ok {
			t.Errorf("no rule can be made before the reviews are answered\n%s", w.Plain())
		}
	})
}
