package detail

import (
	"fmt"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// eventsTab lists what has happened to the VM and its instance, newest first.
func (f *facts) eventsTab(s *sheet) {
	f.eventsState(s)
	if len(f.events) == 0 {
		return
	}
	s.gap()
	columns := []column{{}, {title: "AGE", right: true}, {title: "TYPE"}, {title: "REASON", flex: true}, {title: "MESSAGE", flex: true}}
	var rows []record
	for _, e := range f.events {
		glyph, tone := words{" ", theme.Normal}, theme.Normal
		if e.Type != "Normal" {
			glyph, tone = warn(s.th.Glyphs.Warn), theme.Warn
		}
		message := e.Message
		if e.Count > 1 {
			message += fmt.Sprintf(" (%d times)", e.Count)
		}
		rows = append(rows, record{cells: []words{
			glyph, dim(text.Age(max(0, s.now.Sub(e.Seen())))), {e.Type, tone}, {e.Reason, tone}, plain(message),
		}})
	}
	s.table(columns, rows)
}

// eventsState says in what way the list is not the whole truth, or why it is empty.
func (f *facts) eventsState(s *sheet) {
	none := len(f.events) == 0
	switch f.state.Phase {
	case stream.Loading:
		if none {
			s.para(0, dim("Loading"+s.th.Glyphs.Ellipsis))
		}
	case stream.Live:
		if none {
			s.para(0, dim("There are no events. The cluster forgets them after a while, often an hour; new ones appear here."))
		}
	case stream.Forbidden:
		s.para(0, warn(fmt.Sprintf("You may not list events: list events is missing in %s.", f.row.Namespace)))
	case stream.Lost:
		s.para(0, warn("The connection broke: events from then on are missing until it is back."))
		if f.state.Err != nil {
			s.para(0, dim(kube.Explain(f.state.Err, "list events")))
		}
	case stream.Absent:
		s.para(0, warn("The API server does not know events."))
	}
}
