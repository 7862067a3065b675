package text

import "testing"

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{
		"not YAML: line 3": "Not YAML: line 3.", "Done.": "Done.", "éclair": "Éclair.", "": "", "\xff broken": "\xff broken",
	} {
		if got := Sentence(in); got != want {
			t.Errorf("Sentence(%q) = %q, want %q", in, got, want)
		}
	}
}
