// Package values edits the values of one pack: by its presets, by what it needs, setting by setting, and as YAML. All of them change one
// text.
package values

import (
	"reflect"
	"regexp"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/area"
	"vmdeck.dev/vmdeck/ui/input"
	"vmdeck.dev/vmdeck/ui/theme"
)

// part is one of the ways to see the values.
type part uint8

const (
	choices part = iota // presets, and what has to be filled in
	settings
	yaml
	changes // from the defaults
)

// Model is the editor, a part of a page. It does no I/O and belongs to the goroutine of Update.
type Model struct {
	// OnChange is called after the values have changed, at the end of Update; its command is run. Nil: nobody wants to know.
	OnChange func() tea.Cmd

	th   *theme.Theme
	pack *pack.Pack
	base pack.Values // what the pack has without any of the overrides
	own  pack.Values // what the text has without any of them
	kept string      // the overrides as they were given

	text *area.Model // the one truth
	read uint64      // the version of the text that what follows was made of
	now  state

	next pack.Values // the base that waits for the text to be YAML

	parts      []part
	part, last part  // the one with the focus, and the last that was no list of changes
	touched    []int // lines of the text that say something else than the defaults
	form, list *rows
	diff       *diff
	finding    bool // text is looked for in the YAML
	query      *input.Model
	note       string // why the last key did nothing
	changed    bool   // since Changed was asked
}

// state is what a text says. A text that cannot be read leaves all but broken as it was.
type state struct {
	values    pack.Values
	overrides pack.Values // the least that makes values of the base
	changes   []pack.Change
	problems  []pack.Problem
	needs     []pack.Need
	active    map[string]string // the presets that were chosen, by group

	broken error          // why the text is no YAML
	lines  map[int]string // what is wrong, by the line of the text; 0: where cannot be told
}

// New makes an editor of a pack's values. base is what they are without overrides, the pack's defaults with what other packs need
// (profile.Layer has it); nil: the defaults. overrides is YAML, as profile.PackRef keeps it; text that cannot be read counts as none.
func New(th *theme.Theme, p *pack.Pack, base pack.Values, overrides string) *Model {
	m := &Model{th: th, pack: p, kept: overrides, text: area.New(th), query: input.New(th)}
	m.query.Prompt = "Find: "
	over, err := pack.ParseValues(overrides)
	if err != nil {
		over, m.kept = nil, ""
	}
	m.text.SetText(m.begin(base, over))
	m.form, m.list, m.diff = newRows(m, choiceRows), newRows(m, settingRows), &diff{m: m}
	if len(p.Groups()) > 0 || len(p.Needs(p.Defaults())) > 0 {
		m.parts = append(m.parts, choices)
	}
	if len(p.Schema().Fields()) > 0 {
		m.parts = append(m.parts, settings)
	}
	m.parts = append(m.parts, yaml, changes)
	m.part, m.last = m.parts[0], m.parts[0]
	m.refresh()
	return m
}

// begin takes over a base, and returns the text that has the overrides.
func (m *Model) begin(base, over pack.Values) string {
	if m.base = base; base == nil {
		m.base = m.pack.Defaults()
	}
	// The text is the file of the chart with its comments. What charts inside it have by default is not in it, and need not be.
	file, err := pack.ParseValues(m.pack.ValuesYAML)
	m.own = pack.Merge(file, m.pack.Overrides(m.base))
	want := pack.Merge(m.base, over)
	if have := pack.Merge(m.own, over); err != nil || !reflect.DeepEqual(m.valuesOf(have), want) {
		m.own = m.base
	}
	text, err := pack.Rewrite(m.pack.ValuesYAML, pack.Merge(m.own, over))
	if err != nil {
		text, _ = pack.Rewrite("", pack.Merge(m.own, over))
	}
	return text
}

// valuesOf are the values of the chart when the text has these.
func (m *Model) valuesOf(written pack.Values) pack.Values {
	return pack.Merge(m.base, pack.Overrides(m.own, written))
}

