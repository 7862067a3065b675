package bindings

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// sizes are the smallest terminal that one should have, and a comfortable one.
var sizes = []struct{ w, h int }{{80, 24}, {120, 40}}

type frame struct {
	name string
	setting
	do func(w *world)
}

func goldens(t *testing.T, frames []frame) {
	t.Helper()
	for _, f := range frames {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", f.name, size.w, size.h), func(t *testing.T) {
				s := f.setting
				s.w, s.h = size.w, size.h
				inWorld(t, s, func(w *world) {
					if f.do != nil {
						f.do(w)
					}
					w.Golden()
				})
			})
		}
	}
}

func press(names ...string) func(w *world) {
	return func(w *world) {
		for _, name := range names {
			w.Keys(name)
			w.Quiet()
		}
	}
}

// on goes to a row and presses keys there.
func on(texts []string, names ...string) func(w *world) {
	return func(w *world) {
		w.to(texts...)
		press(names...)(w)
	}
}

func nobodyLogged(api *fakeapi.Server) { api.Become(fakeapi.Nobody()) }

func TestFramesOfTheList(t *testing.T) {
	goldens(t, []frame{
		{name: "by-subject"},
		{name: "by-namespace", do: press("tab")},
		{name: "system-too", do: press("t")},
		{name: "filtered", do: func(w *world) { w.Type("/grants:mig !kind:group") }},
		{name: "filter-error", do: func(w *world) { w.Type("/kind:robot") }},
		{name: "filter-nothing", do: func(w *world) { w.Type("/nobody-of-this-name"); w.Keys("enter") }},
		{name: "marked", do: press("j", "space", "space")},
		{name: "ascii", setting: setting{theme: theme.Options{ASCII: true, NoColor: true}}},
		{name: "help", do: press("?")},
	})
}

func TestFramesOfStates(t *testing.T) {
	broken := binding.Stored{BindingRule: rbac.BindingRule{Name: "broken"}, Version: "1", Err: errors.New(`the namespace pattern "/a(/" is wrong at character 3: missing closing )`)}
	withoutLists := fakeapi.Admin()
	withoutLists.Everywhere = rbac.Rules{rule("", "namespaces", "list get watch"), rule(rbac.GroupRBAC, "rolebindings", "list get watch"), rule(rbac.GroupRBAC, "roles", "list")}
	goldens(t, []frame{
		{name: "first-start", setting: setting{bare: true}},
		{name: "first-start-with-roles", setting: setting{bare: true, prepare: func(api *fakeapi.Server) { api.Put(fakeapi.Catalogue()...) }}},
		{name: "only-administrators", setting: setting{bare: true, prepare: func(api *fakeapi.Server) {
			api.Put(fakeapi.Bound("", "kubeadm:cluster-admins", "cluster-admin", group("kubeadm:cluster-admins")))
		}}},
		{name: "no-permission", setting: setting{prepare: nobodyLogged, noRules: true}},
		{name: "no-permission-but-rules", setting: setting{prepare: nobodyLogged}},
		{name: "unread-parts", setting: setting{prepare: func(api *fakeapi.Server) { api.Become(withoutLists) }}},
		{name: "rules", setting: setting{rules: []binding.Stored{broken}}},
		{name: "rules-unread", setting: setting{rulesErr: errors.New("open /etc/vmdeck/rules: permission denied")}},
		{name: "loading", setting: setting{early: true, prepare: func(api *fakeapi.Server) { api.Hang() }}},
		{name: "unread", setting: setting{prepare: func(api *fakeapi.Server) { api.Refuse("clusterroles", 503, 0) }}},
		{name: "old", do: func(w *world) {
			w.api.Refuse("clusterroles", 503, 0)
			w.Pass(40 * time.Second)
		}},
		{name: "connection-lost", do: func(w *world) {
			w.api.Down(true)
			w.Pass(45 * time.Second)
		}},
	})
}

func TestFramesOfDetails(t *testing.T) {
	goldens(t, []frame{
		{name: "detail", do: on([]string{"alice", "team-a", "user"}, "enter")},
		{name: "detail-end", do: on([]string{"alice", "team-a", "user"}, "enter", "G")},
		{name: "detail-yaml", do: on([]string{"alice", "team-a", "user"}, "enter", "tab")},
		{name: "detail-orphan", do: on([]string{"carol"}, "enter")},
		{name: "detail-waiting", do: on([]string{"dave"}, "enter")},
		{name: "detail-gone", do: func(w *world) {
			on([]string{"carol"}, "enter")(w)
			w.api.Delete("rolebindings", "team-b", "old")
			w.deck.Reread()
			w.Pass(time.Second)
		}},
	})
}

func TestFramesOfDeletion(t *testing.T) {
	goldens(t, []frame{
		{name: "delete-rule", do: on([]string{"alice", "team-a", "spectro-vm-user"}, "D")},
		{name: "delete-others", do: on([]string{"bob"}, "D")},
		{name: "delete-confirm", do: on([]string{"bob"}, "D", "D")},
		{name: "edit-others", do: on([]string{"bob"}, "e")},
		{name: "delete-own", setting: setting{prepare: func(api *fakeapi.Server) { api.Login("root", "kubeadm:cluster-admins") }},
			do: on([]string{"cluster-admin"}, "D")},
		{name: "delete-refused", setting: setting{prepare: func(api *fakeapi.Server) { api.FailCall("leads", 403, "no") }}, do: on([]string{"bob"}, "D")},
	})
}
