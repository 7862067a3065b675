package pack

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

const schemaFile = "values.schema.json"

// Schema checks values, with the same library and the same file as Helm does when it installs, but without ever opening a connection: a schema
// that refers to one elsewhere is not accepted. Checking is quick enough for every key press. A nil Schema accepts everything. It is safe for
// concurrent use.
type Schema struct {
	compiled *jsonschema.Schema
	document map[string]any
}

// Problem is one thing wrong with values.
type Problem struct {
	Path    Path // empty: the values as a whole
	Message string
}

// String reads "charts.x.replicas: must be a number, not text".
func (p Problem) String() string {
	if len(p.Path) == 0 {
		return p.Message
	}
	return p.Path.String() + ": " + p.Message
}

// parseSchema compiles a values.schema.json.
func parseSchema(data []byte) (*Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(noLoader{})
	const here = "file:///values.schema.json"
	if err := compiler.AddResource(here, document); err != nil {
		return nil, schemaError(err)
	}
	compiled, err := compiler.Compile(here)
	if err != nil {
		return nil, schemaError(err)
	}
	object, _ := document.(map[string]any) // a schema may also be just true or false
	return &Schema{compiled: compiled, document: object}, nil
}

// noLoader keeps a chart from making vmdeck read files or open connections.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("it refers to %s, which is not followed", url)
}

func schemaError(err error) error {
	var load *jsonschema.LoadURLError
	if errors.As(err, &load) {
		return load.Err
	}
	reason := strings.ReplaceAll(err.Error(), "file:///values.schema.json", "")
	return errors.New("not a JSON schema: " + strings.Join(strings.Fields(reason), " "))
}

// Check lists what the schema refuses, by path.
func (s *Schema) Check(values Values) []Problem {
	if s == nil {
		return nil
	}
	err := s.compiled.Validate(values)
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		if err != nil {
			return []Problem{{Message: err.Error()}}
		}
		return nil
	}
	var out []Problem
	collect(invalid, &out)
	slices.SortStableFunc(out, func(a, b Problem) int { return slices.Compare(a.Path, b.Path) })
	return slices.CompactFunc(out, func(a, b Problem) bool { return a.String() == b.String() })
}

// collect walks to the innermost failures: the ones above only say that something below does not fit.
func collect(e *jsonschema.ValidationError, out *[]Problem) {
	if len(e.Causes) > 0 {
		for _, cause := range e.Causes {
			collect(cause, out)
		}
		return
	}
	at := Path(slices.Clone(e.InstanceLocation))
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, key := range k.Properties {
			*out = append(*out, Problem{at.with(key), "the pack has no such setting"})
		}
	case *kind.Required:
		for _, key := range k.Missing {
			*out = append(*out, Problem{at.with(key), "is missing"})
		}
	default:
		*out = append(*out, Problem{at, sentence(e.ErrorKind)})
	}
}

var english = message.NewPrinter(language.English)

// sentence says what must be the case, in the words of somebody who fills in a form.
func sentence(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		want := make([]string, len(k.Want))
		for i, w := range k.Want {
			want[i] = typeName(w)
		}
		return fmt.Sprintf("must be %s, not %s", strings.Join(want, " or "), typeName(k.Got))
	case *kind.Enum:
		want := make([]string, len(k.Want))
		for i, w := range k.Want {
			want[i] = Show(w)
		}
		return fmt.Sprintf("is %s; it takes %s", Show(k.Got), strings.Join(want, ", "))
	case *kind.Const:
		return "must be " + Show(k.Want)
	case *kind.Pattern:
		if k.Got == "" {
			return "must not be empty"
		}
		return fmt.Sprintf("%q does not have the right form (%s)", k.Got, k.Want)
	case *kind.MinLength:
		if k.Got == 0 {
			return "must not be empty"
		}
	case *kind.Minimum:
		want, _ := k.Want.Float64()
		return fmt.Sprintf("must be at least %v", want)
	case *kind.Maximum:
		want, _ := k.Want.Float64()
		return fmt.Sprintf("must be at most %v", want)
	case *kind.MinItems:
		return fmt.Sprintf("must have at least %d items, not %d", k.Want, k.Got)
	case *kind.UniqueItems:
		return fmt.Sprintf("items %d and %d are the same", k.Duplicates[0]+1, k.Duplicates[1]+1)
	}
	return k.LocalizedString(english)
}

func typeName(name string) string {
	switch name {
	case "string":
		return "text"
	case "number":
		return "a number"
	case "integer":
		return "a whole number"
	case "boolean":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "a group of settings"
	case "null":
		return "nothing"
	}
	return name
}
