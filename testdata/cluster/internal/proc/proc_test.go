package proc

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestMain lets the test binary be the process it starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "sleep" {
		time.Sleep(time.Minute)
		return
	}
	os.Exit(m.Run())
}

func TestPidIsThereAsLongAsTheProcess(t *testing.T) {
	dir := t.TempDir()
	p := Process{Name: "sleeper", PidFile: filepath.Join(dir, "pid"), LogFile: filepath.Join(dir, "log")}
	if pid := p.Pid(); pid != 0 {
		t.Fatalf("pid %d before it was started", pid)
	}
	ended, err := p.Start(dir, []string{"sleep"})
	if err != nil {
		t.Fatal(err)
	}
	if p.Pid() == 0 {
		t.Error("no pid while it runs")
	}
	if _, err := p.Start(dir, []string{"sleep"}); err == nil {
		t.Error("started twice")
	}
	if err := p.Stop(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	<-ended
	if pid := p.Pid(); pid != 0 {
		t.Errorf("pid %d after it was stopped", pid)
	}
}

// The number in a pid file means nothing when no process of ours holds the file: it may be somebody else's by now.
func TestForeignPidIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	p := Process{Name: "sleeper", PidFile: filepath.Join(dir, "pid")}
	if err := os.WriteFile(p.PidFile, []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if pid := p.Pid(); pid != 0 {
		t.Errorf("took pid %d for ours", pid)
	}
}
