package detail

import (
	"strings"
	"time"

	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
)

// tabSheet collects the lines of one sub-tab for one width and time.
type tabSheet struct {
	sheet.Sheet
	now time.Time
}

// at writes a moment as a date and how long ago it was.
func (s *tabSheet) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.now.Location()).Format("2006-01-02 15:04") + ", " + s.ago(t)
}

func (s *tabSheet) ago(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return text.Age(max(0, s.now.Sub(t))) + " ago"
}

// joined writes a list in the middle of a sentence.
func joined(names []string) string { return strings.Join(names, ", ") }
