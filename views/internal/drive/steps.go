package drive

import (
	"slices"
	"strings"
	"time"
)

// Press presses keys a moment apart, as a person does, so that a dialog that opens meanwhile listens.
func (d *Driver) Press(names ...string) {
	d.T.Helper()
	for _, name := range names {
		d.Keys(name)
		d.Quiet()
	}
}

// To puts the cursor on the first row whose line has all of the texts.
func (d *Driver) To(texts ...string) {
	d.T.Helper()
	d.Keys("g")
	for range 60 {
		for line := range strings.SplitSeq(d.Plain(), "\n") {
			if strings.Contains(line, "▸") && !slices.ContainsFunc(texts, func(s string) bool { return !strings.Contains(line, s) }) {
				return
			}
		}
		d.Keys("j")
	}
	d.T.Fatalf("%q is not in the list\n%s", texts, d.Plain())
}

// Says holds that these texts are on the screen, line breaks and what stands beside them aside, or in a dialog.
func (d *Driver) Says(texts ...string) {
	d.T.Helper()
	var whole, left, right []string
	for line := range strings.SplitSeq(d.Plain(), "\n") {
		whole = append(whole, line)
		before, told, _ := strings.Cut(line, "│")
		left, right = append(left, before), append(right, told)
	}
	flat := func(lines []string) string { return strings.Join(strings.Fields(strings.Join(lines, " ")), " ") }
	for _, s := range texts {
		s = strings.Join(strings.Fields(s), " ")
		if !d.Has(s) && !strings.Contains(flat(whole), s) && !strings.Contains(flat(left), s) && !strings.Contains(flat(right), s) {
			d.T.Fatalf("%q is not told\n%s", s, d.Plain())
		}
	}
}

// driven is a Driver, or what embeds one.
type driven interface {
	Press(names ...string)
	Type(text string)
	To(texts ...string)
	Pass(by time.Duration)
}

// Press is what the user does: see Driver.Press.
func Press[W driven](names ...string) func(W) { return func(w W) { w.Press(names...) } }

// Type is what the user does: typing a text.
func Type[W driven](text string) func(W) { return func(w W) { w.Type(text) } }

// Pass is what the user does: waiting.
func Pass[W driven](by time.Duration) func(W) { return func(w W) { w.Pass(by) } }

// On is what the user does: going to the first row whose line has all of the texts, and pressing keys there.
func On[W driven](texts []string, names ...string) func(W) {
	return func(w W) {
		w.To(texts...)
		w.Press(names...)
	}
}

// Steps is what the user does, one after the other.
func Steps[W driven](steps ...func(W)) func(W) {
	return func(w W) {
		for _, step := range steps {
			step(w)
		}
	}
}
