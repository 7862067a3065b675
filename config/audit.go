package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/adrg/xdg"
)

// AuditEntry is one line of the audit log: an action that changes something, tried or refused. It has no place for tokens or the
// content of objects.
type AuditEntry struct {
	Time      time.Time `json:"time"`
	Context   string    `json:"context"`
	User      string    `json:"user"`
	Action    string    `json:"action"`
	Namespace string    `json:"namespace,omitempty"`
	Name      string    `json:"name"`
	UID       string    `json:"uid,omitempty"`
	Decision  string    `json:"decision"` // allowed, denied, unknown
	DryRun    bool      `json:"dryRun,omitempty"`
	Result    string    `json:"result"` // accepted, refused by vmdeck, failed on the server
	Error     string    `json:"error,omitempty"`
}

const (
	auditSize = 10 << 20 // bytes, before the file is put aside
	auditKeep = 3        // files put aside
)

// Audit appends to the audit log, readable by the user alone. It is safe for concurrent use, and by several processes: a line is one
// write to a file opened for appending.
type Audit struct {
	path string
	mu   sync.Mutex
}

// AuditPath is where the audit log is kept.
func AuditPath() string { return filepath.Join(xdg.StateHome, "vmdeck", "audit.log") }

// NewAudit returns the log at a path. The file is made with the first entry.
func NewAudit(path string) *Audit { return &Audit{path: path} }

// Write appends an entry.
func (a *Audit) Write(entry AuditEntry) error {
	entry.Time = entry.Time.UTC()
	line, err := json.Marshal(entry)
	if err != nil {
		return fmt.Errorf("encode an audit entry: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(a.path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the audit log: %w", err)
	}
	if err := a.rotate(); err != nil {
		return err
	}
	file, err := os.OpenFile(a.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the audit log: %w", err)
	}
	_, err = file.Write(append(line, '\n'))
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	return nil
}

// rotate puts a full log aside. Another process may have done so meanwhile; then there is nothing left to move.
func (a *Audit) rotate() error {
	info, err := os.Stat(a.path)
	if err != nil || info.Size() < auditSize {
		return nil
	}
	for i := auditKeep; i > 0; i-- {
		from := fmt.Sprintf("%s.%d", a.path, i-1)
		if i == 1 {
			from = a.path
		}
		if err := os.Rename(from, fmt.Sprintf("%s.%d", a.path, i)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("put the audit log aside: %w", err)
		}
	}
	return nil
}
