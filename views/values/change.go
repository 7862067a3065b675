package values

import (
	"fmt"
	"reflect"
	"slices"

	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// Choose chooses a preset of a group, as by its key. It is refused while the text is no YAML, and where the pack has no such preset.
func (m *Model) Choose(group, preset string) error {
	if err := m.writable(); err != nil {
		return err
	}
	values, err := m.pack.Choose(m.now.values, group, preset)
	if err != nil {
		return err
	}
	return m.write(values, "")
}

// set gives a setting another value. Changes with the same name are one step to undo.
func (m *Model) set(at pack.Path, value any, name string) error {
	if err := m.writable(); err != nil {
		return err
	}
	if was, there := pack.Lookup(m.now.values, at); there && reflect.DeepEqual(was, value) {
		return nil
	}
	return m.write(pack.Set(m.now.values, at, value), name)
}

// reset gives a setting the value back that it has without overrides.
func (m *Model) reset(at pack.Path) error {
	if err := m.writable(); err != nil {
		return err
	}
	was, there := pack.Lookup(m.base, at)
	now, is := pack.Lookup(m.now.values, at)
	if there == is && reflect.DeepEqual(was, now) {
		if _, changed := m.change(at); changed {
			return fmt.Errorf("another pack of the profile needs %s as it is", at)
		}
		return fmt.Errorf("%s is as the defaults have it", at)
	}
	if !there {
		return m.write(pack.Remove(m.now.values, at), "")
	}
	return m.write(pack.Set(m.now.values, at, was), "")
}

// resetAll takes everything back that was set otherwise, broken YAML included.
func (m *Model) resetAll() error {
	text, err := pack.Rewrite(m.pack.ValuesYAML, m.own)
	if err != nil {
		return err
	}
	m.text.Replace(text)
	m.refresh()
	return nil
}

// writable says why nothing but the text itself can be changed at the moment.
func (m *Model) writable() error {
	if m.now.broken == nil {
		return nil
	}
	return fmt.Errorf("the YAML is in error, mend or undo that first: %w", m.now.broken)
}

// write changes the text so that it has these values.
func (m *Model) write(values pack.Values, name string) error {
	text, err := pack.Rewrite(m.text.Text(), pack.Merge(m.own, pack.Overrides(m.base, values)))
	if err != nil {
		return fmt.Errorf("the YAML cannot be changed this way: %w", err)
	}
	if name == "" {
		m.text.Replace(text)
	} else {
		m.text.Join(text, name)
	}
	m.refresh()
	return nil
}

// change is what was changed at a path.
func (m *Model) change(at pack.Path) (pack.Change, bool) {
	i := slices.IndexFunc(m.now.changes, func(c pack.Change) bool { return slices.Equal(c.Path, at) })
	if i < 0 {
		return pack.Change{}, false
	}
	return m.now.changes[i], true
}

// risky are the changes that somebody made against the defaults: not what had to be filled in, and not what other packs need.
func (m *Model) risky() int {
	n := 0
	for _, c := range m.now.changes {
		if !m.needed(c.Path) && !m.fromBase(c) {
			n++
		}
	}
	return n
}

func (m *Model) needed(at pack.Path) bool {
	return slices.ContainsFunc(m.now.needs, func(n pack.Need) bool { return slices.Equal(n.At(), at) })
}

// fromBase tells whether a change is what other packs need.
func (m *Model) fromBase(c pack.Change) bool {
	v, there := pack.Lookup(m.base, c.Path)
	return there != c.Removed && reflect.DeepEqual(v, c.Value)
}

// problem is what is wrong with a value; empty: nothing.
func (m *Model) problem(at pack.Path) string {
	i := slices.IndexFunc(m.now.problems, func(p pack.Problem) bool { return slices.Equal(p.Path, at) })
	if i < 0 {
		return ""
	}
	return m.now.problems[i].Message
}

// open is how many values still have to be filled in.
func (m *Model) open() int {
	n := 0
	for _, need := range m.now.needs {
		if v, there := pack.Lookup(m.now.values, need.At()); !there || v == nil || v == "" {
			n++
		}
	}
	return n
}
