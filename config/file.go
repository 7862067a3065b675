package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/adrg/xdg"
	"sigs.k8s.io/yaml"
)

// File is the configuration file. The zero value is the default of everything but Mouse.
type File struct {
	ReadOnly bool   `json:"readOnly,omitempty"`
	Theme    string `json:"theme,omitempty"` // "", "default" or "plain"
	ASCII    bool   `json:"ascii,omitempty"`
	Mouse    *bool  `json:"mouse,omitempty"` // nil: on
	// FramesPerSecond limits how often the screen is drawn; 0 chooses by the kind of terminal.
	FramesPerSecond int `json:"framesPerSecond,omitempty"`
	// Contexts has settings by the names of kubeconfig contexts.
	Contexts map[string]Context `json:"contexts,omitempty"`
	// ClusterGroups name lists of kubeconfig contexts.
	ClusterGroups map[string][]string `json:"clusterGroups,omitempty"`
	// Rules is the folder where binding rules are kept, seen from the folder of this file; empty: each cluster keeps its own.
	Rules string `json:"rules,omitempty"`
	// Profiles is the folder where cluster profiles are kept, in the same way.
	Profiles string `json:"profiles,omitempty"`
}

// Context is what is set for one kubeconfig context.
type Context struct {
	ReadOnly   bool     `json:"readOnly,omitempty"`
	Namespaces []string `json:"namespaces,omitempty"` // to look into where they may not be listed
	ProxyURL   string   `json:"proxyURL,omitempty"`   // instead of the kubeconfig's
	Server     string   `json:"server,omitempty"`     // instead of the kubeconfig's
	// TLSServerName is the name in the certificate of Server, where that is not the one which the kubeconfig means. A proxy that tells
	// clusters apart by this name takes it to be its own.
	TLSServerName string `json:"tlsServerName,omitempty"`
	Rules         string `json:"rules,omitempty"`    // the folder of this context's binding rules
	Profiles      string `json:"profiles,omitempty"` // the folder of this context's cluster profiles
}

// DefaultPath is where the file is looked for when none is named.
func DefaultPath() string { return filepath.Join(xdg.ConfigHome, "vmdeck", "config.yaml") }

// Read reads the file at a path, or at DefaultPath when it is empty. Only a file that was named must exist. An unknown key, a wrong
// type or a value out of range is an error that says where and what there is instead.
func Read(path string) (File, error) {
	named := path != ""
	if !named {
		path = DefaultPath()
	}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return File{}, nil
	case err != nil:
		return File{}, fmt.Errorf("read the configuration: %w", err)
	}
	var f File
	if err := yaml.UnmarshalStrict(data, &f); err != nil {
		return File{}, fmt.Errorf("configuration %s: %s", path, plain(err, data))
	}
	if err := f.check(); err != nil {
		return File{}, fmt.Errorf("configuration %s: %w", path, err)
	}
	f.resolve(filepath.Dir(path))
	return f, nil
}

func (f File) check() error {
	if !slices.Contains([]string{"", "default", "plain"}, f.Theme) {
		return fmt.Errorf("theme %q is not known; there are default and plain", f.Theme)
	}
	if f.FramesPerSecond < 0 || f.FramesPerSecond > 120 {
		return fmt.Errorf("framesPerSecond is %d; it must be from 1 to 120, or 0 to choose by the terminal", f.FramesPerSecond)
	}
	for name, contexts := range f.ClusterGroups {
		if len(contexts) == 0 || slices.Contains(contexts, "") {
			return fmt.Errorf("clusterGroups.%s must list at least one kubeconfig context, each by its name", name)
		}
		for i, context := range contexts {
			if slices.Contains(contexts[:i], context) {
				return fmt.Errorf("clusterGroups.%s lists the context %s twice", name, context)
			}
		}
	}
	return f.checkAddresses()
}

// checkAddresses finds faults of contexts that are not used yet.
func (f File) checkAddresses() error {
	for _, name := range sortedKeys(f.Contexts) {
		for key, address := range map[string]string{"proxyURL": f.Contexts[name].ProxyURL, "server": f.Contexts[name].Server} {
			if address == "" {
				continue
			}
			if _, err := parseAddress(address); err != nil {
				return fmt.Errorf("contexts.%s.%s: %w", name, key, err)
			}
		}
	}
	return nil
}

// plain takes the decoder's own words out of its error and, for an unknown key, adds where it is and what may stand there.
func plain(err error, data []byte) string {
	text := trimDecoder(err.Error())
	if key, ok := strings.CutPrefix(text, "unknown field "); ok {
		return unknownKey(strings.Trim(key, `"`), data)
	}
	return text
}

// trimDecoder takes the decoder's account of its own workings off its error, and names types as somebody who writes YAML does.
func trimDecoder(text string) string {
	for _, prefix := range []string{"error unmarshaling JSON: ", "while decoding JSON: ", "error converting YAML to JSON: ", "json: ", "yaml: ", "unmarshal errors:\n  "} {
		text = strings.TrimPrefix(text, prefix)
	}
	if m := wrongType.FindStringSubmatch(text); m != nil {
		key := cmp.Or(strings.TrimPrefix(m[2], "."), "the file")
		return fmt.Sprintf("%s must be %s, not %s", key, cmp.Or(typeNames[m[3]], m[3]), cmp.Or(typeNames[m[1]], m[1]))
	}
	return text
}

var wrongType = regexp.MustCompile(`^cannot unmarshal (\w+).* into Go (?:struct field \w+|value)(\S*) of type (\S+)$`)

// typeNames are the decoder's names of types, in the words of somebody who writes YAML.
var typeNames = map[string]string{
	"string": "text", "number": "a number", "int": "a number", "bool": "true or false", "array": "a list", "object": "a map",
	"[]string": "a list of names", "config.Context": "a map", "config.File": "a map",
	"[]config.Registry": "a list of registries", "config.Registry": "a map", "config.registryFile": "a map",
	"map[string]config.Context": "a map of contexts", "map[string][]string": "a map of lists",
}
