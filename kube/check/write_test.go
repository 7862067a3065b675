package check

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/rbac"
)

// schema reads the published JSON Schema.
func schema(t *testing.T) map[string]any {
	t.Helper()
	data, err := os.ReadFile("../../docs/validate.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// conform lists where a value is not as a schema says. It knows the words that the published schema uses, and fails on any other.
func conform(root, s map[string]any, at string, v any) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, at+": "+fmt.Sprintf(format, args...)) }
	object, _ := v.(map[string]any)
	array, _ := v.([]any)
	for word, value := range s {
		switch word {
		case "$schema", "$id", "$defs", "title", "description", "properties":
		case "$ref":
			name := strings.TrimPrefix(value.(string), "#/$defs/")
			wrong = append(wrong, conform(root, root["$defs"].(map[string]any)[name].(map[string]any), at, v)...)
		case "const":
			if v != value {
				say("is %v, want %v", v, value)
			}
		case "enum":
			if !slices.Contains(value.([]any), v) {
				say("%v is none of %v", v, value)
			}
		case "pattern":
			if text, ok := v.(string); !ok || !regexp.MustCompile(value.(string)).MatchString(text) {
				say("%v does not match %s", v, value)
			}
		case "minimum":
			if n, ok := v.(float64); !ok || n < value.(float64) {
				say("%v is too small", v)
			}
		case "type":
			if got := typeOf(v); got != value {
				say("is a %s, want a %s", got, value)
			}
		case "required":
			for _, name := range value.([]any) {
				if _, ok := object[name.(string)]; !ok {
					say("lacks %s", name)
				}
			}
		case "items":
			for i, item := range array {
				wrong = append(wrong, conform(root, value.(map[string]any), fmt.Sprintf("%s[%d]", at, i), item)...)
			}
		case "additionalProperties":
			properties, _ := s["properties"].(map[string]any)
			for name, item := range object {
				rest, isSchema := value.(map[string]any)
				switch property, known := properties[name].(map[string]any); {
				case known:
					wrong = append(wrong, conform(root, property, at+"."+name, item)...)
				case isSchema:
					wrong = append(wrong, conform(root, rest, at+"."+name, item)...)
				default:
					say("%s is not in the schema", name)
				}
			}
		default:
			say("the schema says %s, which this test does not know", word)
		}
	}
	return wrong
}

func typeOf(v any) string {
	switch n := v.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if n == float64(int64(n)) {
			return "integer"
		}
		return "number"
	}
	return "null"
}

// worlds are reports with all verdicts and parts in them.
func worlds(t *testing.T) map[string]Report {
	t.Helper()
	nobody, drifted := newFake(), newFake()
	nobody.user = rbac.WhoIs("nobody")
	drifted.roles[rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RoleUser}] = nil
	drifted.bind("team-b", "gone", "orphan|`<b>\x1b[31m", "eve")
	who := rbac.WhoIs("user", "devs")
	return map[string]Report{
		"in order": newFake().run(t, Options{}), "nobody": nobody.run(t, Options{}), "drifted": drifted.run(t, Options{}),
		"somebody": newFake().run(t, Options{Who: &who}), "empty": {},
	}
}

func TestJSONConformsToTheSchema(t *testing.T) {
	root := schema(t)
	for name, report := range worlds(t) {
		var out bytes.Buffer
		if err := report.WriteJSON(&out); err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(out.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		for _, line := range conform(root, root, name, v) {
			t.Error(line)
		}
		if bytes.ContainsRune(out.Bytes(), 0x1b) {
			t.Errorf("%s: an escape character reaches whoever prints it", name)
		}
	}
	// The test itself can fail.
	if wrong := conform(root, root, "x", map[string]any{"verdict": "maybe", "more": 1.0, "results": "none", "tookMs": -1.5}); len(wrong) < 8 {
		t.Errorf("a wrong report conforms but for %q", wrong)
	}
}

// TestSchemaKnowsAllWords: groups, verdicts and screens are in the schema, no more and no fewer.
func TestSchemaKnowsAllWords(t *testing.T) {
	defs := schema(t)["$defs"].(map[string]any)
	words := func(def, property string) (out []string) {
		s := defs[def].(map[string]any)
		if property != "" {
			s = s["properties"].(map[string]any)[property].(map[string]any)
		}
		for _, w := range s["enum"].([]any) {
			out = append(out, w.(string))
		}
		return out
	}
	var verdicts []string
	for _, v := range Verdicts() {
		verdicts = append(verdicts, string(v))
	}
	views := []string{InstallRoles{}.View(), EditRule{}.View(), ShowBindings{}.View(),
		ShowProfiles{}.View(), ApplyProfile{}.View(), NewProfile{}.View(), ShowRegistries{}.View(), ShowTemplates{}.View()}
	for _, tt := range []struct{ got, want []string }{{words("result", "group"), Groups()}, {words("verdict", ""), verdicts}, {words("fix", "opens"), views}} {
		slices.Sort(tt.got)
		wanted := slices.Sorted(slices.Values(tt.want))
		if !reflect.DeepEqual(tt.got, wanted) {
			t.Errorf("the schema has %v, want %v", tt.got, wanted)
		}
	}
}

func TestJUnit(t *testing.T) {
	for name, report := range worlds(t) {
		for _, strict := range []bool{false, true} {
			var out bytes.Buffer
			if err := report.WriteJUnit(&out, strict); err != nil {
				t.Fatal(err)
			}
			var suites junitSuites
			if err := xml.Unmarshal(out.Bytes(), &suites); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, out.String())
			}
			failures := report.Count(Fail)
			if strict {
				failures += report.Count(Warn)
			}
			cases, failed, skipped := 0, 0, 0
			for _, suite := range suites.Suites {
				for _, c := range suite.Cases {
					cases++
					if c.Failure != nil {
						failed++
					}
					if c.Skipped != nil {
						skipped++
					}
				}
			}
			if suites.Tests != len(report.Results) || cases != suites.Tests || suites.Failures != failures || failed != failures ||
				skipped != suites.Skipped || skipped != report.Count(NotPermitted)+report.Count(NotApplicable) {
				t.Errorf("%s: %d tests, %d failures, %d skipped for %v", name, suites.Tests, suites.Failures, suites.Skipped, ids(report))
			}
			if failures > 0 != report.Failed(strict) {
				t.Errorf("%s: %d failures, and Failed says %t", name, failures, report.Failed(strict))
			}
		}
	}
}
