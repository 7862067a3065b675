package pack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"
)

// Media types of a chart in an OCI registry, as Helm pushes it.
const (
	chartConfigType  = "application/vnd.cncf.helm.config.v1+json"
	chartContentType = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"

	maxManifest = 4 << 20
	ociParallel = 8
)

// oci is a path in an OCI registry below which charts are kept, or one chart.
type oci struct {
	config RegistryConfig
	host   string
	path   string // without slashes at its ends; may be empty
	client *auth.Client
}

func newOCI(c RegistryConfig, client *http.Client) *oci {
	host, below, _ := strings.Cut(strings.TrimPrefix(c.URL, "oci://"), "/")
	return &oci{config: c, host: host, path: strings.Trim(below, "/"), client: &auth.Client{
		Client: client, Cache: auth.NewCache(), Header: http.Header{"User-Agent": {"vmdeck"}},
		Credential: login,
	}}
}

func (r *oci) Name() string       { return r.config.Name }
func (r *oci) Kind() RegistryKind { return KindOCI }
func (r *oci) Where() string      { return r.config.URL }

func (r *oci) Packs(ctx context.Context) ([]Summary, error) {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	tried := "list the packs in " + r.config.URL
	repositories, err := r.repositories(ctx)
	if err != nil {
		return nil, failure(tried, err)
	}
	found := make([]*Summary, len(repositories))
	var wait sync.WaitGroup
	slots := make(chan struct{}, ociParallel)
	for i, repository := range repositories {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			found[i] = r.summary(ctx, repository)
		})
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return nil, failure(tried, plainly(err))
	}
	var out []Summary
	for _, s := range found {
		if s != nil {
			out = append(out, *s)
		}
	}
	slices.SortFunc(out, func(a, b Summary) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// repositories names the repositories that may hold charts: those of the configuration, else those of the registry's catalogue, else the path itself.
func (r *oci) repositories(ctx context.Context) ([]string, error) {
	if len(r.config.Packs) > 0 {
		var out []string
		for _, name := range r.config.Packs {
			out = append(out, path.Join(r.path, name))
		}
		return out, nil
	}
	registry, err := remote.NewRegistry(r.host)
	if err != nil {
		return nil, err
	}
	registry.Client, registry.PlainHTTP, registry.MaxMetadataBytes = r.client, r.plain(), maxManifest
	var out []string
	catalogueErr := registry.Repositories(ctx, "", func(names []string) error {
		for _, name := range names {
			if r.path == "" || name == r.path || strings.HasPrefix(name, r.path+"/") {
				out = append(out, name)
			}
		}
		if len(out) > maxPacks {
			return fmt.Errorf("it has more than %d repositories; name a path further down", maxPacks)
		}
		return nil
	})
	var answer *errcode.ErrorResponse
	switch {
	case catalogueErr == nil && len(out) > 0:
		return out, nil
	case catalogueErr != nil && !errors.As(catalogueErr, &answer):
		return nil, plainly(catalogueErr)
	case r.path != "":
		if _, err := r.tags(ctx, r.path); err == nil {
			return []string{r.path}, nil
		}
	}
	if catalogueErr == nil {
		return nil, nil
	}
	return nil, fmt.Errorf("the registry does not list what it has: %w; name its packs in the registry's settings", plainly(catalogueErr))
}

// summary describes a repository; nil when it holds something other than charts.
func (r *oci) summary(ctx context.Context, repository string) *Summary {
	s := &Summary{Name: path.Base(repository), DisplayName: path.Base(repository), Type: TypeHelm}
	var err error
	if s.Versions, err = r.tags(ctx, repository); err != nil {
		s.Problem = plainly(err)
		return s
	}
	if len(s.Versions) == 0 {
		return nil
	}
	manifest, err := r.manifest(ctx, repository, s.Versions[0])
	if err != nil {
		s.Problem = err
		return s
	}
	if manifest.Config.MediaType != chartConfigType {
		return nil
	}
	var metadata struct {
		Description string            `json:"description"`
		Annotations map[string]string `json:"annotations"`
	}
	data, err := r.blob(ctx, repository, manifest.Config, maxManifest)
	if err == nil {
		err = json.Unmarshal(data, &metadata)
	}
	if err != nil {
		s.Problem = fmt.Errorf("read the description of %s: %w", s.Versions[0], plainly(err))
		return s
	}
	s.Description, s.Type = metadata.Description, packType(metadata.Annotations)
	s.DisplayName = cmp.Or(metadata.Annotations[AnnotationDisplayName], s.Name)
	return s
}

func (r *oci) Versions(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	versions, err := r.tags(ctx, r.repository(name))
	if err != nil {
		return nil, failure(fmt.Sprintf("list the versions of %s in %s", name, r.config.URL), plainly(err))
	}
	if len(versions) == 0 {
		return nil, fmt.Errorf("there is no pack %s in %s", name, r.config.URL)
	}
	return versions, nil
}

func (r *oci) Load(ctx context.Context, name, version string) (*Pack, error) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	p, err := r.load(ctx, name, version)
	if err != nil {
		return nil, failure(fmt.Sprintf("load %s %s from %s", name, version, r.config.URL), err)
	}
	return p, nil
}

