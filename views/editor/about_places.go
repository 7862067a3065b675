package editor

import (
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

const (
	everywhere = "The role is bound in all namespaces, in those that are made later too, and for what is in none, such as nodes and templates."
	fewPlaces  = 24 // names of namespaces that are shown
)

func (f *form) aboutPlaces(s binding.State) []words {
	if f.cluster {
		if f.group != "" {
			return []words{plain("This cluster belongs to the cluster group " + f.group + ".")}
		}
		return []words{plain(everywhere)}
	}
	var out []words
	if c := f.text(); f.focus.part == partNamespaces && c.Value() != "" {
		switch pattern, err := rbac.ParsePattern(strings.TrimSpace(c.Value())); {
		case err != nil:
			return []words{dim("A pattern is a regular expression between slashes: /^team-/ selects what matches, ~/^kube-/ what does not.")}
		case !pattern.Literal():
			out = append(out, f.matches(s, pattern.String()+" matches", pattern.Select(s.World.Namespaces)))
		}
	}
	rule := f.rule()
	if len(rule.Namespaces) == 0 {
		return append(out, dim("By name, or by a pattern: /^team-/ selects what matches, ~/^kube-/ what does not."))
	}
	if s.At.IsZero() {
		return append(out, dim(waiting+f.th.Glyphs.Ellipsis))
	}
	if len(out) == 0 || len(rule.Namespaces) > 1 {
		selected := slices.DeleteFunc(slices.Clone(s.World.Namespaces), func(n string) bool { return !rule.Selects(n) })
		out = append(out, f.matches(s, "Selects", selected))
	}
	var later rbac.BindingRule
	later.Namespaces = rule.Namespaces
	warned := warnings(f.th.Glyphs, append(f.unknown(s, rule), later.Warnings(s.World.Namespaces)...))
	return append(warned, out...) // names may fill the room there is
}

func (f *form) matches(s binding.State, verb string, names []string) words {
	if len(names) == 0 {
		return warn(f.th.Glyphs.Warn + " " + verb + " no namespace at present.")
	}
	return plain(fmt.Sprintf("%s %d of %d: %s.", verb, len(names), len(s.World.Namespaces), some(names, fewPlaces)))
}

// unknown says what cannot be told about the namespaces.
func (f *form) unknown(s binding.State, rule rbac.BindingRule) []string {
	var out []string
	if s.World.Open {
		out = append(out, "There may be more namespaces than these: you may not list them.")
	}
	for _, name := range rule.Namespaces {
		pattern, err := rbac.ParsePattern(name)
		if err == nil && pattern.Literal() && !s.World.Open && !slices.Contains(s.World.Namespaces, name) {
			out = append(out, fmt.Sprintf("There is no namespace %s yet; the binding is made once there is.", name))
		}
	}
	return out
}
