package pack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// folder finds packs in a tree of files: chart folders and packed charts, up to three levels deep, as name/ or name/version/ or name-version.tgz.
type folder struct {
	name  string
	kind  RegistryKind
	where string
	open  func() (fs.FS, func() error, error)
}

func openFolder(c RegistryConfig) *folder {
	return &folder{name: c.Name, kind: KindFolder, where: c.URL, open: func() (fs.FS, func() error, error) {
		root, err := os.OpenRoot(c.URL) // nothing outside is read, wherever a symbolic link points
		if err != nil {
			var at *fs.PathError
			if errors.As(err, &at) {
				err = at.Err
			}
			return nil, nil, err
		}
		return root.FS(), root.Close, nil
	}}
}

func (f *folder) Name() string       { return f.name }
func (f *folder) Kind() RegistryKind { return f.kind }
func (f *folder) Where() string      { return f.where }

func (f *folder) Packs(ctx context.Context) ([]Summary, error) {
	found, err := f.read(ctx)
	if err != nil {
		return nil, failure("list the packs in "+f.where, err)
	}
	byName := map[string]*Summary{}
	var order []*Summary
	for _, e := range found { // the newest first
		s := byName[e.name]
		if s == nil {
			s = &Summary{Name: e.name, DisplayName: e.name}
			byName[e.name], order = s, append(order, s)
		}
		if e.err != nil {
			s.Problem = errors.Join(s.Problem, fmt.Errorf("%s: %w", e.at, e.err))
			continue
		}
		if len(s.Versions) == 0 {
			s.DisplayName, s.Type, s.Description = e.pack.DisplayName, e.pack.Type, e.pack.Description
		}
		s.Versions = append(s.Versions, e.pack.Version)
	}
	out := make([]Summary, len(order))
	for i, s := range order {
		s.Versions = sortVersions(s.Versions)
		out[i] = *s
	}
	slices.SortFunc(out, func(a, b Summary) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (f *folder) Versions(ctx context.Context, name string) ([]string, error) {
	found, err := f.read(ctx)
	if err != nil {
		return nil, failure("list the versions of "+name+" in "+f.where, err)
	}
	var versions []string
	for _, e := range found {
		if e.err == nil && e.pack.Name == name {
			versions = append(versions, e.pack.Version)
		}
	}
	if len(versions) == 0 {
		return nil, fmt.Errorf("there is no pack %s in %s", name, f.where)
	}
	return sortVersions(versions), nil
}

func (f *folder) Load(ctx context.Context, name, version string) (*Pack, error) {
	tried := fmt.Sprintf("load %s %s from %s", name, version, f.where)
	found, err := f.read(ctx)
	if err != nil {
		return nil, failure(tried, err)
	}
	for _, e := range found {
		if e.err == nil && e.pack.Name == name && e.pack.Version == version {
			return e.pack, nil
		}
	}
	for _, e := range found { // a broken one cannot say which version it is
		if e.err != nil && e.name == name {
			return nil, failure(tried, fmt.Errorf("%s: %w", e.at, e.err))
		}
	}
	return nil, failure(tried, errors.New("there is none"))
}

// entry is a chart that was found.
type entry struct {
	at   string // path below the folder
	name string // the chart's; the folder's or file's where it cannot be read
	pack *Pack
	err  error
}

func (f *folder) read(ctx context.Context) ([]entry, error) {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	tree, done, err := f.open()
	if err != nil {
		return nil, err
	}
	defer done()
	var found []entry
	err = fs.WalkDir(tree, ".", func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case len(found) > maxPacks:
			return fmt.Errorf("it has more than %d charts; name a folder further down", maxPacks)
		case d.IsDir() && at != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir() && isChart(tree, at):
			p, err := readFolder(tree, at)
			found = append(found, newEntry(at, nameOfFolder(at), p, err))
			return fs.SkipDir
		case d.IsDir() && strings.Count(at, "/") >= 2:
			return fs.SkipDir
		case d.Type().IsRegular() && strings.HasSuffix(at, ".tgz"):
			p, err := readArchive(tree, at)
			found = append(found, newEntry(at, nameOfArchive(at), p, err))
		}
		return nil
	})
	slices.SortStableFunc(found, func(a, b entry) int {
		return cmp.Or(strings.Compare(a.name, b.name), compareVersions(b.pack, a.pack))
	})
	return found, err
}

func newEntry(at, name string, p *Pack, err error) entry {
	if err == nil {
		name = p.Name
	}
	return entry{at: at, name: name, pack: p, err: err}
}

func isChart(tree fs.FS, at string) bool {
	_, err := fs.Stat(tree, path.Join(at, chartFile))
	return err == nil
}

// nameOfFolder guesses the chart's name from name/ and name/1.2.3/.
func nameOfFolder(at string) string {
	if base := path.Base(at); len(sortVersions([]string{base})) == 0 || path.Dir(at) == "." {
		return base
	}
	return path.Base(path.Dir(at))
}

// nameOfArchive guesses the chart's name from name-1.2.3.tgz.
func nameOfArchive(at string) string {
	base := strings.TrimSuffix(path.Base(at), ".tgz")
	for i := range base {
		if base[i] == '-' && len(sortVersions([]string{base[i+1:]})) > 0 {
			return base[:i]
		}
	}
	return base
}

func compareVersions(a, b *Pack) int {
	switch {
	case a == nil || b == nil:
		return 0
	case a.Version == b.Version:
		return 0
	case sortVersions([]string{a.Version, b.Version})[0] == a.Version:
		return 1
	}
	return -1
}
