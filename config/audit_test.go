package config

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func entries(t *testing.T, paths ...string) []AuditEntry {
	t.Helper()
	var all []AuditEntry
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			var e AuditEntry
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				t.Fatalf("%s: %q: %v", path, lines.Text(), err)
			}
			all = append(all, e)
		}
	}
	return all
}

func TestAuditLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "vmdeck", "audit.log")
	at := time.Date(2026, 11, 21, 3, 4, 5, 678, time.FixedZone("", 3600))
	err := NewAudit(path).Write(AuditEntry{
		Time: at, Context: "demo", User: "alice", Action: "stop", Namespace: "team-a", Name: "db", UID: "u-1",
		Decision: "allowed", DryRun: true, Result: "failed", Error: "line one\nline \x1b[2J two",
	})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"time":"2026-11-21T02:04:05.000000678Z","context":"demo","user":"alice","action":"stop","namespace":"team-a","name":"db",` +
		`"uid":"u-1","decision":"allowed","dryRun":true,"result":"failed","error":"line one\nline \u001b[2J two"}` + "\n"
	if string(raw) != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
}

func TestAuditIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean something else there")
	}
	path := filepath.Join(t.TempDir(), "vmdeck", "audit.log")
	a := NewAudit(path)
	mode := func(path string) os.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	for range 2 { // the second time the file exists and is too open
		if err := a.Write(AuditEntry{}); err != nil {
			t.Fatal(err)
		}
		if mode(path) != 0o600 || mode(filepath.Dir(path)) != 0o700 {
			t.Errorf("file %o, folder %o", mode(path), mode(filepath.Dir(path)))
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAuditHoldsNoSecrets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	jwt := "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"
	for i, text := range []string{
		"401: Bearer abc.def-ghi rejected",
		"the token " + jwt + " has expired",
		`Invalid value: {"userData":"#cloud-config hunter2"}: bad`,
		"userDataBase64: aHVudGVyMg== is too long",
		"password=hunter2 is wrong",
	} {
		if err := NewAudit(path).Write(AuditEntry{Name: fmt.Sprint(i), Error: text}); err != nil {
			t.Fatal(err)
		}
	}
	if err := NewAudit(path).Write(AuditEntry{Error: strings.Repeat("ä", 5000)}); err != nil {
		t.Fatal(err)
	}
	raw, _ := os.ReadFile(path)
	for _, secret := range []string{"abc.def", jwt[:10], "hunter2", "aHVudGVy"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
	for _, e := range entries(t, path) {
		if e.Name != "" && !strings.Contains(e.Error, "[removed]") || len(e.Error) > auditError+3 {
			t.Errorf("%d bytes: %.80s", len(e.Error), e.Error)
		}
	}
	if got := withoutSecrets(`virtualmachines "token-server" is forbidden`); strings.Contains(got, "removed") {
		t.Errorf("a name was taken for a secret: %s", got)
	}
}

func TestAuditRotates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	a := &Audit{path: path, size: 400}
	const written = 40
	for i := range written {
		if err := a.Write(AuditEntry{Name: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	names, err := filepath.Glob(path + "*")
	if err != nil || len(names) != auditKeep+1 {
		t.Fatalf("files %v: %v", names, err)
	}
	kept := entries(t, path+".3", path+".2", path+".1", path)
	for i, e := range kept {
		if want := fmt.Sprint(written - len(kept) + i); e.Name != want {
			t.Fatalf("entry %d is %s, want %s", i, e.Name, want)
		}
	}
}

func TestAuditConcurrently(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	const writers, each = 8, 50
	var wg sync.WaitGroup
	for w := range writers {
		a := &Audit{path: path, size: 16 << 10} // rotates at most a few times, so that nothing falls off the end
		wg.Go(func() {
			for i := range each {
				if err := a.Write(AuditEntry{Name: fmt.Sprint(w, "-", i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	files, _ := filepath.Glob(path + "*")
	seen := map[string]bool{}
	for _, e := range entries(t, files...) {
		seen[e.Name] = true
	}
	if len(seen) != writers*each {
		t.Errorf("%d entries of %d in %v", len(seen), writers*each, files)
	}
}

// TestAuditOfSeveralProcesses starts itself again as the processes that write.
func TestAuditOfSeveralProcesses(t *testing.T) {
	if path := os.Getenv("VMDECK_AUDIT_TEST"); path != "" {
		for i := range 100 {
			if err := (&Audit{path: path, size: 64 << 10}).Write(AuditEntry{Name: fmt.Sprint(os.Getpid(), "-", i)}); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	path := filepath.Join(t.TempDir(), "audit.log")
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestAuditOfSeveralProcesses$")
			cmd.Env = append(os.Environ(), "VMDECK_AUDIT_TEST="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	if got := len(entries(t, path)); got != 300 {
		t.Errorf("%d entries of 300", got)
	}
}

func TestAuditThatCannotBeWritten(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := NewAudit(filepath.Join(blocked, "audit.log")).Write(AuditEntry{})
	if err == nil || !strings.Contains(err.Error(), "audit log") {
		t.Errorf("got %v", err)
	}
}

func TestAuditLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log.lock")
	unlock, err := lock(path)
	if err != nil || unlock == nil {
		t.Fatal(err)
	}
	if again, err := lock(path); again != nil || err != nil {
		t.Errorf("locked twice: %v", err)
	}
	old := time.Now().Add(-2 * lockStale)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	if again, err := lock(path); again == nil || err != nil {
		t.Errorf("a lock left behind still holds: %v", err)
	}
	unlock()
	if unlock, err := lock(path); unlock == nil || err != nil {
		t.Errorf("not unlocked: %v", err)
	}
}
