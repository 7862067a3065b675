package pack

import (
	"encoding/json"
	"maps"
	"slices"
)

// Field is one setting as the schema describes it, for a form. Settings without a type that a form can show are left to the YAML editor.
type Field struct {
	Path        Path
	Groups      []string // titles of the groups of settings around it, the outermost first
	Title       string   // the last key where the schema has none
	Description string
	Type        string // string, number, integer, boolean, or array (of strings)
	Enum        []string
	Default     any // nil where the schema has none
	Required    bool
}

// Fields lists the settings that the schema describes, sorted by path. Groups of settings are followed only through "properties"; a setting
// that is described by "$ref", "oneOf" and the like is not listed.
func (s *Schema) Fields() []Field {
	if s == nil {
		return nil
	}
	return fields(s.document, nil, nil)
}

func fields(schema map[string]any, at Path, groups []string) []Field {
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	var out []Field
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		property, ok := properties[key].(map[string]any)
		if !ok {
			continue
		}
		title, _ := property["title"].(string)
		if title == "" {
			title = key
		}
		f := Field{Path: at.with(key), Groups: groups, Title: title, Default: plain(property["default"]), Required: slices.Contains(required, any(key))}
		f.Description, _ = property["description"].(string)
		f.Type, _ = property["type"].(string)
		for _, v := range list(property["enum"]) {
			f.Enum = append(f.Enum, Show(plain(v)))
		}
		switch f.Type {
		case "object":
			out = append(out, fields(property, f.Path, append(slices.Clone(groups), title))...)
		case "array":
			items, _ := property["items"].(map[string]any)
			if items["type"] != "string" {
				continue
			}
			for _, v := range list(items["enum"]) {
				f.Enum = append(f.Enum, Show(plain(v)))
			}
			out = append(out, f)
		case "string", "number", "integer", "boolean":
			out = append(out, f)
		}
	}
	return out
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// plain turns the schema's exact numbers into those that values have.
func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		f, _ := v.Float64()
		return f
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = plain(item)
		}
		return out
	}
	return v
}
