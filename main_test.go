package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

const kubeconfigText = `apiVersion: v1
kind: Config
current-context: demo
clusters:
- name: demo
  cluster: {server: "https://192.0.2.10:6443"}
users:
- name: ann
  user: {token: s3cret}
contexts:
- name: demo
  context: {cluster: demo, user: ann, namespace: team-a}
- name: staging
  context: {cluster: demo, user: ann}
`

// write puts a file into a folder of the test's own and keeps the environment of whoever runs the test out of it.
func write(t *testing.T, name, text string) string {
	t.Helper()
	t.Setenv("KUBECONFIG", "")
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// start runs the command line as main does, without a terminal.
func start(args ...string) (string, error) {
	var out bytes.Buffer
	cmd := root()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	err := cmd.Execute()
	return out.String(), err
}

func TestCommandLine(t *testing.T) {
	// The test's own streams may be a terminal, where the program would start.
	for _, stream := range []**os.File{&os.Stdin, &os.Stdout} {
		null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		before := *stream
		*stream = null
		t.Cleanup(func() { *stream = before; _ = null.Close() })
	}
	kubeconfig := write(t, "kubeconfig", kubeconfigText)
	bad := write(t, "config.yaml", "read-only: true\n")
	good := write(t, "config.yaml", "readOnly: true\n")
	for _, tt := range []struct {
		args []string
		says []string
	}{
		{[]string{"--config", good, "--kubeconfig", kubeconfig}, []string{"standard input and output must be a terminal"}},
		{[]string{"--config", bad}, []string{"config.yaml", "line 1", `there is no key "read-only"`, "Did you mean readOnly?"}},
		{[]string{"--config", filepath.Join(t.TempDir(), "none.yaml")}, []string{"read the configuration", "none.yaml"}},
		{[]string{"-n", "a", "-A"}, []string{"namespace", "all-namespaces"}},
		{[]string{"--kontext", "demo"}, []string{"unknown flag: --kontext"}},
		{[]string{"start"}, []string{`unknown command "start"`}},
	} {
		out, err := start(tt.args...)
		if err == nil || out != "" {
			t.Errorf("%v: error %v, output %q", tt.args, err, out)
			continue
		}
		for _, s := range tt.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%v says %q, without %q", tt.args, err, s)
			}
		}
	}
	if out, err := start("--version"); err != nil || !strings.Contains(out, version) {
		t.Errorf("--version: %q, %v", out, err)
	}
	if out, err := start("--help"); err != nil || !strings.Contains(out, "--read-only") || !strings.Contains(out, config.DefaultPath()) {
		t.Errorf("--help: %q, %v", out, err)
	}
}

func TestOpener(t *testing.T) {
	o := opener{kubeconfig: config.Kubeconfig{Path: write(t, "kubeconfig", kubeconfigText), File: config.File{
		Contexts:      map[string]config.Context{"staging": {ReadOnly: true, Namespaces: []string{"team-x"}}},
		ClusterGroups: map[string][]string{"europe": {"staging", "demo"}, "lab": {"staging"}},
	}}}
	first, err := o.open(t.Context(), "")
	if target := first.Cluster.Target(); err != nil || target.Context != "demo" || target.User != "ann" || target.Namespace != "team-a" || first.ReadOnly != "" || !first.Scope.All || len(first.Groups) != 1 || len(first.Groups[0].Contexts) != 2 {
		t.Errorf("the current context opens as %+v, %v", first, err)
	}
	second, err := o.open(t.Context(), "staging")
	if err != nil || second.ReadOnly != "the configuration makes this context read-only" || len(second.Cluster.Target().Namespaces) != 1 || deck.GroupNames(second.Groups) != "europe, lab" {
		t.Errorf("staging opens as %+v, %v", second, err)
	}
	if _, err := o.open(t.Context(), "stagin"); err == nil || !strings.Contains(err.Error(), `no context "stagin". Did you mean staging? There are demo, staging`) {
		t.Errorf("an unknown context says %v", err)
	}

	o.flags = flags{namespace: "team-b", readOnly: true}
	first, err = o.open(t.Context(), "")
	if err != nil || first.Namespace != "team-b" || first.Scope.All || first.ReadOnly != "vmdeck was started with --read-only" {
		t.Errorf("with -n team-b --read-only it opens as %+v, %v", first, err)
	}
	// The namespace is one of the cluster that it was named for.
	if second, err = o.open(t.Context(), "staging"); err != nil || second.Namespace != "" || !second.Scope.All || second.ReadOnly == "" {
		t.Errorf("another context opens as %+v, %v", second, err)
	}
	o.flags.namespace = "Team_B"
	if _, err = o.open(t.Context(), ""); err == nil || !strings.Contains(err.Error(), `--namespace "Team_B" cannot be a namespace: it takes lower case letters`) || strings.Contains(err.Error(), "regex") {
		t.Errorf("a name that cannot be says %v", err)
	}
}

