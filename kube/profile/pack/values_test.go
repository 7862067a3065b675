package pack

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPathsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Path(rapid.SliceOfN(rapid.String(), 1, 4).Draw(t, "keys"))
		back, err := ParsePath(p.String())
		if err != nil || !reflect.DeepEqual(back, p) {
			t.Fatalf("%q became %s, which reads as %q, %v", []string(p), p, []string(back), err)
		}
	})
	if s := (Path{"pack", "spectrocloud.com/install-priority"}).String(); s != `pack."spectrocloud.com/install-priority"` {
		t.Error(s)
	}
	for _, bad := range []string{"", ".", "a.", ".a", `a."b`, `"a"b`, `a"b"`} {
		if p, err := ParsePath(bad); err == nil {
			t.Errorf("%q reads as %q", bad, []string(p))
		}
	}
}

// genValues draws values without nulls, as charts have them.
func genValues() *rapid.Generator[Values] {
	var tree func(depth int) *rapid.Generator[Values]
	tree = func(depth int) *rapid.Generator[Values] {
		leaf := []*rapid.Generator[any]{
			rapid.Just[any]("x"), rapid.Just[any](""), rapid.Just[any](true), rapid.Just[any](2.0), rapid.Just[any]([]any{"a"}), rapid.Just[any]([]any{}), rapid.Just[any](Values{}),
		}
		if depth > 0 {
			leaf = append(leaf, rapid.Map(tree(depth-1), func(v Values) any { return v }))
		}
		return rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c.d"}), rapid.OneOf(leaf...), 0, 3)
	}
	return tree(3)
}

func TestOverridesGiveTheValuesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		defaults, values := genValues().Draw(t, "defaults"), genValues().Draw(t, "values")
		was := clone(defaults)
		over := Overrides(defaults, values)
		back := Merge(defaults, over)
		if left := Changes(values, back); len(left) > 0 {
			t.Fatalf("overrides %v over %v give %v, want %v", over, defaults, back, values)
		}
		if !reflect.DeepEqual(was, clone(defaults)) {
			t.Fatal("the defaults were changed")
		}
		if none := Overrides(values, values); len(none) > 0 {
			t.Fatalf("nothing changed, yet %v", none)
		}
	})
}

func TestRewriteGivesTheValuesAndKeepsComments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := "# top\na: x # one\n# about b\nb:\n  a: [p, q]\n  \"c.d\": 'v'\n"
		values := genValues().Draw(t, "values")
		out, err := Rewrite(text, values)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseValues(out)
		if err != nil || len(Changes(values, back)) > 0 {
			t.Fatalf("%v: wanted %v, wrote\n%s", err, values, out)
		}
	})
	text := "# top\n\n# about a\na: 1 # one\n\n# about b\nb:\n    c: [p, q]\n    d: 'it''s' # é\n    e: \"\\\"\" # f\n"
	want := "# top\n\n# about a\na: two # one\n\n# about b\nb:\n    c: [p, q]\n    d: true # é\n    e: \"\" # f\n"
	out, err := Rewrite(text, Values{"a": "two", "b": Values{"c": []any{"p", "q"}, "d": true, "e": ""}})
	if err != nil || out != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
	if out, err := Rewrite("a: [", nil); err == nil || out != "a: [" {
		t.Errorf("a text in error came back as %q, %v", out, err)
	}
}

func TestChangesReadWell(t *testing.T) {
	var have []string
	for _, c := range Changes(Values{"a": Values{"x": 1.0, "gone": true}, "l": []any{"p"}}, Values{"a": Values{"x": 2.0}, "l": []any{"p", "q"}, "new": Values{"k": "v"}}) {
		have = append(have, c.String())
	}
	want := "a.gone: removed true\na.x: 1 → 2\nl: [\"p\"] → [\"p\",\"q\"]\nnew.k: added v"
	if strings.Join(have, "\n") != want {
		t.Errorf("changes\n%s\nwant\n%s", strings.Join(have, "\n"), want)
	}
}

func TestLine(t *testing.T) {
	text := "a: 1\nb:\n  c.d:\n    e: 2\n"
	for path, want := range map[string]int{"a": 1, "b": 2, `b."c.d".e`: 4, "b.x": 2, "x": 0} {
		at, err := ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		if have := Line(text, at); have != want {
			t.Errorf("%s is on line %d, want %d", path, have, want)
		}
	}
}
