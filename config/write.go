package config

import (
	"errors"
	"os"
	"path/filepath"
)

// WriteFile replaces a file in one step, so that nobody ever reads half of it. Folders that are missing are made. A link stays a link,
// and a file keeps its mode; a new one is the user's alone.
func WriteFile(path string, data []byte) (err error) {
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
