package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// lockStale is when a lock is taken for one that a crashed process left behind.
const lockStale = time.Minute

// rotate puts a full log aside. Processes that find it full at the same time agree by a lock file on one that does it; the others write
// on, at worst past the size.
func (a *Audit) rotate() error {
	if !a.full() {
		return nil
	}
	unlock, err := lock(a.path + ".lock")
	if err != nil || unlock == nil {
		return err
	}
	defer unlock()
	if !a.full() { // somebody else did it before the lock was free
		return nil
	}
	for i := auditKeep; i > 1; i-- {
		if err := rename(a.aside(i-1), a.aside(i)); err != nil {
			return err
		}
	}
	return rename(a.path, a.aside(1))
}

func (a *Audit) full() bool {
	info, err := os.Stat(a.path)
	return err == nil && info.Size() >= a.size
}

func (a *Audit) aside(i int) string { return fmt.Sprintf("%s.%d", a.path, i) }

// rename moves a file over another; one that is not there needs no moving.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// lock makes a lock file and returns how to remove it; nil when somebody else holds it.
func lock(path string) (unlock func(), err error) {
	if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > lockStale {
		_ = os.Remove(path)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	_ = file.Close()
	return func() { _ = os.Remove(path) }, nil
}
