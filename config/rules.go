package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// RulesOf is the folder where the binding rules of a kubeconfig context are kept; empty: in its cluster.
func (f File) RulesOf(context string) string {
	if own := f.Contexts[context].Rules; own != "" {
		return own
	}
	return f.Rules
}

// ProfilesOf is the folder where the cluster profiles of a kubeconfig context are kept; empty: in its cluster.
func (f File) ProfilesOf(context string) string {
	if own := f.Contexts[context].Profiles; own != "" {
		return own
	}
	return f.Profiles
}

// GroupsOf names the cluster groups that a kubeconfig context belongs to, sorted.
func (f File) GroupsOf(context string) []string {
	var out []string
	for _, name := range sortedKeys(f.ClusterGroups) {
		if slices.Contains(f.ClusterGroups[name], context) {
			out = append(out, name)
		}
	}
	return out
}

// resolve makes paths absolute, or at least independent of the folder that the program was started in.
func (f *File) resolve(folder string) {
	f.Rules, f.Profiles = resolve(folder, f.Rules), resolve(folder, f.Profiles)
	for name, context := range f.Contexts {
		context.Rules, context.Profiles = resolve(folder, context.Rules), resolve(folder, context.Profiles)
		f.Contexts[name] = context
	}
}

func resolve(folder, path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}
