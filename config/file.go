package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
}

// Context is what is set for one kubeconfig context.
type Context struct {
	ReadOnly   bool     `json:"readOnly,omitempty"`
	Namespaces []string `json:"namespaces,omitempty"` // to look into where they may not be listed
	ProxyURL   string   `json:"proxyURL,omitempty"`   // instead of the kubeconfig's
	Server     string   `json:"server,omitempty"`     // instead of the kubeconfig's
}

// DefaultPath is where the file is looked for when none is named.
func DefaultPath() string { return filepath.Join(xdg.ConfigHome, "vmdeck", "config.yaml") }

// Read reads the file at a path, or at DefaultPath when it is empty. Only a file that was named must exist. An unknown key, a wrong
// type or a value out of range is an error that says where.
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
		return File{}, fmt.Errorf("configuration %s: %s", path, plain(err))
	}
	if err := f.check(); err != nil {
		return File{}, fmt.Errorf("configuration %s: %w", path, err)
	}
	return f, nil
}

func (f File) check() error {
	if !slices.Contains([]string{"", "default", "plain"}, f.Theme) {
		return fmt.Errorf("theme %q is not known; there are default and plain", f.Theme)
	}
	if f.FramesPerSecond < 0 || f.FramesPerSecond > 120 {
		return fmt.Errorf("framesPerSecond is %d; it must be from 1 to 120, or 0 to choose by the terminal", f.FramesPerSecond)
	}
	return nil
}

// plain takes the decoder's own words out of its error.
func plain(err error) string {
	text := strings.TrimPrefix(err.Error(), "error unmarshaling JSON: ")
	text = strings.TrimPrefix(text, "while decoding JSON: ")
	text = strings.TrimPrefix(text, "error converting YAML to JSON: ")
	return strings.ReplaceAll(text, "json: ", "")
}
