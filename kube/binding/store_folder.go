package binding

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

	"vmdeck.dev/vmdeck/rbac"
)

// FolderStore keeps rules in the YAML files of a folder, one file for each that it makes, as the objects that a cluster would have:
// kubectl apply and git take them. Files may have several documents, of other kinds too. The path may be that of one file.
func FolderStore(path string) Store { return &folderStore{path: path} }

type folderStore struct {
	path string
	mu   sync.Mutex
}

// longestFile is more than any list of rules; what is longer was not meant.
const longestFile = 4 << 20 // bytes

func (s *folderStore) Where() string {
	if info, err := os.Stat(s.path); err == nil && !info.IsDir() {
		return "the file " + s.path
	}
	return "the folder " + s.path
}

// kept is one document of a file.
type kept struct {
	file  string
	index int
	data  []byte
	rules []Stored
}

func (s *folderStore) List(ctx context.Context) ([]Stored, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	var out []Stored
	files := map[string][]string{}
	for _, document := range all {
		for _, rule := range document.rules {
			if !rule.Unnamed {
				files[rule.Name] = append(files[rule.Name], document.file)
			}
			if rule.Unnamed || len(files[rule.Name]) == 1 {
				out = append(out, rule)
			}
		}
	}
	for i, rule := range out {
		if in := files[rule.Name]; len(in) > 1 && !rule.Unnamed {
			// Which of them is meant nobody knows, and each would undo the other.
			out[i] = Stored{BindingRule: rbac.BindingRule{Name: rule.Name}, Err: fmt.Errorf("the rule %s stands more than once: in %s", rule.Name, strings.Join(in, " and in "))}
		}
	}
	slices.SortStableFunc(out, func(a, b Stored) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// read reads all documents. That the folder is not there is an error: a volume that failed to mount is not the wish to have no rules.
func (s *folderStore) read(ctx context.Context) ([]kept, error) {
	files, err := s.files()
	if err != nil {
		return nil, err
	}
	var out []kept
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		data, err := readFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the rules: %w", err)
		}
		for i, document := range documents(data) {
			out = append(out, kept{file: file, index: i, data: document, rules: rulesOf(document, file)})
		}
	}
	return out, nil
}

// rulesOf reads a document, with a version made of its bytes for the rule that is alone in it.
func rulesOf(document []byte, file string) []Stored {
	rules := DecodeRules(document, file)
	for i := range rules {
		sum := sha256.Sum256(bytes.TrimSpace(document))
		rules[i].Version, rules[i].UID = hex.EncodeToString(sum[:8]), ""
	}
	return rules
}

func (s *folderStore) files() ([]string, error) {
	info, err := os.Stat(s.path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the rules: %w", err)
	case !info.IsDir():
		return []string{s.path}, nil
	}
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return nil, fmt.Errorf("read the rules: %w", err)
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

// fingerprint changes when a file of the folder does.
func (s *folderStore) fingerprint() string {
	files, err := s.files()
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			fmt.Fprintln(&b, file, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > longestFile {
		return nil, fmt.Errorf("%s is longer than %d MiB", path, longestFile>>20)
	}
	return os.ReadFile(path)
}

func (s *folderStore) Save(ctx context.Context, rule rbac.BindingRule, version string) (Stored, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	what := "save the rule " + rule.Name
	if err := faultsOf(rule); err != nil {
		return Stored{}, fmt.Errorf("%s: %w", what, err)
	}
	there, err := s.find(ctx, rule.Name, version)
	switch {
	case err != nil:
		return Stored{}, explained{what + ": " + err.Error(), err}
	case version == "" && there != nil:
		return Stored{}, explained{what + ": " + ErrExists.Error() + ".", ErrExists}
	case version != "" && there == nil:
		return Stored{}, explained{what + ": " + ErrChanged.Error() + ".", ErrChanged}
	}
	document, file, index := []byte(nil), filepath.Join(s.path, rule.Name+".yaml"), 0
	if there != nil {
		document, file, index = there.data, there.file, there.index
	} else if info, err := os.Stat(s.path); err == nil && !info.IsDir() {
		file, index = s.path, -1
	}
	if document, err = replaceRule(document, rule); err == nil {
		err = rewrite(file, index, document)
	}
	if err != nil {
		return Stored{}, explained{what + ": " + err.Error() + ".", err}
	}
	return rulesOf(document, file)[0], nil
}

func (s *folderStore) Delete(ctx context.Context, rule Stored) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	there, err := s.find(ctx, rule.Name, rule.Version)
	if err == nil && there != nil {
		err = rewrite(there.file, there.index, nil)
	}
	if err != nil {
		return explained{"delete the rule " + rule.Name + ": " + err.Error() + ".", err}
	}
	return nil
}

// find looks for the document of a rule. With a version it must be that one, and the rule alone in it.
func (s *folderStore) find(ctx context.Context, name, version string) (*kept, error) {
	all, err := s.read(ctx)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) && version == "" { // the first rule makes the folder
			return nil, nil
		}
		return nil, err
	}
	var found []kept
	for _, document := range all {
		if _, ok := Find(document.rules, name); ok {
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
	case len(found[0].rules) > 1:
		return nil, fmt.Errorf("it is part of a list in %s, which is not changed; give it a file of its own", found[0].file)
	case found[0].rules[0].Version != version:
		return nil, ErrChanged
	}
	return &found[0], nil
}

// replaceRule puts a rule into a document, and leaves labels and the like in it as they are.
func replaceRule(document []byte, rule rbac.BindingRule) ([]byte, error) {
	if len(bytes.TrimSpace(document)) == 0 {
		return Manifest(rule)
	}
	var whole map[string]any
	if err := yaml.Unmarshal(document, &whole); err != nil {
		return nil, err
	}
	whole["spec"] = objectOf(rule).Spec
	return yaml.Marshal(whole)
}

// rewrite puts a document in the place of one of a file's, -1 meaning behind them; nil takes it away, and with the last one the file.
func rewrite(file string, index int, document []byte) error {
	data, err := readFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	all := documents(data)
	switch {
	case index < 0:
		all = append(all, document)
	case document == nil:
		all = slices.Delete(all, index, index+1)
	default:
		all[index] = document
	}
	all = slices.DeleteFunc(all, func(d []byte) bool { return len(bytes.TrimSpace(d)) == 0 })
	if len(all) == 0 {
		return os.Remove(file)
	}
	for i, d := range all {
		if !bytes.HasSuffix(d, []byte("\n")) {
			all[i] = append(slices.Clone(d), '\n')
		}
	}
	return writeFile(file, bytes.Join(all, []byte("---\n")))
}

// writeFile replaces a file in one step, so that nobody ever reads half a rule. A link stays a link, and a file keeps its mode; a new one
// is the user's alone.
func writeFile(path string, data []byte) (err error) {
	if target, linked := filepath.EvalSymlinks(path); linked == nil {
		path = target
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".vmdeck-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	if info, statErr := os.Stat(path); statErr == nil {
		err = temp.Chmod(info.Mode().Perm())
	}
	_, writeErr := temp.Write(data)
	if err = errors.Join(err, writeErr, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
