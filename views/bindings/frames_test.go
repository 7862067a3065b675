package bindings

import (
	"errors"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

type frame = drive.Frame[setting, *world]

var (
	press = drive.Press[*world]
	on    = drive.On[*world]
)

func nobodyLogged(api *fakeapi.Server) { api.Become(fakeapi.Nobody()) }

func TestFramesOfTheList(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "by-subject"},
		{Name: "by-namespace", Do: press("tab")},
		{Name: "system-too", Do: press("t")},
		{Name: "filtered", Do: func(w *world) { w.Type("/grants:mig !kind:group") }},
		{Name: "filter-error", Do: func(w *world) { w.Type("/kind:robot") }},
		{Name: "filter-nothing", Do: func(w *world) { w.Type("/nobody-of-this-name"); w.Keys("enter") }},
		{Name: "marked", Do: press("j", "space", "space")},
		{Name: "ascii", Setting: setting{theme: theme.Options{ASCII: true, NoColor: true}}},
		{Name: "help", Do: press("?")},
	})
}

func TestFramesOfStates(t *testing.T) {
	broken := binding.Stored{BindingRule: rbac.BindingRule{Name: "broken"}, Version: "1", Err: errors.New(`the namespace pattern "/a(/" is wrong at character 3: missing closing )`)}
	withoutLists := fakeapi.Admin()
	withoutLists.Everywhere = rbac.Rules{rule("", "namespaces", "list get watch"), rule(rbac.GroupRBAC, "rolebindings", "list get watch"), rule(rbac.GroupRBAC, "roles", "list")}
	drive.Goldens(t, inWorld, []frame{
		{Name: "first-start", Setting: setting{bare: true}},
		{Name: "first-start-with-roles", Setting: setting{bare: true, prepare: func(api *fakeapi.Server) { api.Put(fakeapi.Catalogue()...) }}},
		{Name: "only-administrators", Setting: setting{bare: true, prepare: func(api *fakeapi.Server) {
			api.Put(fakeapi.Bound("", "kubeadm:cluster-admins", "cluster-admin", group("kubeadm:cluster-admins")))
		}}},
		{Name: "no-permission", Setting: setting{prepare: nobodyLogged, noRules: true}},
		{Name: "no-permission-but-rules", Setting: setting{prepare: nobodyLogged}},
		{Name: "unread-parts", Setting: setting{prepare: func(api *fakeapi.Server) { api.Become(withoutLists) }}},
		{Name: "rules", Setting: setting{rules: []binding.Stored{broken}}},
		{Name: "rules-unread", Setting: setting{rulesErr: errors.New("open /etc/vmdeck/rules: permission denied")}},
		{Name: "loading", Setting: setting{early: true, prepare: func(api *fakeapi.Server) { api.Hang() }}},
		{Name: "unread", Setting: setting{prepare: func(api *fakeapi.Server) { api.Refuse("clusterroles", 503, 0) }}},
		{Name: "old", Do: func(w *world) {
			w.api.Refuse("clusterroles", 503, 0)
			w.Pass(40 * time.Second)
		}},
		{Name: "connection-lost", Do: func(w *world) {
			w.api.Down(true)
			w.Pass(45 * time.Second)
		}},
	})
}

func TestFramesOfDetails(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "detail", Do: on([]string{"alice", "team-a", "user"}, "enter")},
		{Name: "detail-end", Do: on([]string{"alice", "team-a", "user"}, "enter", "G")},
		{Name: "detail-yaml", Do: on([]string{"alice", "team-a", "user"}, "enter", "tab")},
		{Name: "detail-orphan", Do: on([]string{"carol"}, "enter")},
		{Name: "detail-waiting", Do: on([]string{"dave"}, "enter")},
		{Name: "detail-gone", Do: func(w *world) {
			on([]string{"carol"}, "enter")(w)
			w.api.Delete("rolebindings", "team-b", "old")
			w.deck.Reread()
			w.Pass(time.Second)
		}},
	})
}

func TestFramesOfDeletion(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "delete-rule", Do: on([]string{"alice", "team-a", "spectro-vm-user"}, "D")},
		{Name: "delete-others", Do: on([]string{"bob"}, "D")},
		{Name: "delete-confirm", Do: on([]string{"bob"}, "D", "D")},
		{Name: "edit-others", Do: on([]string{"bob"}, "e")},
		{Name: "delete-own", Setting: setting{prepare: func(api *fakeapi.Server) { api.Login("root", "kubeadm:cluster-admins") }},
			Do: on([]string{"cluster-admin"}, "D")},
		{Name: "delete-refused", Setting: setting{prepare: func(api *fakeapi.Server) { api.FailCall("leads", 403, "no") }}, Do: on([]string{"bob"}, "D")},
	})
}