func (r *oci) load(ctx context.Context, name, version string) (*Pack, error) {
	repository := r.repository(name)
	manifest, err := r.manifest(ctx, repository, version)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(manifest.Layers, func(d ocispec.Descriptor) bool { return d.MediaType == chartContentType })
	if manifest.Config.MediaType != chartConfigType || i < 0 {
		return nil, errors.New("what is kept there is no Helm chart")
	}
	data, err := r.blob(ctx, repository, manifest.Layers[i], maxArchive)
	if err != nil {
		return nil, plainly(err)
	}
	p, err := FromArchive(data)
	if err != nil {
		return nil, err
	}
	return is(p, name, version)
}

// repository is where a pack is kept: below the path, or the path itself when it ends with the pack's name and was not configured otherwise.
func (r *oci) repository(name string) string {
	if path.Base(r.path) == name && len(r.config.Packs) == 0 {
		return r.path
	}
	return path.Join(r.path, name)
}

func (r *oci) remote(repository string) (*remote.Repository, error) {
	repo, err := remote.NewRepository(r.host + "/" + repository)
	if err != nil {
		return nil, err
	}
	repo.Client, repo.PlainHTTP, repo.MaxMetadataBytes = r.client, r.plain(), maxManifest
	return repo, nil
}

// plain tells whether the registry is on this machine and so may do without TLS, as docker has it.
func (r *oci) plain() bool {
	host, _, _ := strings.Cut(r.host, ":")
	return isLoopback(host)
}

// tags lists the tags that are versions, the newest first. A tag cannot hold a plus sign, for which Helm writes an underscore.
func (r *oci) tags(ctx context.Context, repository string) ([]string, error) {
	repo, err := r.remote(repository)
	if err != nil {
		return nil, err
	}
	var out []string
	err = repo.Tags(ctx, "", func(tags []string) error {
		for _, tag := range tags {
			out = append(out, strings.ReplaceAll(tag, "_", "+"))
		}
		return nil
	})
	return sortVersions(out), err
}

func (r *oci) manifest(ctx context.Context, repository, version string) (ocispec.Manifest, error) {
	var manifest ocispec.Manifest
	repo, err := r.remote(repository)
	if err != nil {
		return manifest, err
	}
	found, body, err := repo.FetchReference(ctx, strings.ReplaceAll(version, "+", "_"))
	if err != nil {
		return manifest, plainly(err)
	}
	defer body.Close()
	if found.Size > maxManifest {
		return manifest, fmt.Errorf("its manifest is larger than %d MiB", maxManifest>>20)
	}
	data, err := content.ReadAll(body, found)
	if err != nil {
		return manifest, plainly(err)
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		return manifest, fmt.Errorf("its manifest is malformed: %w", err)
	}
	return manifest, nil
}

// blob fetches a blob and compares it with its digest.
func (r *oci) blob(ctx context.Context, repository string, d ocispec.Descriptor, limit int64) ([]byte, error) {
	if d.Size > limit {
		return nil, fmt.Errorf("it is larger than %d MiB", limit>>20)
	}
	repo, err := r.remote(repository)
	if err != nil {
		return nil, err
	}
	return content.FetchAll(ctx, repo.Blobs(), d)
}
