package uitest

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
)

// Screen is a model in a terminal, as a test works it: keys go in, frames are looked at. How messages are delivered is its owner's.
type Screen struct {
	T     testing.TB
	Model tea.Model
	W, H  int
	// Deliver gives a message to the model and lets happen what follows.
	Deliver func(tea.Msg)
}

// Send delivers messages one by one.
func (s *Screen) Send(msgs ...tea.Msg) {
	s.T.Helper()
	for _, msg := range msgs {
		s.Deliver(msg)
	}
}

// Resize changes the size of the terminal.
func (s *Screen) Resize(w, h int) {
	s.T.Helper()
	s.W, s.H = w, h
	s.Send(tea.WindowSizeMsg{Width: w, Height: h})
}

// Keys presses keys by name: "j", "ctrl+d", "enter", "space".
func (s *Screen) Keys(names ...string) {
	s.T.Helper()
	for _, name := range names {
		s.Send(Key(name))
	}
}

// Type presses the keys of a text one by one.
func (s *Screen) Type(text string) {
	s.T.Helper()
	for _, r := range text {
		s.Send(Key(string(r)))
	}
}

// Click presses the left button of the mouse at a cell.
func (s *Screen) Click(x, y int) {
	s.T.Helper()
	s.Send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}, tea.MouseReleaseMsg{X: x, Y: y, Button: tea.MouseLeft})
}

// Frame is the frame with its styling.
func (s *Screen) Frame() string { return s.Model.View().Content }

// Plain is the frame without styling, and without spaces at the ends of lines.
func (s *Screen) Plain() string {
	lines := strings.Split(ansi.Strip(s.Frame()), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// Contains fails the test unless every text is in the frame, line breaks of dialogs aside.
func (s *Screen) Contains(texts ...string) {
	s.T.Helper()
	for _, t := range texts {
		if !s.Has(t) {
			s.T.Fatalf("%q is not in the frame\n%s", t, s.Plain())
		}
	}
}

// Lacks fails the test if one of the texts is in the frame.
func (s *Screen) Lacks(texts ...string) {
	s.T.Helper()
	for _, t := range texts {
		if s.Has(t) {
			s.T.Fatalf("%q is in the frame\n%s", t, s.Plain())
		}
	}
}

// Has says whether a text is in the frame, as it stands or over the lines of a dialog.
func (s *Screen) Has(t string) bool {
	plain := s.Plain()
	if strings.Contains(plain, t) {
		return true
	}
	var inside []string
	for line := range strings.SplitSeq(plain, "\n") {
		if parts := strings.Split(line, "│"); len(parts) >= 3 {
			inside = append(inside, parts[1])
		}
	}
	return strings.Contains(strings.Join(strings.Fields(strings.Join(inside, " ")), " "), t)
}

// Golden compares the frame with testdata/<test>.golden, plain first and then styled, for a diff that can be read. Run the test with
// -update to accept what it shows.
func (s *Screen) Golden() {
	s.T.Helper()
	golden.RequireEqual(s.T, s.Plain()+"\n\n"+s.Frame()+"\n")
}

// Exact fails the test unless the frame has exactly the size of the terminal.
func (s *Screen) Exact() {
	s.T.Helper()
	Exact(s.T, s.Frame(), s.W, s.H)
}
