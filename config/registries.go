package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Registry is a registry of packs that somebody added. It holds no credentials.
type Registry struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind"` // folder, http or oci
	URL    string   `json:"url"`
	CAFile string   `json:"caFile,omitempty"`
	Packs  []string `json:"packs,omitempty"` // of an OCI registry that does not list what it has
}

// Registries is the file of registries. It is another one than the configuration because vmdeck writes it, and what people wrote
// themselves, with their comments, it leaves alone.
type Registries struct{ path string }

type registryFile struct {
	Registries []Registry `json:"registries"`
}

const registriesHead = "# Registries of packs; vmdeck registry add and remove write this file. Logins are in docker's configuration.\n"

// RegistriesBeside is the file of registries that goes with a configuration file; an empty path means the one at DefaultPath.
func RegistriesBeside(config string) Registries {
	if config == "" {
		config = DefaultPath()
	}
	return Registries{filepath.Join(filepath.Dir(config), "registries.yaml")}
}

// Path is where the file is.
func (r Registries) Path() string { return r.path }

// Read returns the registries in the order in which they were added. A file that is not there has none. Paths that begin with ~/ or are
// relative to the file are made absolute.
func (r Registries) Read() ([]Registry, error) {
	data, err := os.ReadFile(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the registries: %w", err)
	}
	var file registryFile
	if err := yaml.UnmarshalStrict(data, &file); err != nil {
		return nil, fmt.Errorf("registries %s: %s", r.path, trimDecoder(err.Error()))
	}
	folder := filepath.Dir(r.path)
	for i, registry := range file.Registries {
		if registry.Name == "" {
			return nil, fmt.Errorf("registries %s: registry %d has no name", r.path, i+1)
		}
		if slices.ContainsFunc(file.Registries[:i], func(other Registry) bool { return other.Name == registry.Name }) {
			return nil, fmt.Errorf("registries %s: %q stands there twice", r.path, registry.Name)
		}
		file.Registries[i].CAFile = resolve(folder, registry.CAFile)
		if !strings.Contains(registry.URL, "://") {
			file.Registries[i].URL = resolve(folder, registry.URL)
		}
	}
	return file.Registries, nil
}

// Add keeps another registry. One of that name must not be there.
func (r Registries) Add(registry Registry) error {
	all, err := r.Read()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(other Registry) bool { return other.Name == registry.Name }) {
		return fmt.Errorf("there is a registry %q already; remove it first, or choose another name", registry.Name)
	}
	return r.write(append(all, registry))
}

// Remove forgets a registry; found tells whether there was one of that name.
func (r Registries) Remove(name string) (found bool, err error) {
	all, err := r.Read()
	if err != nil {
		return false, err
	}
	left := slices.DeleteFunc(slices.Clone(all), func(other Registry) bool { return other.Name == name })
	if len(left) == len(all) {
		return false, nil
	}
	return true, r.write(left)
}

func (r Registries) write(all []Registry) error {
	data, err := yaml.Marshal(registryFile{all})
	if err == nil {
		err = WriteFile(r.path, bytes.Join([][]byte{[]byte(registriesHead), data}, nil))
	}
	if err != nil {
		return fmt.Errorf("keep the registries: %w", err)
	}
	return nil
}
