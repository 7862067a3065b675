// Package keys names keys once: the same table tells what a key does, what the key bar shows and what the help says.
package keys

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/theme"
)

// Binding ties keys to one purpose.
type Binding struct {
	// ID says what the binding does; unique in its scope.
	ID string
	// Keys are names as tea.KeyPressMsg.String gives them: "x", "ctrl+d", "enter", "space".
	Keys []string
	// Label is a word or two for the key bar, Help a sentence for the help.
	Label, Help string
}

// Matches reports whether the key press is one of the binding's.
func (b Binding) Matches(msg tea.KeyPressMsg) bool {
	return slices.Contains(b.Keys, msg.String())
}

// Key returns the first key in the form shown to users.
func (b Binding) Key(g theme.Glyphs) string {
	if len(b.Keys) == 0 {
		return ""
	}
	return Pretty(b.Keys[0], g)
}

// AllKeys returns every key of the binding in the form shown to users, separated by spaces.
func (b Binding) AllKeys(g theme.Glyphs) string {
	shown := make([]string, 0, len(b.Keys))
	for _, k := range b.Keys {
		shown = append(shown, Pretty(k, g))
	}
	return strings.Join(shown, " ")
}

// Pretty turns the name of a key into the form shown to users, with symbols where the theme has them.
func Pretty(key string, g theme.Glyphs) string {
	mods, name := "", key
	if i := strings.LastIndexByte(key, '+'); i > 0 && i < len(key)-1 {
		mods, name = key[:i+1], key[i+1:]
	}
	if symbol, ok := g.Keys[name]; ok {
		name = symbol
	}
	return mods + name
}

// Map finds the binding of a key within one scope.
type Map struct {
	bindings []Binding
	byKey    map[string]int
}

// NewMap builds a map. A key or an ID that is used twice is an error: one of the two would never be reached.
func NewMap(bindings ...Binding) (*Map, error) {
	m := &Map{byKey: map[string]int{}}
	if err := m.Add(bindings...); err != nil {
		return nil, err
	}
	return m, nil
}

// Add puts more bindings into the scope. On an error the map is as it was.
func (m *Map) Add(bindings ...Binding) error {
	all := slices.Concat(m.bindings, bindings)
	byKey, ids := make(map[string]int, len(all)), make(map[string]bool, len(all))
	for i, b := range all {
		if b.ID != "" && ids[b.ID] {
			return fmt.Errorf("key bindings: %q is there twice", b.ID)
		}
		ids[b.ID] = true
		for _, k := range b.Keys {
			if other, taken := byKey[k]; taken {
				return fmt.Errorf("key bindings: %q means both %q and %q", k, all[other].Label, b.Label)
			}
			byKey[k] = i
		}
	}
	m.bindings, m.byKey = all, byKey
	return nil
}

// Lookup returns the binding that a key press means.
func (m *Map) Lookup(msg tea.KeyPressMsg) (Binding, bool) {
	i, ok := m.byKey[msg.String()]
	if !ok {
		return Binding{}, false
	}
	return m.bindings[i], true
}

// Binding returns the binding of an ID; an empty one when there is none.
func (m *Map) Binding(id string) Binding {
	if i := slices.IndexFunc(m.bindings, func(b Binding) bool { return b.ID == id }); i >= 0 {
		return m.bindings[i]
	}
	return Binding{}
}

// Bindings returns all bindings in the order they were added.
func (m *Map) Bindings() []Binding {
	return slices.Clone(m.bindings)
}
