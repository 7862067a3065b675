package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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
	Rule      string    `json:"rule,omitempty"` // the binding rule on whose behalf
	Decision  string    `json:"decision"`       // allowed, denied, unknown
	DryRun    bool      `json:"dryRun,omitempty"`
	Result    string    `json:"result"` // accepted; refused, by vmdeck; failed, on the server
	Error     string    `json:"error,omitempty"`
}

const (
	auditSize  = 10 << 20 // bytes, before the file is put aside
	auditKeep  = 3        // files put aside
	auditError = 1000     // bytes of an error: servers quote whole objects
)

// Audit appends to the audit log, readable by the user alone. It is safe for concurrent use, and by several processes: a line is one
// write to a file opened for appending.
type Audit struct {
	path string
	size int64
	mu   sync.Mutex
}

// AuditPath is where the audit log is kept.
func AuditPath() string { return filepath.Join(xdg.StateHome, "vmdeck", "audit.log") }

// DraftsPath is the folder of what was begun and not finished.
func DraftsPath() string { return filepath.Join(xdg.StateHome, "vmdeck", "drafts") }

// NewAudit returns the log at a path. The file is made with the first entry.
func NewAudit(path string) *Audit { return &Audit{path: path, size: auditSize} }

// Write appends an entry, its time in UTC. An error means that the log is not in order, most likely that the entry is missing: what it
// is about has happened all the same, so the user has to be told.
func (a *Audit) Write(entry AuditEntry) error {
	entry.Time = entry.Time.UTC()
	entry.Error = withoutSecrets(entry.Error)
	line, err := json.Marshal(entry)
	if err != nil {
		return fmt.Errorf("encode an audit entry: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(a.path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the audit log: %w", err)
	}
	full := a.rotate()
	if err := a.append(append(line, '\n')); err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	if full != nil {
		return fmt.Errorf("put the full audit log aside: %w", full)
	}
	return nil
}

func (a *Audit) append(line []byte) error {
	file, err := os.OpenFile(a.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if info, statErr := file.Stat(); statErr == nil && info.Mode().Perm()&0o077 != 0 {
		err = file.Chmod(0o600)
	}
	_, writeErr := file.Write(line)
	return errors.Join(err, writeErr, file.Close())
}

var secrets = regexp.MustCompile(`(?i)(bearer\s+)[\w.~+/=-]+|\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?|((?:token|password|passwd|user-?data(?:base64)?|secret)["']?\s*[:=]\s*)("[^"]*"|\S+)`)

// withoutSecrets shortens an error and takes out what looks like a credential: a server may quote from the request it refused.
func withoutSecrets(text string) string {
	text = secrets.ReplaceAllString(text, "$1$3[removed]")
	if len(text) > auditError {
		text = strings.ToValidUTF8(text[:auditError], "") + "…"
	}
	return text
}
