package check

import (
	"slices"
	"strings"
	"testing"
)

// run makes the checks and fails the test where that cannot be done.
func (f *fake) run(t testing.TB, o Options) Report {
	t.Helper()
	report, err := Run(t.Context(), f.connect(t), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// only is the one result of a check or object.
func (f *fake) only(t testing.TB, id string, o Options) Result {
	t.Helper()
	check, _, _ := strings.Cut(id, "/")
	o.Only = []string{check}
	report := f.run(t, o)
	for _, r := range report.Results {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no result %s among %v", id, ids(report))
	return Result{}
}

func ids(r Report) []string {
	var out []string
	for _, result := range r.Results {
		out = append(out, result.ID+" "+string(result.Verdict))
	}
	return out
}

func want(t testing.TB, r Result, verdict Verdict, words ...string) {
	t.Helper()
	all := strings.Join(slices.Concat([]string{r.Summary}, r.Evidence, []string{r.Fix.Text, r.Fix.Command}), "\n")
	if r.Verdict != verdict {
		t.Errorf("%s is %s, want %s\n%s", r.ID, r.Verdict, verdict, all)
	}
	for _, word := range words {
		if !strings.Contains(all, word) {
			t.Errorf("%s lacks %q:\n%s", r.ID, word, all)
		}
	}
}
