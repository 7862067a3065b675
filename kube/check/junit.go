package check

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Timestamp string      `xml:"timestamp,attr"`
	Cases     []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the report as JUnit's XML, a suite for each group: failures are those that make Failed true, and what could not or
// need not be checked is skipped.
func (r Report) WriteJUnit(w io.Writer, strict bool) error {
	suites := junitSuites{Name: "vmdeck validate", Time: fmt.Sprintf("%.3f", r.Took.Seconds())}
	for _, group := range Groups() {
		suite := junitSuite{Name: group, Timestamp: r.Time.UTC().Format("2006-01-02T15:04:05")}
		for _, result := range r.Results {
			if result.Group == group {
				suite.add(result, strict)
			}
		}
		if suite.Tests == 0 {
			continue
		}
		suites.Tests, suites.Failures, suites.Skipped = suites.Tests+suite.Tests, suites.Failures+suite.Failures, suites.Skipped+suite.Skipped
		suites.Suites = append(suites.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(suites); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(r Result, strict bool) {
	c := junitCase{Name: r.ID, Class: "vmdeck." + r.Group, Time: fmt.Sprintf("%.3f", r.Took.Seconds())}
	lines := slices.Concat([]string{r.Summary}, r.Evidence)
	if r.Fix.Text != "" {
		lines = append(lines, "Fix: "+r.Fix.Text)
	}
	if r.Fix.Command != "" {
		lines = append(lines, "  "+r.Fix.Command)
	}
	text := strings.Join(lines, "\n")
	s.Tests++
	switch {
	case r.Verdict == Fail, r.Verdict == Warn && strict:
		s.Failures++
		c.Failure = &junitMessage{Message: r.Summary, Type: string(r.Verdict), Text: text}
	case r.Verdict == NotPermitted, r.Verdict == NotApplicable:
		s.Skipped++
		c.Skipped = &junitMessage{Message: r.Summary}
	default:
		c.Out = text
	}
	s.Cases = append(s.Cases, c)
}
