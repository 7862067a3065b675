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
	at := m.now.problems[m.after()].Path
	switch {
	case m.form.goTo(at):
		m.show(choices)
	case m.list.goTo(at):
		m.show(settings)
	default:
		m.toYAML(at)
	}
}

// after is the first problem behind the one that the cursor is on.
func (m *Model) after() int {
	f := m.form
	if m.part == settings {
		f = m.list
	}
	if r := f.current(); r != nil && r.path != nil && m.part != changes {
		i := slices.IndexFunc(m.now.problems, func(p pack.Problem) bool { return slices.Equal(p.Path, r.path) })
		return (i + 1) % len(m.now.problems)
	}
	return 0
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
