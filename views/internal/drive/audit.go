package drive

import (
	"slices"
	"strings"
	"sync"

	"vmdeck.dev/vmdeck/config"
)

// Audit is an audit log in memory.
type Audit struct {
	// Err is what writing answers.
	Err error
	// Then, if set, is called after each entry, when what is logged is in its midst.
	Then func(config.AuditEntry)

	mu      sync.Mutex
	entries []config.AuditEntry
}

// Write implements what keepers and operators want of a log.
func (l *Audit) Write(e config.AuditEntry) error {
	l.mu.Lock()
	l.entries = append(l.entries, e)
	l.mu.Unlock()
	if l.Then != nil {
		l.Then(e)
	}
	return l.Err
}

// Entries are those so far.
func (l *Audit) Entries() []config.AuditEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// Last is the latest entry, or an empty one.
func (l *Audit) Last() config.AuditEntry {
	if all := l.Entries(); len(all) > 0 {
		return all[len(all)-1]
	}
	return config.AuditEntry{}
}

// Lines are the entries in short: action, namespace, name, result.
func (l *Audit) Lines() []string {
	var lines []string
	for _, e := range l.Entries() {
		lines = append(lines, strings.Join(strings.Fields(e.Action+" "+e.Namespace+" "+e.Name+" "+e.Result), " "))
	}
	return lines
}
