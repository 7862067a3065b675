package detail

import (
	"cmp"
	"fmt"
	"time"

	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// move is one migration, told by its object, by the instance, or by both.
type move struct {
	name, phase    string
	source, target string
	asked          time.Time // when the object was made
	began, ended   time.Time
	mode           string
	failure        string
	over, failed   bool
	waits          bool // for its turn
}

// migrationsTab lists migrations, newest first; the one under way counts its seconds.
func (f *facts) migrationsTab(s *tabSheet) {
	list := f.parts()[2]
	moves := f.moves()
	if why := list.forbidden(f.row.Namespace); why != "" {
		s.Para(0, sheet.Warn(why))
		if len(moves) > 0 {
			s.Para(0, sheet.Dim("This is the last one, as the instance remembers it."))
		}
		s.Gap()
	} else if list.err != nil && f.detail.Migrations == nil {
		f.missing(s, list, false)
		s.Gap()
	}
	switch {
	case len(moves) > 0:
	case list.err != nil:
		return
	case !f.loaded:
		f.missing(s, list, false)
		return
	default:
		s.Para(0, sheet.Dim("The cluster knows of no migration of this VM."))
		return
	}
	columns := []sheet.Column{
		{}, {Title: "PHASE"}, {Title: "FROM" + s.Theme.Glyphs.Arrow + "TO", Flex: true}, {Title: "STARTED", Right: true}, {Title: "TOOK", Right: true}, {Title: "MODE", From: 52},
		{Title: "NAME", Flex: true, From: sheet.TwoColumns},
	}
	var rows []sheet.Record
	for _, m := range moves {
		rows = append(rows, m.record(s))
	}
	s.Table(columns, rows)
}

// moves joins the migration objects with what the instance knows, which alone has the times of the one under way.
func (f *facts) moves() []move {
	state := f.status().MigrationState
	var all []move
	known := false
	for i := range f.detail.Migrations {
		m := &f.detail.Migrations[i]
		own := m.Status.MigrationState
		if state != nil && state.MigrationUID == m.UID {
			own, known = state, true
		}
		all = append(all, newMove(m, own))
	}
	if state != nil && !known {
		all = append(all, stateMove(state))
	}
	if active := f.row.Migration; active != nil && active.Target != "" {
		for i := range all {
			if all[i].name == active.Name && !all[i].over {
				all[i].source, all[i].target = active.Source, active.Target
			}
		}
	}
	return all
}

func newMove(m *virtv1.VirtualMachineInstanceMigration, state *virtv1.VirtualMachineInstanceMigrationState) move {
	out := move{}
	if state != nil {
		out = stateMove(state)
	}
	out.name, out.asked = m.Name, m.CreationTimestamp.Time
	out.phase, out.over = cmp.Or(string(m.Status.Phase), "Pending"), m.IsFinal()
	out.failed = m.Status.Phase == virtv1.MigrationFailed
	out.waits = !out.over && out.began.IsZero()
	if out.over && out.ended.IsZero() {
		for _, t := range m.Status.PhaseTransitionTimestamps {
			if t.Phase == m.Status.Phase {
				out.ended = t.PhaseTransitionTimestamp.Time
			}
		}
	}
	if m.DeletionTimestamp != nil && !out.over {
		out.failure = "is being cancelled"
	}
	return out
}

// stateMove is a migration as the instance remembers it.
func stateMove(state *virtv1.VirtualMachineInstanceMigrationState) move {
	out := move{
		phase: "Running", source: state.SourceNode, target: state.TargetNode, mode: string(state.Mode), failure: state.FailureReason,
		over: state.Completed || state.EndTimestamp != nil, failed: state.Failed,
	}
	if t := state.StartTimestamp; t != nil {
		out.began, out.asked = t.Time, t.Time
	}
	if t := state.EndTimestamp; t != nil {
		out.ended = t.Time
	}
	if out.over {
		out.phase = map[bool]string{true: "Failed", false: "Succeeded"}[out.failed]
	}
	switch {
	case state.AbortStatus == virtv1.MigrationAbortSucceeded:
		out.failure = cmp.Or(out.failure, "cancelled")
	case state.AbortRequested && !out.over:
		out.failure = "is being cancelled"
	}
	return out
}

func (m move) record(s *tabSheet) sheet.Record {
	g := s.Theme.Glyphs
	none := sheet.Words{Text: g.None, Tone: theme.Dim}
	glyph, tone := sheet.Words{Text: g.Half, Tone: theme.Info}, theme.Info
	switch {
	case m.failed:
		glyph, tone = sheet.Words{Text: g.Cross, Tone: theme.Bad}, theme.Bad
	case m.over:
		glyph, tone = sheet.Words{Text: g.Mark, Tone: theme.Good}, theme.Normal
	case m.waits:
		glyph, tone = sheet.Words{Text: g.Ring, Tone: theme.Warn}, theme.Warn
	}
	nodes := none
	if m.source != "" || m.target != "" {
		nodes = sheet.Plain(cmp.Or(m.source, g.None) + g.Arrow + cmp.Or(m.target, g.None))
	}
	started, took, mode := none, none, none
	if !m.began.IsZero() {
		started = sheet.Dim(s.ago(m.began))
	}
	switch {
	case m.began.IsZero():
	case !m.ended.IsZero():
		took = sheet.Plain(text.Age(m.ended.Sub(m.began)))
	case !m.over:
		took = sheet.Words{Text: text.Age(max(0, s.now.Sub(m.began))), Tone: theme.Info}
	}
	if m.mode != "" {
		mode = sheet.Plain(m.mode)
	}
	r := sheet.Record{Cells: []sheet.Words{glyph, {Text: m.phase, Tone: tone}, nodes, started, took, mode, sheet.Dim(cmp.Or(m.name, g.None))}}
	if m.failure != "" {
		r.Notes = append(r.Notes, sheet.Words{Text: m.failure, Tone: map[bool]theme.Tone{true: theme.Bad, false: theme.Warn}[m.failed]})
	}
	if m.waits && m.failure == "" {
		r.Notes = append(r.Notes, sheet.Dim(fmt.Sprintf("Waits for its turn for %s: the cluster limits how many run at once.", text.Age(max(0, s.now.Sub(m.asked))))))
	}
	return r
}
