// Package look says how the state of a VM and the subject of a binding appear, the same way on every screen.
package look

import (
	"time"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Look is a symbol that tells a status apart without colour, a tone, and the words beside it.
type Look struct {
	Glyph string
	Tone  theme.Tone
	Text  string
}

// TextTone colours the words only where the status is not as it should be: forty green words are noise.
func (l Look) TextTone() theme.Tone {
	if l.Tone == theme.Good {
		return theme.Normal
	}
	return l.Tone
}

// Looks knows every status in the symbols of one theme. It may be shared.
type Looks struct {
	glyphs theme.Glyphs
	known  map[string]Look
}

// New makes the looks of a theme.
func New(th *theme.Theme) *Looks {
	g := th.Glyphs
	l := &Looks{glyphs: g, known: map[string]Look{}}
	set := func(glyph string, tone theme.Tone, statuses ...string) {
		for _, s := range statuses {
			l.known[s] = Look{glyph, tone, s}
		}
	}
	set(g.Dot, theme.Good, vm.StatusRunning)
	set(g.Ring, theme.Dim, vm.StatusStopped)
	set(g.Pause, theme.Info, vm.StatusPaused)
	set(g.Half, theme.Info, vm.StatusMigrating)
	set(g.Half, theme.Warn, vm.StatusStarting, vm.StatusStopping, vm.StatusProvisioning, vm.StatusTerminating,
		vm.StatusWaitingForVolumeBinding, vm.StatusWaitingForReceiver)
	set(g.Cross, theme.Bad, vm.StatusCrashLoopBackOff, vm.StatusErrorUnschedulable, vm.StatusErrImagePull,
		vm.StatusImagePullBackOff, vm.StatusErrorPvcNotFound, vm.StatusDataVolumeError)
	return l
}

// Of returns how a row's status appears at a time. A migration shows how long it has run.
func (l *Looks) Of(r *vm.Row, now time.Time) Look {
	look, ok := l.known[r.Status]
	if !ok {
		look = Look{l.glyphs.Warn, theme.Warn, r.Status}
	}
	switch {
	case r.Migration != nil:
		look = l.known[vm.StatusMigrating]
		look.Text = migration(r.Migration, now)
	case len(r.Attention) > 0 && look.Tone != theme.Bad:
		look.Text += " " + l.glyphs.Warn
	}
	return look
}

func migration(m *vm.Migration, now time.Time) string {
	switch {
	case m.Aborting:
		return "Cancelling"
	case m.Started == nil && m.Phase == "Running": // since when is not known to whoever may not read the instance
		return "Migrating"
	case m.Started == nil:
		return "Migrating, waits"
	default:
		return "Migrating " + text.Age(max(0, now.Sub(*m.Started)))
	}
}

// Node is where the instance runs; during a migration, from where to where it moves.
func (l *Looks) Node(r *vm.Row) string {
	if m := r.Migration; m != nil && m.Target != "" && m.Target != m.Source {
		return m.Source + l.glyphs.Arrow + m.Target
	}
	return r.Node
}