func TestTerminal(t *testing.T) {
	off := false
	for _, tt := range []struct {
		name        string
		file        config.File
		env         map[string]string
		fps         int
		sync, mouse bool
		ascii       bool
		colours     bool
	}{
		{"local", config.File{}, map[string]string{"TERM": "xterm-256color"}, 100, false, true, false, true},
		{"ssh", config.File{}, map[string]string{"TERM": "xterm-256color", "SSH_TTY": "/dev/pts/1"}, 15, true, true, false, true},
		{"ssh without a tty", config.File{}, map[string]string{"TERM": "xterm", "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}, 15, true, true, false, true},
		{"ssh, chosen", config.File{FramesPerSecond: 30}, map[string]string{"TERM": "xterm", "SSH_TTY": "x", "VMDECK_NO_SYNC": "1"}, 30, false, true, false, true},
		{"no colour", config.File{}, map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, 100, false, true, false, false},
		{"dumb", config.File{}, map[string]string{"TERM": "dumb", "SSH_TTY": "x"}, 15, false, true, false, false},
		{"console", config.File{}, map[string]string{"TERM": "linux"}, 100, false, true, true, true},
		{"plain, ASCII, no mouse", config.File{Theme: "plain", ASCII: true, Mouse: &off}, map[string]string{"TERM": "xterm"}, 100, false, false, true, false},
	} {
		got := terminalOf(tt.file, func(name string) string { return tt.env[name] })
		want := shell.Options{NoMouse: !tt.mouse, SyncOutput: tt.sync, FPS: tt.fps}
		if o := got.shell; o.NoMouse != want.NoMouse || o.SyncOutput != want.SyncOutput || o.FPS != want.FPS {
			t.Errorf("%s: mouse off %v, sync %v, %d frames", tt.name, o.NoMouse, o.SyncOutput, o.FPS)
		}
		if got.theme.Glyphs.ASCII != tt.ascii || strings.Contains(got.theme.Paint(theme.Bad, "x"), "31m") != tt.colours {
			t.Errorf("%s: ASCII %v, red is %q", tt.name, got.theme.Glyphs.ASCII, got.theme.Paint(theme.Bad, "x"))
		}
	}
}

// What the user has set of client-go's patience stays.
func TestNoticeDeadConnections(t *testing.T) {
	t.Setenv("HTTP2_READ_IDLE_TIMEOUT_SECONDS", "")
	t.Setenv("HTTP2_PING_TIMEOUT_SECONDS", "20")
	noticeDeadConnections()
	idle, err := time.ParseDuration(os.Getenv("HTTP2_READ_IDLE_TIMEOUT_SECONDS") + "s")
	if err != nil || idle <= 0 || idle > 15*time.Second || os.Getenv("HTTP2_PING_TIMEOUT_SECONDS") != "20" {
		t.Errorf("a silent server is asked after %v (%v), with a patience of %q", idle, err, os.Getenv("HTTP2_PING_TIMEOUT_SECONDS"))
	}
}
