package detail

import (
	"fmt"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// eventsTab lists what has happened to the VM and its instance, newest first.
func (f *facts) eventsTab(s *tabSheet) {
	f.eventsState(s)
	if len(f.events) == 0 {
		return
	}
	s.Gap()
	columns := []sheet.Column{{}, {Title: "AGE", Right: true}, {Title: "TYPE"}, {Title: "REASON", Flex: true}, {Title: "MESSAGE", Flex: true}}
	var rows []sheet.Record
	for _, e := range f.events {
		glyph, tone := sheet.Words{Text: " ", Tone: theme.Normal}, theme.Normal
		if e.Type != "Normal" {
			glyph, tone = sheet.Warn(s.Theme.Glyphs.Warn), theme.Warn
		}
		message := e.Message
		if e.Count > 1 {
			message += fmt.Sprintf(" (%d times)", e.Count)
		}
		rows = append(rows, sheet.Record{Cells: []sheet.Words{
			glyph, sheet.Dim(text.Age(max(0, s.now.Sub(e.Seen())))), {Text: e.Type, Tone: tone}, {Text: e.Reason, Tone: tone}, sheet.Plain(message),
		}})
	}
	s.Table(columns, rows)
}

// eventsState says in what way the list is not the whole truth, or why it is empty.
func (f *facts) eventsState(s *tabSheet) {
	none := len(f.events) == 0
	switch f.state.Phase {
	case stream.Loading:
		if none {
			s.Para(0, sheet.Dim("Loading"+s.Theme.Glyphs.Ellipsis))
		}
	case stream.Live:
		if none {
			s.Para(0, sheet.Dim("There are no events. The cluster forgets them after a while, often an hour; new ones appear here."))
		}
	case stream.Forbidden:
		s.Para(0, sheet.Warn(fmt.Sprintf("You may not list events: list events is missing in %s.", f.row.Namespace)))
	case stream.Lost:
		s.Para(0, sheet.Warn("The connection broke: events from then on are missing until it is back."))
		if f.state.Err != nil {
			s.Para(0, sheet.Dim(kube.Explain(f.state.Err, "list events")))
		}
	case stream.Absent:
		s.Para(0, sheet.Warn("The API server does not know events."))
	}
}
