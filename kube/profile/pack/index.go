package pack

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"sigs.k8s.io/yaml"
)

const indexAge = time.Minute // how long an index is used again

// index is a Helm chart repository: an index.yaml and packed charts beside it.
type index struct {
	config RegistryConfig
	client *http.Client

	mu      sync.Mutex
	entries map[string][]indexEntry
	read    time.Time
}

// indexEntry is one version in an index.yaml.
type indexEntry struct {
	Name        string            `json:"name"`
	Version     string            `json:"version"`
	Description string            `json:"description"`
	Annotations map[string]string `json:"annotations"`
	URLs        []string          `json:"urls"`
	Digest      string            `json:"digest"` // sha256 of the archive, may be missing
}

func (r *index) Name() string       { return r.config.Name }
func (r *index) Kind() RegistryKind { return KindHTTP }
func (r *index) Where() string      { return r.config.URL }

func (r *index) Packs(ctx context.Context) ([]Summary, error) {
	entries, err := r.fetch(ctx, 0)
	if err != nil {
		return nil, failure("read the index of "+r.config.URL, err)
	}
	var out []Summary
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		versions := entries[name]
		if len(versions) == 0 {
			continue
		}
		s := Summary{Name: name, DisplayName: cmp.Or(versions[0].Annotations[AnnotationDisplayName], name), Description: versions[0].Description,
			Type: packType(versions[0].Annotations)}
		for _, e := range versions {
			s.Versions = append(s.Versions, e.Version)
		}
		out = append(out, s)
	}
	return out, nil
}

func (r *index) Versions(ctx context.Context, name string) ([]string, error) {
	entries, err := r.fetch(ctx, indexAge)
	if err != nil {
		return nil, failure("read the index of "+r.config.URL, err)
	}
	var out []string
	for _, e := range entries[name] {
		out = append(out, e.Version)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no pack %s in %s", name, r.config.URL)
	}
	return out, nil
}

func (r *index) Load(ctx context.Context, name, version string) (*Pack, error) {
	p, err := r.load(ctx, name, version)
	if err != nil {
		return nil, failure(fmt.Sprintf("load %s %s from %s", name, version, r.config.URL), err)
	}
	return p, nil
}

func (r *index) load(ctx context.Context, name, version string) (*Pack, error) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	entries, err := r.fetch(ctx, indexAge)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(entries[name], func(e indexEntry) bool { return e.Version == version })
	if i < 0 {
		return nil, errors.New("the index has none")
	}
	e := entries[name][i]
	if len(e.URLs) == 0 {
		return nil, errors.New("the index gives no address for it")
	}
	base, err := url.Parse(strings.TrimSuffix(r.config.URL, "/") + "/")
	if err != nil {
		return nil, err
	}
	address, err := base.Parse(e.URLs[0])
	switch {
	case err != nil:
		return nil, errors.New("the index gives an address for it that is none")
	case address.Scheme != "https" && (address.Scheme != "http" || !isLoopback(address.Hostname())):
		return nil, fmt.Errorf("the index sends to %s, which is not https", bare(address))
	}
	data, err := get(ctx, r.client, address, base.Host, maxArchive)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); e.Digest != "" && hex.EncodeToString(sum[:]) != strings.TrimPrefix(e.Digest, "sha256:") {
		return nil, errors.New("the archive is not the one that the index means: its digest differs")
	}
	p, err := FromArchive(data)
	if err != nil {
		return nil, err
	}
	return is(p, name, version)
}

// fetch returns the index, the newest version first; one that was read less than age ago is used again.
func (r *index) fetch(ctx context.Context, age time.Duration) (map[string][]indexEntry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.entries != nil && time.Since(r.read) < age {
		return r.entries, nil
	}
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	address, err := url.Parse(strings.TrimSuffix(r.config.URL, "/") + "/index.yaml")
	if err != nil {
		return nil, err
	}
	data, err := get(ctx, r.client, address, address.Host, maxIndex)
	if err != nil {
		return nil, err
	}
	entries, err := parseIndex(data)
	if err != nil {
		return nil, fmt.Errorf("%s is no index of charts: %w", bare(address), err)
	}
	r.entries, r.read = entries, time.Now()
	return entries, nil
}

func parseIndex(data []byte) (map[string][]indexEntry, error) {
	var file struct {
		APIVersion string                  `json:"apiVersion"`
		Entries    map[string][]indexEntry `json:"entries"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, errors.New(yamlReason(err))
	}
	if file.APIVersion == "" || file.Entries == nil {
		return nil, errors.New("it has no apiVersion or no entries")
	}
	for name, versions := range file.Entries {
		var texts []string
		byVersion := map[string]indexEntry{}
		for _, e := range versions {
			texts, byVersion[e.Version] = append(texts, e.Version), e
		}
		var sorted []indexEntry
		for _, version := range sortVersions(texts) {
			sorted = append(sorted, byVersion[version])
		}
		file.Entries[name] = sorted
	}
	return file.Entries, nil
}
