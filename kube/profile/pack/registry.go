package pack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// Registry is a place where packs are found. Calls have deadlines of their own besides the context's; errors are sentences that say what was
// tried, where, and why it failed. It is safe for concurrent use.
type Registry interface {
	Name() string
	Kind() RegistryKind
	Where() string // for people: an address or a folder
	// Packs lists what there is, sorted by name. A pack that cannot be read is listed with its Problem.
	Packs(ctx context.Context) ([]Summary, error)
	// Versions lists the versions of a pack, the newest first.
	Versions(ctx context.Context, name string) ([]string, error)
	// Load reads one version.
	Load(ctx context.Context, name, version string) (*Pack, error)
}

// Summary is what a list shows of a pack.
type Summary struct {
	Name        string
	DisplayName string
	Type        string
	Description string
	Versions    []string // the newest first
	// Problem says why the pack, or one version of it, cannot be used.
	Problem error
}

// RegistryKind is how a registry is reached.
type RegistryKind string

// The kinds of registries.
const (
	KindPublic RegistryKind = "public" // built into vmdeck
	KindFolder RegistryKind = "folder"
	KindHTTP   RegistryKind = "http" // a Helm chart repository with an index.yaml
	KindOCI    RegistryKind = "oci"
)

// PublicRepo is the name of the registry that is built in.
const PublicRepo = "Public Repo"

// RegistryConfig is what is kept of a registry that somebody added. It holds no credentials.
type RegistryConfig struct {
	Name string       `json:"name"`
	Kind RegistryKind `json:"kind"`
	// URL is https://…, oci://host/path, or the absolute path of a folder.
	URL string `json:"url"`
	// CAFile has further certificate authorities (PEM) that may vouch for the server.
	CAFile string `json:"caFile,omitempty"`
	// Packs names the packs of an OCI registry that does not list what it has.
	Packs []string `json:"packs,omitempty"`
}

// Limits of what is read and how long it may take.
const (
	listTimeout = 30 * time.Second
	loadTimeout = 2 * time.Minute

	maxIndex   = 64 << 20  // bytes of an index.yaml
	maxArchive = 20 << 20  // bytes of a packed chart
	maxFile    = 5 << 20   // bytes of a file in a folder, as Helm has it
	maxChart   = 100 << 20 // bytes of a chart in a folder, as Helm has it
	maxPacks   = 1000      // in one registry
)

// Validate says what is wrong with a configuration, without looking whether the registry is there.
func (c RegistryConfig) Validate() error {
	switch {
	case strings.TrimSpace(c.Name) == "":
		return errors.New("a registry needs a name")
	case c.Name == PublicRepo:
		return fmt.Errorf("%q is the name of the registry that is built in; choose another one", PublicRepo)
	}
	if err := c.validateURL(); err != nil {
		return fmt.Errorf("registry %s: %w", c.Name, err)
	}
	return nil
}

func (c RegistryConfig) validateURL() error {
	if c.Kind == KindFolder {
		if !filepath.IsAbs(c.URL) {
			return fmt.Errorf("%q is not the absolute path of a folder", c.URL)
		}
		return nil
	}
	schemes := map[RegistryKind][]string{KindHTTP: {"https", "http"}, KindOCI: {"oci"}}[c.Kind]
	if schemes == nil {
		return fmt.Errorf("%q is no kind of registry; there are folder, http and oci", c.Kind)
	}
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Host == "":
		return fmt.Errorf("the address must look like %s://host/path", schemes[0])
	case u.Scheme != schemes[0] && u.Scheme != schemes[len(schemes)-1]:
		return fmt.Errorf("the address must begin with %s://", strings.Join(schemes, ":// or "))
	case u.User != nil || u.RawQuery != "":
		return errors.New("the address must not carry a login; put it into docker's configuration with \"docker login\"")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return errors.New("http is for this machine only, since anybody on the way could exchange the packs; use https")
	}
	return nil
}

// Open makes the registry that a configuration describes. It does no I/O but to read the CA file.
func Open(c RegistryConfig) (Registry, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Kind == KindFolder {
		return openFolder(c), nil
	}
	client, err := newClient(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("registry %s: %w", c.Name, err)
	}
	if c.Kind == KindOCI {
		return newOCI(c, client), nil
	}
	return &index{config: c, client: client}, nil
}

// Test tries a registry out: it lists the packs and loads one, and says in a sentence what it found.
func Test(ctx context.Context, r Registry) (string, error) {
	packs, err := r.Packs(ctx)
	if err != nil {
		return "", err
	}
	if len(packs) == 0 {
		return "", fmt.Errorf("%s answers, but there are no packs in it", r.Where())
	}
	for _, s := range packs {
		if s.Problem != nil {
			return "", fmt.Errorf("%s has %s, of which %s cannot be used: %w", r.Where(), count(len(packs)), s.Name, s.Problem)
		}
	}
	first := packs[0]
	if _, err := r.Load(ctx, first.Name, first.Versions[0]); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s has %s; %s %s was read and is in order", r.Where(), count(len(packs)), first.Name, first.Versions[0]), nil
}

func count(packs int) string {
	if packs == 1 {
		return "1 pack"
	}
	return fmt.Sprintf("%d packs", packs)
}

// failure is the error of a registry: what was tried, then why it failed.
func failure(tried string, err error) error { return fmt.Errorf("%s: %w", tried, err) }

// is makes sure that a registry delivered what was asked for.
func is(p *Pack, name, version string) (*Pack, error) {
	if p.Name != name || strings.TrimPrefix(p.Version, "v") != strings.TrimPrefix(version, "v") {
		return nil, fmt.Errorf("what is kept there under that name is %s %s", p.Name, p.Version)
	}
	return p, nil
}
