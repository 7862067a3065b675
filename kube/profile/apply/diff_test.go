package apply

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"pgregory.net/rapid"
)

func written(lines []Line) string {
	var out strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&out, "%c%s\n", l.Op, l.Text)
	}
	return out.String()
}

func TestDiff(t *testing.T) {
	for name, c := range map[string]struct{ before, after, want string }{
		"the same": {"a\nb\n", "a\nb\n", ""},
		"all new":  {"", "a\nb\n", "+a\n+b\n"},
		"all gone": {"a\n", "", "-a\n"},
		"in the middle": {"1\n2\n3\n4\n5\nx\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\ny\n6\n7\n8\n9\n",
			"@\n 3\n 4\n 5\n-x\n+y\n 6\n 7\n 8\n@\n"},
		"two places": {"a\n1\nb\n", "A\n1\nB\n", "-a\n+A\n 1\n-b\n+B\n"},
	} {
		if have := written(diff(c.before, c.after)); have != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, have, c.want)
		}
	}
}

// Whatever the texts, what is kept and removed is in the first, and what is kept and added in the second, in order.
func TestDiffLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", ""}), 0, 12)
		before, after := some.Draw(t, "before"), some.Draw(t, "after")
		var old, new []string
		for _, l := range middle(before, after) {
			if l.Op != Add {
				old = append(old, l.Text)
			}
			if l.Op != Remove {
				new = append(new, l.Text)
			}
		}
		if fmt.Sprint(old) != fmt.Sprint(before) || fmt.Sprint(new) != fmt.Sprint(after) {
			t.Fatalf("%q to %q is told as %q to %q", before, after, old, new)
		}
	})
}

func TestSecretsAreHidden(t *testing.T) {
	secret := func(a, b string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Secret", "data": map[string]any{"a": a, "b": b}}}
	}
	step := Step{Verb: Change}
	before, after := secret("c2VjcmV0", "b2xk"), secret("c2VjcmV0", "bmV3")
	compare(&step, before, after)
	have := written(step.Diff)
	for _, contents := range []string{"c2VjcmV0", "b2xk", "bmV3"} {
		if strings.Contains(have, contents) {
			t.Errorf("the contents are shown:\n%s", have)
		}
	}
	if !strings.Contains(have, "-  b: (hidden)\n+  b: (hidden, another value)\n") || step.Verb != Change {
		t.Errorf("the change is not shown: %s\n%s", step.Verb, have)
	}
	if before.Object["data"].(map[string]any)["b"] != "b2xk" {
		t.Error("the object itself was changed")
	}
	compare(&step, secret("a", "b"), secret("a", "b"))
	if step.Verb != Leave || len(step.Diff) > 0 {
		t.Errorf("the same secret: %s\n%s", step.Verb, written(step.Diff))
	}
	compare(&step, nil, secret("c2VjcmV0", "b2xk"))
	if strings.Contains(written(step.Diff), "b2xk") {
		t.Error("the contents of a new secret are shown")
	}
}

func TestCovers(t *testing.T) {
	read := func(text string) map[string]any {
		objects, err := parse("apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: " + text)
		if err != nil {
			t.Fatal(err)
		}
		return objects[0].Object
	}
	for name, c := range map[string]struct{ want, have, where string }{
		"what the server adds":       {"{a: 1}", "{a: 1, b: 2}", ""},
		"a quantity in other words":  {"{memory: 1024Mi, cpu: 1000m}", "{memory: 1Gi, cpu: '1'}", ""},
		"another value":              {"{a: {b: [{c: x}]}}", "{a: {b: [{c: y}]}}", ".spec.a.b[0].c"},
		"one that is missing":        {"{a: x}", "{}", ".spec.a"},
		"one more in a list":         {"{a: [1]}", "{a: [1, 2]}", ".spec.a"},
		"nothing, and nothing there": {"{a: {}, b: [], c: '', d: false, e: null}", "{}", ""},
		"a map that became a word":   {"{a: {b: c}}", "{a: b}", ".spec.a"},
	} {
		if where, _ := covers(read(c.want), read(c.have), ""); where != c.where {
			t.Errorf("%s: differs at %q, want %q", name, where, c.where)
		}
	}
}
