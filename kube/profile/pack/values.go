package pack

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Values are a chart's settings, as decoded from YAML: maps with string keys, slices, strings, float64, bool and nil.
type Values = map[string]any

// ParseValues reads values from YAML. An empty text is no values. A key that stands twice is an error.
func ParseValues(text string) (Values, error) {
	var v any
	if err := yaml.UnmarshalStrict([]byte(text), &v); err != nil {
		return nil, fmt.Errorf("not YAML: %s", yamlReason(err))
	}
	switch v := v.(type) {
	case nil:
		return Values{}, nil
	case map[string]any:
		return v, nil
	}
	return nil, fmt.Errorf("not a list of keys and values")
}

// yamlReason drops what the YAML package says about its own workings: "line 3: mapping values are not allowed in this context".
func yamlReason(err error) string {
	reason := err.Error()
	for _, prefix := range []string{"error converting YAML to JSON: ", "error unmarshaling JSON: ", "while decoding JSON: ", "yaml: ", "unmarshal errors:\n  ", "json: "} {
		reason = strings.TrimPrefix(reason, prefix)
	}
	return strings.ReplaceAll(reason, "\n  ", "; ")
}

// Merge returns base with the keys of over. Maps are merged, everything else is replaced, and null removes a key, as Helm does it.
func Merge(base, over Values) Values {
	out := clone(base).(Values)
	if out == nil {
		out = Values{}
	}
	for key, v := range over {
		below, isMap := v.(Values)
		was, wasMap := out[key].(Values)
		switch {
		case v == nil:
			delete(out, key)
		case isMap && wasMap:
			out[key] = Merge(was, below)
		case isMap:
			out[key] = Merge(nil, below)
		default:
			out[key] = clone(v)
		}
	}
	return out
}

// Lookup returns the value at a path.
func Lookup(values Values, p Path) (any, bool) {
	var v any = values
	for _, key := range p {
		m, ok := v.(Values)
		if !ok {
			return nil, false
		}
		if v, ok = m[key]; !ok {
			return nil, false
		}
	}
	return v, true
}

// Set returns values with another value at a path. What stands in the way and is no map is replaced.
func Set(values Values, p Path, value any) Values {
	return edit(values, p, func(m Values, key string) { m[key] = clone(value) })
}

// Remove returns values without what stands at a path.
func Remove(values Values, p Path) Values {
	if _, there := Lookup(values, p); !there {
		return clone(values).(Values)
	}
	return edit(values, p, func(m Values, key string) { delete(m, key) })
}

func edit(values Values, p Path, change func(m Values, key string)) Values {
	out := clone(values).(Values)
	if out == nil {
		out = Values{}
	}
	m := out
	for _, key := range p[:len(p)-1] {
		below, ok := m[key].(Values)
		if !ok {
			below = Values{}
			m[key] = below
		}
		m = below
	}
	change(m, p[len(p)-1])
	return out
}

// Change is one value that is not as the chart's defaults have it. Lists are compared as a whole.
type Change struct {
	Path Path
	// Default and Value are nil where the one or the other has no such key; Added and Removed tell that from a null.
	Default, Value any
	Added, Removed bool
}

// String reads "charts.x.service.type: ClusterIP → LoadBalancer".
func (c Change) String() string {
	switch {
	case c.Added:
		return fmt.Sprintf("%s: added %s", c.Path, Show(c.Value))
	case c.Removed:
		return fmt.Sprintf("%s: removed %s", c.Path, Show(c.Default))
	}
	return fmt.Sprintf("%s: %s → %s", c.Path, Show(c.Default), Show(c.Value))
}

// Show writes a value in one line, as it would stand in YAML.
func Show(v any) string {
	if s, ok := v.(string); ok && s != "" && strings.TrimSpace(s) == s && !strings.ContainsAny(s, "\n\t") {
		return s
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

// Changes lists what differs between the defaults and values, sorted by path.
func Changes(defaults, values Values) []Change { return changes(nil, defaults, values) }

func changes(at Path, defaults, values Values) []Change {
	var out []Change
	keys := map[string]bool{}
	for key := range defaults {
		keys[key] = true
	}
	for key := range values {
		keys[key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		was, had := defaults[key]
		is, has := values[key]
		wasMap, wasOK := was.(Values)
		isMap, isOK := is.(Values)
		switch p := at.with(key); {
		case wasOK && isOK:
			out = append(out, changes(p, wasMap, isMap)...)
		case !had && isOK && len(isMap) > 0:
			out = append(out, changes(p, nil, isMap)...)
		case !reflect.DeepEqual(was, is) || had != has:
			out = append(out, Change{Path: p, Default: was, Value: is, Added: !had, Removed: !has})
		}
	}
	return out
}

// Overrides returns the least values that, merged into the defaults, give values: what is worth keeping in a profile. Removed keys are null.
func Overrides(defaults, values Values) Values {
	out := Values{}
	for _, c := range Changes(defaults, values) {
		out = Set(out, c.Path, c.Value)
	}
	return out
}

func clone(v any) any {
	switch v := v.(type) {
	case Values:
		if v == nil {
			return v
		}
		out := make(Values, len(v))
		for key, below := range v {
			out[key] = clone(below)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = clone(item)
		}
		return out
	}
	return v
}
