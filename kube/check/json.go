package check

import (
	"encoding/json"
	"io"
	"time"

	"vmdeck.dev/vmdeck/rbac"
)

// SchemaVersion names the form of WriteJSON's output, which docs/validate.schema.json describes. Fields may be added to it; one that
// changes its meaning or goes takes another version.
const SchemaVersion = "validate.vmdeck.dev/v1"

type jsonReport struct {
	SchemaVersion string         `json:"schemaVersion"`
	Context       string         `json:"context"`
	User          jsonUser       `json:"user"`
	As            *jsonUser      `json:"as,omitempty"`
	Time          time.Time      `json:"time"`
	TookMs        int64          `json:"tookMs"`
	Verdict       Verdict        `json:"verdict"`
	Counts        map[string]int `json:"counts"`
	Next          *jsonStep      `json:"next,omitempty"`
	Results       []jsonResult   `json:"results"`
}

type jsonUser struct {
	Name   string   `json:"name"`
	Groups []string `json:"groups"`
}

type jsonStep struct {
	Result string  `json:"result"`
	Why    string  `json:"why"`
	Fix    jsonFix `json:"fix"`
}

type jsonFix struct {
	Text    string `json:"text"`
	Command string `json:"command,omitempty"`
	Opens   string `json:"opens,omitempty"`
}

type jsonResult struct {
	ID        string      `json:"id"`
	Check     string      `json:"check"`
	Group     string      `json:"group"`
	Title     string      `json:"title"`
	Object    string      `json:"object,omitempty"`
	Proves    string      `json:"proves"`
	Verdict   Verdict     `json:"verdict"`
	Summary   string      `json:"summary"`
	Evidence  []string    `json:"evidence"`
	How       []string    `json:"how"`
	Missing   []string    `json:"missing,omitempty"`
	GrantedBy []string    `json:"grantedBy,omitempty"`
	Fix       *jsonFix    `json:"fix,omitempty"`
	Matrix    *jsonMatrix `json:"matrix,omitempty"`
	TookMs    int64       `json:"tookMs"`
}

type jsonMatrix struct {
	Subject string      `json:"subject"`
	Places  []jsonPlace `json:"places"`
}

// jsonPlace has an empty namespace for all of them.
type jsonPlace struct {
	Namespace string     `json:"namespace"`
	Actions   []jsonCell `json:"actions"`
}

type jsonCell struct {
	Action  string `json:"action"`
	Allowed bool   `json:"allowed"`
	Meant   *bool  `json:"meant,omitempty"`
}

// WriteJSON writes the report as docs/validate.schema.json describes it.
func (r Report) WriteJSON(w io.Writer) error {
	out := jsonReport{
		SchemaVersion: SchemaVersion, Context: r.Context, User: jsonUser{r.User.User, list(r.User.Groups)},
		Time: r.Time.UTC(), TookMs: r.Took.Milliseconds(), Verdict: r.Worst(), Counts: map[string]int{}, Results: []jsonResult{},
	}
	if r.As != nil {
		out.As = &jsonUser{r.As.User, list(r.As.Groups)}
	}
	for _, v := range Verdicts() {
		out.Counts[string(v)] = r.Count(v)
	}
	if r.Next != nil {
		out.Next = &jsonStep{r.Next.Result, r.Next.Why, *r.Next.Fix.json()}
	}
	for _, result := range r.Results {
		out.Results = append(out.Results, result.json())
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

// list is never null.
func list(items []string) []string { return append([]string{}, items...) }

func (f Fix) json() *jsonFix {
	if f.Text == "" {
		return nil
	}
	out := &jsonFix{Text: f.Text, Command: f.Command}
	if f.Open != nil {
		out.Opens = f.Open.View()
	}
	return out
}

func (r Result) json() jsonResult {
	out := jsonResult{
		ID: r.ID, Check: r.Check, Group: r.Group, Title: r.Title, Object: r.Object, Proves: r.Proves, Verdict: r.Verdict, Summary: r.Summary,
		Evidence: list(r.Evidence), How: list(r.How), GrantedBy: r.Grants, Fix: r.Fix.json(), TookMs: r.Took.Milliseconds(),
	}
	for _, p := range r.Missing {
		out.Missing = append(out.Missing, p.String())
	}
	if r.Matrix != nil {
		out.Matrix = r.Matrix.json()
	}
	return out
}

func (m Matrix) json() *jsonMatrix {
	out := &jsonMatrix{Subject: m.Subject, Places: []jsonPlace{}}
	for _, p := range m.Places {
		place := jsonPlace{Namespace: p.Namespace, Actions: []jsonCell{}}
		for _, c := range p.Cells {
			cell := jsonCell{Action: c.Need, Allowed: c.Got == rbac.Allowed}
			if c.Known {
				cell.Meant = &c.Want
			}
			place.Actions = append(place.Actions, cell)
		}
		out.Places = append(out.Places, place)
	}
	return out
}
