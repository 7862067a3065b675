package profile

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// Registries are where packs are looked for, in this order.
type Registries []pack.Registry

// OpenRegistries returns the registry that is built in and those that were added. One that cannot be opened is among them and says why
// whenever it is asked.
func OpenRegistries(added []config.Registry) Registries {
	out := Registries{pack.Public()}
	for _, c := range added {
		settings := RegistryConfig(c)
		registry, err := pack.Open(settings)
		if err != nil {
			registry = broken{settings, err}
		}
		out = append(out, registry)
	}
	return out
}

// RegistryConfig is what the configuration keeps of a registry, as package pack has it.
func RegistryConfig(c config.Registry) pack.RegistryConfig {
	return pack.RegistryConfig{Name: c.Name, Kind: pack.RegistryKind(c.Kind), URL: c.URL, CAFile: c.CAFile, Packs: c.Packs}
}

// CompleteRegistry makes out what an address is, and makes paths independent of the folder that the program was started in. It reads no
// file.
func CompleteRegistry(c *config.Registry) (err error) {
	scheme, _, remote := strings.Cut(c.URL, "://")
	switch {
	case c.Kind != "":
	case !remote:
		c.Kind = string(pack.KindFolder)
	case scheme == "oci":
		c.Kind = string(pack.KindOCI)
	default:
		c.Kind = string(pack.KindHTTP)
	}
	if c.Kind == string(pack.KindFolder) && !remote {
		c.URL, err = absolute(c.URL)
	}
	if err == nil && c.CAFile != "" {
		c.CAFile, err = absolute(c.CAFile)
	}
	return err
}

// absolute knows ~/, which no shell has replaced in what is typed in the program.
func absolute(path string) (string, error) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		path = filepath.Join(home, rest)
	}
	return filepath.Abs(path)
}

// Find returns the registry of a name. The error names those there are.
func (r Registries) Find(name string) (pack.Registry, error) {
	var names []string
	for _, registry := range r {
		if registry.Name() == name {
			return registry, nil
		}
		names = append(names, registry.Name())
	}
	return nil, fmt.Errorf("there is no registry %q; there are %s; vmdeck registry add makes another one known", name, strings.Join(names, ", "))
}

// broken is a registry that cannot be opened.
type broken struct {
	config pack.RegistryConfig
	err    error
}

func (b broken) Name() string { return b.config.Name }

func (b broken) Kind() pack.RegistryKind { return b.config.Kind }

func (b broken) Where() string { return b.config.URL }

func (b broken) Packs(context.Context) ([]pack.Summary, error) { return nil, b.err }

func (b broken) Versions(context.Context, string) ([]string, error) { return nil, b.err }

func (b broken) Load(context.Context, string, string) (*pack.Pack, error) { return nil, b.err }
