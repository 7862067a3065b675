package validation

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

var hostile = drive.Hostile

// oddResults are what the checks of a cluster say whose names nobody would choose with good intentions.
func oddResults(c *check.Check, v check.Verdict, places int) []check.Result {
	m := check.Matrix{Subject: hostile, From: []string{hostile}}
	for i := range places {
		p := check.Place{Namespace: strings.Repeat(hostile, i%2)}
		for k, need := range binding.Needs() {
			p.Cells = append(p.Cells, check.Cell{Need: need.ID, Got: rbac.Verdict(k % 3), Known: k%2 == 0, Want: k%5 == 0})
		}
		m.Places = append(m.Places, p)
	}
	return []check.Result{{ID: c.ID + "/" + hostile, Check: c.ID, Group: c.Group, Title: c.Title, Proves: c.Proves, Object: hostile, Verdict: v, Summary: hostile,
		Evidence: []string{hostile, ""}, How: []string{hostile}, Missing: []rbac.Permission{rbac.On(hostile, "", hostile)}, Grants: []string{hostile},
		Fix: check.Fix{Text: hostile, Command: hostile, Open: check.ShowBindings{Query: hostile}}, Matrix: &m}, {ID: c.ID, Verdict: v}}
}

// TestRandom holds that no input breaks the pages and that every frame has the size of the terminal.
func TestRandom(t *testing.T) {
	api := fakeapi.New()
	api.Hang() // what is shown is given to the page
	names := []string{"tab", "j", "k", "G", "g", "space", "V", "ctrl+a", "left", "right", "h", "l", "w", "/", "n", "N", "a", "y", "Y", "f", "p", "u", "r", "R", "enter", "esc", "backspace", ":", "é", "\""}
	rapid.Check(t, func(r *rapid.T) {
		th := theme.New(theme.Options{Dark: true, ASCII: rapid.Bool().Draw(r, "ascii")})
		cluster := api.Connect(t, kube.Target{})
		d := deck.Open(t.Context(), cluster, deck.Options{Theme: th, Scope: vm.Scope{All: true}, Profiles: profile.ClusterStore(cluster)})
		defer d.Close()
		p := New(d)
		page := shell.Page(p)
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			switch rapid.IntRange(0, 9).Draw(r, "step") {
			case 0:
				for _, c := range check.Checks() {
					if v := rapid.SampledFrom(append(check.Verdicts(), "")).Draw(r, "verdict"); v != "" {
						p.found[c.ID] = found{oddResults(c, v, rapid.IntRange(0, 9).Draw(r, "places")), time.Unix(1, 0)}
					}
				}
				p.last.at, p.last.all = time.Unix(1, 0), time.Unix(1, 0)
				p.refresh()
			case 1:
				page.Update(deck.Tick{Now: time.Now().Add(time.Hour)})
			case 2:
				if current := p.current(); page != shell.Page(p) || current == nil || current.result == nil {
					page = p
				} else {
					page = newDetail(p, current)
				}
			default:
				drive.Poke(r, page, names)
			}
			drive.Draw(r, page)
		}
		if p.run != nil { // its commands were never run
			p.run.cancel()
		}
	})
}
