// Package state knows the folder a cluster lives in: where each file is, which ports its parts use and which version of
// this program wrote it. Everything a later `up` must know again is in there; nothing is kept elsewhere.
package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Version of the folder's layout. A folder of another version is refused, never guessed at.
const Version = 1

// KubeVirtVersion is the version of KubeVirt linked into this program.
const KubeVirtVersion = "v1.7.0"

// DefaultPortBase is the first port of a cluster for which nobody asked for another one.
const DefaultPortBase = 20100

// The parts of a cluster, in the order in which they depend on each other.
const (
	Etcd           = "etcd"
	APIServer      = "apiserver"
	Controllers    = "controllers"
	VirtAPI        = "virt-api"
	VirtController = "virt-controller"
	Simulator      = "simulator"
)

// PartNames lists every part; a part's place is also its offset from the port base.
var PartNames = []string{Etcd, APIServer, Controllers, VirtAPI, VirtController, Simulator}

// Mode says what a cluster is for, and thereby which parts it has.
type Mode string

const (
	// Full is a cluster in which VMs can be started.
	Full Mode = "full"
	// Stored is an API server over loaded objects: nothing acts on them, so ten thousand VMs cost no more than storage.
	Stored Mode = "stored"
)

// Parts of a cluster in this mode.
func (m Mode) Parts() []string {
	if m == Stored {
		return []string{Etcd, APIServer, Controllers}
	}
	return PartNames
}

// Config is the part of the state that is written as one small file, cluster.json.
type Config struct {
	Version  int            `json:"version"`
	Mode     Mode           `json:"mode"`
	PortBase int            `json:"portBase"`
	Ports    map[string]int `json:"ports"`
	// Seeded is the number of stored VMs that were loaded, so that loading them again is skipped.
	Seeded int `json:"seeded,omitempty"`
}

// Folder is an opened state folder.
type Folder struct {
	Dir    string
	Config Config
	lock   *os.File
}

// ErrNone means that there is no cluster in the folder.
var ErrNone = errors.New("there is no cluster here")

// Open reads the state in dir. Without any it returns ErrNone and a folder to be filled.
func Open(dir string) (*Folder, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{Dir: abs}
	data, err := os.ReadFile(f.Path("cluster.json"))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return f, ErrNone
	case err != nil:
		return nil, fmt.Errorf("cannot read the state folder: %w", err)
	}
	if err := json.Unmarshal(data, &f.Config); err != nil {
		return nil, fmt.Errorf("%s is not readable as a cluster's state (%v); remove the folder or choose another with --dir", f.Path("cluster.json"), err)
	}
	if f.Config.Version != Version {
		return nil, fmt.Errorf("%s was written by version %d of this program, this is version %d; use `up --fresh` or another --dir", f.Dir, f.Config.Version, Version)
	}
	return f, nil
}

// Path of a file in the folder.
func (f *Folder) Path(elem ...string) string {
	return filepath.Join(append([]string{f.Dir}, elem...)...)
}

// Create makes the folder's directories. Its mode keeps the tokens in it private.
func (f *Folder) Create() error {
	for _, d := range []string{"", "run", "logs", "pki", "kubeconfigs"} {
		if err := os.MkdirAll(f.Path(d), 0o700); err != nil {
			return fmt.Errorf("cannot write to the state folder: %w", err)
		}
	}
	return nil
}

// Save writes cluster.json, whole or not at all.
func (f *Folder) Save() error {
	data, err := json.MarshalIndent(f.Config, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(f.Path("cluster.json"), append(data, '\n'))
}

// Lock keeps a second `up` or `down` out of the folder while one is at work.
func (f *Folder) Lock() error {
	file, err := os.OpenFile(f.Path("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("cannot write to the state folder: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return fmt.Errorf("another command is at work on the cluster in %s; wait for it to end", f.Dir)
	}
	f.lock = file
	return nil
}

// Unlock lets other commands in again.
func (f *Folder) Unlock() {
	if f.lock != nil {
		f.lock.Close()
		f.lock = nil
	}
}

// CheckSpace refuses a disk that is about to be full: etcd would stop half-way with a message nobody understands.
func (f *Folder) CheckSpace(need uint64) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(f.Dir, &fs); err != nil {
		return nil // not every file system tells; the writes themselves will
	}
	if free := fs.Bavail * uint64(fs.Bsize); free < need {
		return fmt.Errorf("only %d MB are free on the disk of %s, the cluster needs %d MB", free>>20, f.Dir, need>>20)
	}
	return nil
}

// WriteFile replaces a file in one step and keeps it private.
func WriteFile(path string, data []byte) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return fmt.Errorf("cannot write to the state folder: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("cannot write to the state folder: %w", err)
	}
	return nil
}
