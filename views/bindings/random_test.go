package bindings

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

var hostile = drive.Hostile

// oddState has names and errors that nobody would choose with good intentions.
func oddState(at time.Time) binding.State {
	s := binding.State{At: at, RulesErr: errors.New(hostile), Err: errors.New(hostile)}
	role := rbac.RoleRef{Kind: rbac.KindRole, Namespace: hostile, Name: hostile}
	power, _ := rbac.Lookup(rbac.RolePowerUser)
	s.World.Roles = map[rbac.RoleRef]rbac.Rules{role: power.Rules()}
	s.World.Namespaces = []string{hostile, "team-a"}
	s.World.Gaps = []binding.Gap{{What: "roles", Namespace: "x", Text: hostile}, {What: "cluster roles", Text: hostile}, {What: "y", Text: "y"}}
	s.World.Bindings = []rbac.Binding{
		{UID: "1", Name: hostile, Namespace: hostile, Role: role, Subjects: []rbac.Subject{user(hostile), group(hostile), account(hostile, hostile), {Kind: hostile}}},
		{UID: "2", Name: "", Role: role, Subjects: nil},
		{UID: "3", Name: "vmdeck-" + hostile, Rule: hostile, Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: hostile}, Subjects: []rbac.Subject{user("a"), user("a")}},
	}
	s.Rules = []binding.Stored{{BindingRule: rbac.BindingRule{Name: hostile, RoleKind: hostile, RoleName: hostile, Subjects: []rbac.Subject{user(hostile)}, Namespaces: []string{"/" + hostile + "("}}},
		{BindingRule: rbac.BindingRule{Name: "broken"}, Err: errors.New(hostile)}, {BindingRule: rbac.BindingRule{Name: "empty"}}}
	return s
}

// plainState is what the tests' cluster says.
func plainState(at time.Time) binding.State {
	power, _ := rbac.Lookup(rbac.RolePowerUser)
	role := rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RolePowerUser}
	s := binding.State{At: at, Rules: []binding.Stored{devs(), lab()}}
	s.World.Roles = map[rbac.RoleRef]rbac.Rules{role: power.Rules()}
	for i := range 30 {
		s.World.Bindings = append(s.World.Bindings, rbac.Binding{UID: fmt.Sprint(i), ResourceVersion: "1", Namespace: fmt.Sprintf("team-%d", i%4), Name: fmt.Sprintf("b%d", i), Role: role, Subjects: []rbac.Subject{user(fmt.Sprint("u", i%7)), group("g")}})
	}
	return s
}

// TestRandom holds that no input breaks the pages and that every frame has the size of the terminal.
func TestRandom(t *testing.T) {
	api := fakeapi.New()
	api.Hang() // what is shown is given to the page
	names := []string{"tab", "shift+tab", "j", "k", "G", "g", "space", "V", "ctrl+a", "left", "right", "w", "/", "n", "N", "a", "y", "Y", "e", "t", "m", "o", "O", "D", "R", "enter", "esc", "backspace", ":", "é", "\""}
	rapid.Check(t, func(r *rapid.T) {
		th := theme.New(theme.Options{Dark: true, ASCII: rapid.Bool().Draw(r, "ascii")})
		d := deck.Open(t.Context(), api.Connect(t, kube.Target{}), deck.Options{Theme: th, Scope: vm.Scope{All: true}, Rules: &memoryStore{}})
		defer d.Close()
		p := New(d)
		p.asked = true
		now := time.Unix(1, 0)
		pages := []shell.Page{p}
		load := func() {
			now = now.Add(time.Second)
			p.take(rapid.SampledFrom([]func(time.Time) binding.State{oddState, plainState, func(at time.Time) binding.State { return binding.State{At: at} }}).Draw(r, "state")(now))
		}
		if rapid.Bool().Draw(r, "loaded") {
			load()
		}
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			page := pages[len(pages)-1]
			switch rapid.IntRange(0, 9).Draw(r, "step") {
			case 0:
				load()
				for _, other := range pages[1:] {
					other.Update(deck.Event{Deck: d})
				}
			case 1:
				page.Update(deck.Tick{Now: now.Add(time.Hour)})
			case 2:
				pages = open(p, pages)
			default:
				drive.Poke(r, page, names, "role:x !", "kind:", "grants:(", "\"a b")
			}
			drive.Draw(r, pages[len(pages)-1])
		}
	})
}

// open shows the row under the cursor, and then what deleting it would do.
func open(p *Page, pages []shell.Page) []shell.Page {
	current, ok := p.list.Current()
	switch {
	case !ok || len(pages) == 3:
		return pages[:1]
	case len(pages) == 1:
		return append(pages, newDetail(p, current))
	}
	target, _ := targetOf([]*row{current})
	v := newPreview(p, target, nil)
	v.Init()
	v.cancel() // the server is not asked
	v.Update(v.work()())
	return append(pages, v)
}
