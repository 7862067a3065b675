package bindings

import (
	"fmt"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// many is a cluster with n bindings in a tenth as many namespaces.
func many(n int, at time.Time) binding.State {
	s := binding.State{At: at}
	s.World.Roles = map[rbac.RoleRef]rbac.Rules{}
	for _, role := range rbac.CatalogueRules() {
		s.World.Roles[role.Ref] = role.Rules
	}
	roles := rbac.Names()
	for i := range n {
		s.World.Bindings = append(s.World.Bindings, rbac.Binding{UID: fmt.Sprint("uid-", i), ResourceVersion: "1", Namespace: fmt.Sprintf("team-%d", i/10), Name: fmt.Sprintf("binding-%d", i),
			Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: roles[i%len(roles)]}, Subjects: []rbac.Subject{user(fmt.Sprintf("user-%d", i%500))}})
	}
	for i := range n / 10 {
		s.World.Namespaces = append(s.World.Namespaces, fmt.Sprintf("team-%d", i))
	}
	return s
}

func loaded(t testing.TB, n int) *Page {
	api := fakeapi.New()
	t.Cleanup(api.Hang())
	d := deck.Open(t.Context(), api.Connect(t, kube.Target{}), deck.Options{Theme: theme.New(theme.Options{}), Scope: vm.Scope{All: true}})
	t.Cleanup(d.Close)
	p := New(d)
	p.asked = true
	p.take(many(n, time.Unix(1, 0)))
	return p
}

// TestFramesCostTheSameWithManyBindings: rows are made when something was read and not when they are drawn.
func TestFramesCostTheSameWithManyBindings(t *testing.T) {
	cost := func(n int) float64 {
		p := loaded(t, n)
		down, up := uitest.Key("j"), uitest.Key("k")
		return testing.AllocsPerRun(20, func() {
			for _, key := range []func(){func() { p.Update(down) }, func() { p.Update(up) }} {
				key()
				p.View(120, 40)
				p.Hints()
				p.Update(deck.Event{Deck: p.deck, Delta: &vm.Delta{}})
			}
		})
	}
	if few, lots := cost(100), cost(5000); lots > few*1.2+20 {
		t.Errorf("a frame allocates %.0f times with 5,000 bindings and %.0f times with 100", lots, few)
	}
}

func BenchmarkRead(b *testing.B) {
	p := loaded(b, 5000)
	for i := range b.N {
		p.take(many(5000, time.Unix(int64(i+2), 0)))
	}
}

func BenchmarkFilter(b *testing.B) {
	p := loaded(b, 5000)
	for range b.N {
		p.Filter("grants:migrate user-3")
	}
}

func BenchmarkLosses(b *testing.B) {
	p := loaded(b, 5000)
	world := p.state.World.World
	for range b.N {
		losses(rbac.RemovalOf(world, world.Bindings[:5]...), world)
	}
}
