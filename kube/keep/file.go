package keep

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"

	"vmdeck.dev/vmdeck/config"
)

// longestFile is more than any list of objects; what is longer was not meant.
const longestFile = 4 << 20 // bytes

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
	return config.WriteFile(file, bytes.Join(all, []byte("---\n")))
}

// documents splits a stream of YAML at its separators, and leaves every byte between them as it is.
func documents(data []byte) [][]byte {
	var out [][]byte
	var current []byte
	for line := range bytes.Lines(data) {
		if rest, ok := bytes.CutPrefix(line, []byte("---")); ok && (len(bytes.TrimSpace(rest)) == 0 || bytes.HasPrefix(rest, []byte(" #"))) {
			out, current = append(out, current), nil
			continue
		}
		current = append(current, line...)
	}
	return append(out, current)
}
