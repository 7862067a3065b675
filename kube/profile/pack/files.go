package pack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	"helm.sh/helm/v4/pkg/ignore"
	"sigs.k8s.io/yaml"
)

// overlayFile makes a version's folder an overlay over that of another version beside it. The values.yaml and values.schema.json of the overlay
// are merged into those of the base, other files replace or join them. So a version consists of what is new in it.
const overlayFile = "overlay.yaml"

func readFolder(tree fs.FS, at string) (*Pack, error) {
	files, err := overlaid(tree, at)
	if err != nil {
		return nil, err
	}
	return fromFiles(files)
}

func readArchive(tree fs.FS, at string) (*Pack, error) {
	file, err := tree.Open(at)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := readAll(file, maxArchive)
	if err != nil {
		return nil, err
	}
	return FromArchive(data)
}

// overlaid reads a chart's files, with those of its base below them.
func overlaid(tree fs.FS, at string) ([]*archive.BufferedFile, error) {
	files, err := readFiles(tree, at)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(files, func(f *archive.BufferedFile) bool { return f.Name == overlayFile })
	if i < 0 {
		return files, nil
	}
	var overlay struct {
		Base string `json:"base"`
	}
	if err := yaml.UnmarshalStrict(files[i].Data, &overlay); err != nil {
		return nil, fmt.Errorf("%s: %s", overlayFile, yamlReason(err))
	}
	base := path.Join(path.Dir(at), overlay.Base)
	if overlay.Base == "" || strings.Contains(overlay.Base, "/") || base == at {
		return nil, fmt.Errorf("%s: base: %q is not the name of another folder beside this one", overlayFile, overlay.Base)
	}
	merged, err := readFiles(tree, base)
	if err != nil {
		return nil, fmt.Errorf("%s: base: %w", overlayFile, err)
	}
	for _, f := range slices.Delete(files, i, i+1) {
		j := slices.IndexFunc(merged, func(m *archive.BufferedFile) bool { return m.Name == f.Name })
		if j < 0 {
			merged = append(merged, f)
			continue
		}
		if merged[j].Data, err = lay(f.Name, merged[j].Data, f.Data); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return merged, nil
}

// lay puts an overlay's file over the base's.
func lay(name string, base, over []byte) ([]byte, error) {
	switch name {
	case "values.yaml":
		text, err := EditYAML(string(base), func(e *Editor) error { return e.Merge(string(over)) })
		return []byte(text), err
	case schemaFile:
		var below, above Values
		if err := errors.Join(json.Unmarshal(base, &below), json.Unmarshal(over, &above)); err != nil {
			return nil, err
		}
		return json.MarshalIndent(Merge(below, above), "", "  ")
	}
	return over, nil
}

// readFiles reads a chart's folder as Helm does: .helmignore is honoured, and what is too large is refused.
func readFiles(tree fs.FS, at string) ([]*archive.BufferedFile, error) {
	rules := ignore.Empty()
	if data, err := fs.ReadFile(tree, path.Join(at, ignore.HelmIgnore)); err == nil {
		if rules, err = ignore.Parse(bytes.NewReader(data)); err != nil {
			return nil, fmt.Errorf("%s: %w", ignore.HelmIgnore, err)
		}
	}
	rules.AddDefaults()
	var files []*archive.BufferedFile
	total := 0
	err := fs.WalkDir(tree, at, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == at {
			return err
		}
		below := strings.TrimPrefix(name, at+"/")
		if at == "." {
			below = name
		}
		info, err := d.Info()
		switch {
		case err != nil:
			return err
		case d.IsDir() && rules.Ignore(below, info):
			return fs.SkipDir
		case d.IsDir(), rules.Ignore(below, info):
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is no plain file", below)
		}
		file, err := tree.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		data, err := readAll(file, maxFile)
		if err != nil {
			return fmt.Errorf("%s: %w", below, err)
		}
		if total += len(data); total > maxChart {
			return fmt.Errorf("the chart is larger than %d MiB", maxChart>>20)
		}
		data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
		files = append(files, &archive.BufferedFile{Name: below, ModTime: info.ModTime(), Data: data})
		return nil
	})
	return files, err
}

// readAll reads to the end, but not more than limit bytes.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("it is larger than %d MiB", limit>>20)
	}
	return data, err
}
