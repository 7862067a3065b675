// Package dialog asks questions on top of a page.
package dialog

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/text"
)

// How long input must have been quiet before a guarded dialog listens, and after how long it listens anyway.
const (
	Quiet    = 400 * time.Millisecond
	QuietCap = 1500 * time.Millisecond
)

// Dialog is something that takes all input until it is done.
type Dialog interface {
	// Update reports done when the dialog is to close.
	Update(msg tea.Msg) (cmd tea.Cmd, done bool)
	// View draws at most w×h cells; it is drawn again when the size changes.
	View(w, h int) string
	// Guarded dialogs ignore keys at first, because those were typed for what was there before.
	Guarded() bool
}

// Result is the answer to a dialog.
type Result struct {
	// OK is false when the dialog was cancelled.
	OK bool
	// Choice is the ID of the button, item or action that was chosen.
	Choice string
	// Text is what was typed.
	Text string
	// Values are a form's fields by ID.
	Values map[string]string
}

// Done receives the answer; it runs inside Update and must not block. Nil is allowed.
type Done func(Result) tea.Cmd

func (d Done) call(r Result) tea.Cmd {
	if d == nil {
		return nil
	}
	return d(r)
}

// Stack is the dialogs that are open, the last on top.
type Stack struct {
	now   func() time.Time
	items []*item
}

type item struct {
	Dialog
	opened, lastKey time.Time
	listening       bool
	x, y            int // Where it was drawn.
}

// NewStack makes an empty stack. now is the clock of the quiet period; nil means time.Now.
func NewStack(now func() time.Time) *Stack {
	if now == nil {
		now = time.Now
	}
	return &Stack{now: now}
}

// Open puts a dialog on top.
func (s *Stack) Open(d Dialog) {
	now := s.now()
	s.items = append(s.items, &item{Dialog: d, opened: now, lastKey: now, listening: !d.Guarded()})
}

// Len is the number of open dialogs.
func (s *Stack) Len() int { return len(s.items) }

// Top is the dialog that has the input, nil when none is open.
func (s *Stack) Top() Dialog {
	if len(s.items) == 0 {
		return nil
	}
	return s.items[len(s.items)-1].Dialog
}

// Close closes a dialog wherever it is in the stack.
func (s *Stack) Close(d Dialog) {
	for i, it := range s.items {
		if it.Dialog == d {
			s.items = append(s.items[:i:i], s.items[i+1:]...)
			return
		}
	}
}

// Update gives input to the top dialog, and any other message to all of them.
func (s *Stack) Update(msg tea.Msg) tea.Cmd {
	if len(s.items) == 0 {
		return nil
	}
	top := s.items[len(s.items)-1]
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if msg.String() != "esc" && !top.listen(s.now()) {
			return nil
		}
		return s.send(top, msg)
	case tea.PasteMsg:
		if !top.listen(s.now()) {
			return nil
		}
		return s.send(top, msg)
	case tea.MouseClickMsg:
		if !top.listen(s.now()) {
			return nil
		}
		msg.X, msg.Y = msg.X-top.x, msg.Y-top.y
		return s.send(top, msg)
	case tea.MouseMsg:
		return s.send(top, msg)
	}
	var cmds []tea.Cmd
	for _, it := range append([]*item(nil), s.items...) {
		cmds = append(cmds, s.send(it, msg))
	}
	return tea.Batch(cmds...)
}

// listen reports whether input is for the dialog. Comparing the times of messages needs no timer, so an open dialog
// costs nothing while nobody types.
func (it *item) listen(now time.Time) bool {
	if it.listening || now.Sub(it.lastKey) >= Quiet || now.Sub(it.opened) >= QuietCap {
		it.listening = true
	}
	it.lastKey = now
	return it.listening
}

func (s *Stack) send(it *item, msg tea.Msg) tea.Cmd {
	cmd, done := it.Update(msg)
	if done {
		s.Close(it.Dialog)
	}
	return cmd
}

// View draws the open dialogs in the middle of base, which is w×h cells.
func (s *Stack) View(base string, w, h int) string {
	for _, it := range s.items {
		box := it.Dialog.View(w, h)
		bw, bh := size(box)
		it.x, it.y = max((w-bw)/2, 0), max((h-bh)/2, 0)
		base = text.Overlay(base, box, it.x, it.y)
	}
	return base
}
