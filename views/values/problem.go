package values

import (
	"errors"
	"maps"
	"slices"

	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// nextProblem goes to the next value that is wrong, in the part where it is mended best.
func (m *Model) nextProblem() {
	if m.now.broken != nil {
		m.show(yaml)
		m.nextLine()
		return
	}
	if len(m.now.problems) == 0 {
		m.note = "Nothing is wrong."
		return
	}
	if m.part == yaml {
		m.nextLine()
		return
	}
	at := m.after()
	if here := m.problemHere(); here >= 0 && m.dormant() {
		at = m.now.problems[here].Path
	}
	switch {
	case m.form.goTo(at):
		m.show(choices)
	case m.list.goTo(at):
		m.show(settings)
	default:
		m.toYAML(at)
	}
}

// dormant tells whether the cursor is on a value to fill in, and nothing can be typed in it yet.
func (m *Model) dormant() bool {
	r := m.form.current()
	return m.part == choices && r != nil && r.fillable(m) && !m.form.live()
}

// problemHere is which of the problems the cursor is on; below zero: none.
func (m *Model) problemHere() int {
	f := m.form
	switch m.part {
	case yaml:
		said := m.now.lines[m.text.Line()]
		return slices.IndexFunc(m.Problems(), func(p pack.Problem) bool { return p.String() == said })
	case settings:
		f = m.list
	case changes:
		return -1
	}
	r := f.current()
	return slices.IndexFunc(m.Problems(), func(p pack.Problem) bool { return r != nil && r.path != nil && slices.Equal(p.Path, r.path) })
}

// after is the first problem behind the one that the cursor is on, in the order of the rows.
func (m *Model) after() pack.Path {
	place := func(at pack.Path) int {
		is := func(r row) bool { return r.path != nil && slices.Equal(r.path, at) }
		if i := slices.IndexFunc(m.form.all, is); i >= 0 {
			return i
		}
		if i := slices.IndexFunc(m.list.all, is); i >= 0 {
			return len(m.form.all) + i
		}
		return len(m.form.all) + len(m.list.all)
	}
	here := -1
	switch m.part {
	case choices:
		here = m.form.cursor
	case settings:
		here = len(m.form.all) + m.list.cursor
	}
	sorted := slices.Clone(m.now.problems)
	slices.SortStableFunc(sorted, func(a, b pack.Problem) int { return place(a.Path) - place(b.Path) })
	i := slices.IndexFunc(sorted, func(p pack.Problem) bool { return place(p.Path) > here })
	return sorted[max(i, 0)].Path
}

// nextLine goes to the next line that something is wrong with, from the top again after the last.
func (m *Model) nextLine() {
	lines := slices.Sorted(maps.Keys(m.now.lines))
	lines = slices.DeleteFunc(lines, func(line int) bool { return line == 0 })
	if len(lines) == 0 {
		return
	}
	i := slices.IndexFunc(lines, func(line int) bool { return line > m.text.Line() })
	m.text.GoTo(lines[max(i, 0)])
}

// resetLine sets the value on the cursor's line to its default.
func (m *Model) resetLine() error {
	if err := m.writable(); err != nil {
		return err
	}
	content := m.text.Text()
	for _, c := range m.now.changes {
		if pack.Line(content, c.Path) == m.text.Line() {
			return m.reset(c.Path)
		}
	}
	return errors.New("nothing on this line is changed; in the list of changes what is gone can be reset too")
}
