package keep

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"
)

// Folder keeps objects in the YAML files of a folder, one file for each that it makes, as the objects that a cluster would have: kubectl
// apply and git take them. Files may have several documents, of other kinds too. The path may be that of one file.
func (k *Kind[T]) Folder(path string) Store[T] { return &folderStore[T]{kind: k, path: path} }

type folderStore[T any] struct {
	kind *Kind[T]
	path string
	mu   sync.Mutex
}

func (s *folderStore[T]) Where() string {
	if info, err := os.Stat(s.path); err == nil && !info.IsDir() {
		return "the file " + s.path
	}
	return "the folder " + s.path
}

// kept is one document of a file.
type kept[T any] struct {
	file    string
	index   int
	data    []byte
	objects []Stored[T]
}

func (s *folderStore[T]) List(ctx context.Context) ([]Stored[T], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	var out []Stored[T]
	files := map[string][]string{}
	for _, document := range all {
		for _, o := range document.objects {
			if !o.Unnamed {
				files[o.Name] = append(files[o.Name], document.file)
			}
			if o.Unnamed || len(files[o.Name]) == 1 {
				out = append(out, o)
			}
		}
	}
	for i, o := range out {
		if in := files[o.Name]; len(in) > 1 && !o.Unnamed {
			// Which of them is meant nobody knows, and each would undo the other.
			out[i] = Stored[T]{Name: o.Name, Err: fmt.Errorf("the %s %s stands more than once: in %s", s.kind.One, o.Name, strings.Join(in, " and in "))}
		}
	}
	slices.SortStableFunc(out, func(a, b Stored[T]) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// read reads all documents. That the folder is not there is an error: a volume that failed to mount is not the wish to have nothing.
func (s *folderStore[T]) read(ctx context.Context) ([]kept[T], error) {
	files, err := s.files()
	if err != nil {
		return nil, err
	}
	var out []kept[T]
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		data, err := readFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the %s: %w", s.kind.Many, err)
		}
		for i, document := range documents(data) {
			out = append(out, kept[T]{file: file, index: i, data: document, objects: s.decode(document, file)})
		}
	}
	return out, nil
}

// decode reads a document, with a version made of its bytes for the object that is alone in it.
func (s *folderStore[T]) decode(document []byte, file string) []Stored[T] {
	objects := s.kind.Decode(document, file)
	for i := range objects {
		sum := sha256.Sum256(bytes.TrimSpace(document))
		objects[i].Version, objects[i].UID = hex.EncodeToString(sum[:8]), ""
	}
	return objects
}

func (s *folderStore[T]) files() ([]string, error) {
	info, err := os.Stat(s.path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the %s: %w", s.kind.Many, err)
	case !info.IsDir():
		return []string{s.path}, nil
	}
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return nil, fmt.Errorf("read the %s: %w", s.kind.Many, err)
	}
	var out []string
	for _, entry := range entries {
		extension := strings.ToLower(filepath.Ext(entry.Name()))
		// A mounted ConfigMap has its files as links, and what they lead to in hidden folders.
		if entry.IsDir() || strings.HasPrefix(entry.Name(), ".") || !slices.Contains([]string{".yaml", ".yml", ".json"}, extension) {
			continue
		}
		out = append(out, filepath.Join(s.path, entry.Name()))
	}
	return out, nil
}

func (s *folderStore[T]) Save(ctx context.Context, value T, version string) (Stored[T], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := s.kind.Name(value)
	what := "save the " + s.kind.One + " " + name
	if err := s.kind.Check(value); err != nil {
		return Stored[T]{}, fmt.Errorf("%s: %w", what, err)
	}
	there, err := s.find(ctx, name, version)
	switch {
	case err != nil:
		return Stored[T]{}, explained{what + ": " + err.Error(), err}
	case version == "" && there != nil:
		return Stored[T]{}, refuse(what, s.kind.Exists, nil)
	case version != "" && there == nil:
		return Stored[T]{}, refuse(what, s.kind.Changed, nil)
	}
	document, file, index := []byte(nil), filepath.Join(s.path, name+".yaml"), 0
	if there != nil {
		document, file, index = there.data, there.file, there.index
	} else if info, err := os.Stat(s.path); err == nil && !info.IsDir() {
		file, index = s.path, -1
	}
	if document, err = s.replace(document, value); err == nil {
		err = rewrite(file, index, document)
	}
	if err != nil {
		return Stored[T]{}, explained{what + ": " + err.Error() + ".", err}
	}
	return s.decode(document, file)[0], nil
}

func (s *folderStore[T]) Delete(ctx context.Context, object Stored[T]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	there, err := s.find(ctx, object.Name, object.Version)
	if err == nil && there != nil {
		err = rewrite(there.file, there.index, nil)
	}
	if err != nil {
		return explained{"delete the " + s.kind.One + " " + object.Name + ": " + err.Error() + ".", err}
	}
	return nil
}

// find looks for the document of an object. With a version it must be that one, and the object alone in it.
func (s *folderStore[T]) find(ctx context.Context, name, version string) (*kept[T], error) {
	all, err := s.read(ctx)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) && version == "" { // the first object makes the folder
			return nil, nil
		}
		return nil, err
	}
	var found []kept[T]
	for _, document := range all {
		if _, ok := Find(document.objects, name); ok {
			found = append(found, document)
		}
	}
	switch {
	case len(found) == 0:
		return nil, nil
	case len(found) > 1:
		return nil, fmt.Errorf("it stands more than once, in %s and in %s; take one away", found[0].file, found[1].file)
	case version == "":
		return &found[0], nil
	case len(found[0].objects) > 1:
		return nil, fmt.Errorf("it is part of a list in %s, which is not changed; give it a file of its own", found[0].file)
	case found[0].objects[0].Version != version:
		return nil, s.kind.Changed
	}
	return &found[0], nil
}

// replace puts an object into a document, and leaves labels and the like in it as they are.
func (s *folderStore[T]) replace(document []byte, value T) ([]byte, error) {
	if len(bytes.TrimSpace(document)) == 0 {
		return s.kind.Manifest(value)
	}
	var whole map[string]any
	if err := yaml.Unmarshal(document, &whole); err != nil {
		return nil, err
	}
	whole["spec"] = s.kind.Spec(value)
	return yaml.Marshal(whole)
}