// SetBase changes what the values are without overrides, as when another pack needs something else. The overrides stay. It does nothing
// when the base is the same. While the text is no YAML it waits until it is.
func (m *Model) SetBase(base pack.Values) {
	if base == nil {
		base = m.pack.Defaults()
	}
	m.next = nil
	switch {
	case reflect.DeepEqual(base, m.base):
		return
	case m.now.broken != nil:
		m.next = base
		return
	}
	over := m.now.overrides
	begun := m.begin(base, over)
	if kept, err := pack.Rewrite(m.text.Text(), pack.Merge(m.own, over)); err == nil {
		begun = kept // with comments of the user's
	}
	m.text.Replace(begun)
	m.read = 0
	m.refresh()
}

// Overrides is what was set otherwise than the base has it, as YAML for profile.PackRef; empty: nothing. Comments in what New was given
// stay. While the text is no YAML it is what the text said last.
func (m *Model) Overrides() string {
	if !m.otherwise() {
		return m.kept
	}
	if len(m.now.overrides) == 0 {
		return ""
	}
	out, err := pack.Rewrite(m.kept, m.now.overrides)
	if err != nil {
		out, _ = pack.Rewrite("", m.now.overrides)
	}
	return out
}

// otherwise tells whether the values are others than New was given.
func (m *Model) otherwise() bool {
	was, _ := pack.ParseValues(m.kept)
	return !reflect.DeepEqual(pack.Merge(m.base, was), m.now.values)
}

// Values are all values of the pack, as they were read last.
func (m *Model) Values() pack.Values { return m.now.values }

// Problems lists what is wrong with the values: that they are no YAML, or what the schema refuses and what still has to be filled in.
func (m *Model) Problems() []pack.Problem {
	if m.now.broken != nil {
		return []pack.Problem{{Message: m.now.broken.Error()}}
	}
	return m.now.problems
}

// Broken tells whether the text is no YAML at the moment, so that Overrides is what it said before.
func (m *Model) Broken() bool { return m.now.broken != nil }

// Edited tells whether there is anything that leaving would lose.
func (m *Model) Edited() bool { return m.now.broken != nil || m.otherwise() }

// lineOf finds the line that a YAML error is about.
var lineOf = regexp.MustCompile(`\bline (\d+)`)

// looks is for how many values the line is looked up at most: each takes a look at the whole text, and is to be quick in long ones too.
func looks(content string) int { return max(3, min(20, 100_000/(len(content)+1))) }

// refresh reads the text, if it has changed.
func (m *Model) refresh() bool {
	if m.read == m.text.Version() {
		return false
	}
	m.read, m.changed = m.text.Version(), true
	content := m.text.Text()
	written, err := pack.ParseValues(content)
	m.now.broken, m.now.lines = err, map[int]string{}
	if err != nil {
		if found := lineOf.FindStringSubmatch(err.Error()); found != nil {
			line, _ := strconv.Atoi(found[1])
			m.now.lines[line] = err.Error()
		}
		return true
	}
	m.take(m.valuesOf(written))
	for _, p := range m.now.problems[:min(len(m.now.problems), looks(content))] {
		if line := pack.Line(content, p.Path); m.now.lines[line] == "" {
			m.now.lines[line] = p.String()
		}
	}
	m.touched = m.changedLines()
	if m.next != nil {
		m.SetBase(m.next)
	}
	return true
}

// take makes all that is shown of values.
func (m *Model) take(v pack.Values) {
	m.now.values, m.now.overrides = v, pack.Overrides(m.base, v)
	m.now.changes, m.now.problems = m.pack.Changes(v), m.pack.Check(v)
	m.now.needs, m.now.active = m.pack.Needs(v), m.pack.Active(v)
	m.form.fill()
	m.list.fill()
	m.diff.fill()
}
