package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
)

// subCommand finds a sub-command of vm.
func subCommand(t *testing.T, name string) *cobra.Command {
	t.Helper()
	cmd, _, err := root().Find([]string{"vm", name})
	if err != nil {
		t.Fatal(err)
	}
	return cmd
}

func TestEveryActionIsASubCommand(t *testing.T) {
	names := subCommands(subCommand(t, ""))
	want := []string{"list", "show"}
	for _, a := range vm.Actions() {
		want = append(want, a.ID)
		cmd := subCommand(t, a.ID)
		options := []string{"dry-run", "wait", "yes", "selector", "filter", "output"}
		for _, o := range a.Asks {
			options = append(options, o.ID)
		}
		for _, option := range options {
			if cmd.Flags().Lookup(option) == nil {
				t.Errorf("%s has no flag --%s", a.ID, option)
			}
		}
		if !strings.Contains(cmd.Long, a.Help) || !strings.Contains(cmd.Long, "Exit codes: 0") {
			t.Errorf("help of %s: %s", a.ID, cmd.Long)
		}
	}
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("sub-commands %v, want %v", names, want)
	}
}

// What is called stable must be described, field by field.
func TestHelpNamesEveryField(t *testing.T) {
	for help, value := range map[string]any{
		subCommand(t, "list").Long: vmList{}, subCommand(t, "show").Long: vmShown{}, subCommand(t, "stop").Long: vmResults{},
	} {
		for _, name := range fieldNames(reflect.TypeOf(value)) {
			if !slices.Contains(strings.FieldsFunc(help, func(r rune) bool { return (r|0x20) < 'a' || (r|0x20) > 'z' }), name) {
				t.Errorf("%T: the help does not name %s", value, name)
			}
		}
	}
}

func fieldNames(t reflect.Type) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
		return nil
	}
	var names []string
	for f := range t.Fields() {
		if name := f.Tag.Get("json"); name != "" {
			names = append(names, name)
		}
		names = append(names, fieldNames(f.Type)...)
	}
	return names
}

func TestVMCommandsRefuseInSentences(t *testing.T) {
	for line, want := range map[string]string{
		"vm fly":                                     `there is no "fly" under vm; there are`,
		"vm list team-a/db":                          "list takes no names: vmdeck vm show team-a/db",
		"vm list -o xml":                             "-o xml is not known here; there are table, wide, json, yaml, name",
		"vm list -l a=b=c":                           `-l "a=b=c" is no label selector`,
		"vm list --filter is:odd":                    "--filter: is:odd is not known",
		"vm list -n a -A":                            "-n and -A contradict each other",
		"vm list -n Team --kubeconfig KC":            `--namespace "Team" cannot be a namespace`,
		"vm list --kubeconfig /nowhere":              "there is no kubeconfig at /nowhere",
		"vm list --what":                             "unknown flag: --what",
		"vm show":                                    "say which VM",
		"vm show a/b c/d":                            "say which VM",
		"vm show a/b/c":                              `"a/b/c" names no VM`,
		"vm show Team/b":                             `"Team/b" names no VM`,
		"vm start":                                   "say which VMs",
		"vm start -A":                                "say which VMs",
		"vm start --selector= --filter=":             "say which VMs",
		"vm start --filter status:":                  "say which VMs",
		"vm start a/b -l x=y":                        "not both",
		"vm start a/b -A":                            "-A goes with -l or --filter",
		"vm start a/b -o table":                      "-o table is not known here; there are text, json, yaml",
		"vm start a/b --wait 30s":                    "as in --wait=30s",
		"vm start a/b --wait=soon":                   `"soon" is no duration like 90s or 10m`,
		"vm start a/b --wait --dry-run":              "--wait: a dry run changes nothing",
		"vm reset a/b --yes --wait":                  "--wait: KubeVirt does not show",
		"vm reset a/b --yes --dry-run":               "--dry-run: KubeVirt has no dry run of reset",
		"vm stop a/b":                                "stop asks before it acts, and standard input is no terminal to answer at: add --yes",
		"vm delete a/b --wait":                       "delete asks before it acts",
		"vm stop a/b --yes --grace-period soon":      `--grace-period: "soon" is no number of seconds`,
		"vm migrate a/b --yes --node-selector a=b=c": "--node-selector:",
		"vm clone a/b --name Not_A_Name":             "--name:",
		"vm stop a/b --grace-period 5 --kubeconfig /nowhere --dry-run": "there is no kubeconfig at /nowhere",
	} {
		kubeconfig := write(t, "kubeconfig", kubeconfigText)
		_, err := vmdeck(t, strings.Fields(strings.ReplaceAll(line, "KC", kubeconfig))...)
		if err == nil || !strings.Contains(err.Error(), want) || exitCode(err) != exitNoRun {
			t.Errorf("vmdeck %s: %v (exit code %d), want %q", line, err, exitCode(err), want)
		}
	}
	if out, err := vmdeck(t, "vm"); err != nil || !strings.Contains(out, "Exit codes:") {
		t.Errorf("vmdeck vm: %v\n%s", err, out)
	}
}

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if out, err := vmdeck(t, "completion", shell); err != nil || !strings.Contains(out, "vmdeck") {
			t.Errorf("%s: %v", shell, err)
		}
	}
	out, _ := vmdeck(t, "__complete", "vm", "list", "--filter", "is:problem sta")
	if !strings.Contains(out, "is:problem status:\t") || strings.Contains(out, "node:") {
		t.Errorf("completion of a filter: %s", out)
	}
	out, _ = vmdeck(t, "__complete", "--kubeconfig", write(t, "kubeconfig", kubeconfigText), "--context", "")
	if !strings.Contains(out, "demo\nstaging\n") {
		t.Errorf("completion of contexts: %s", out)
	}
	out, _ = vmdeck(t, "__complete", "vm", "start", "team-a/", "--kubeconfig", "/nowhere")
	if strings.Contains(out, "team-a") {
		t.Errorf("without a cluster: %s", out)
	}
}

// A guest agent or another tenant may put anything into a text; the terminal must not obey it, and readers must get it back.
func TestEncodeDoesNothingToATerminal(t *testing.T) {
	for _, evil := range []string{"\x1b[2J", "a\rb", "a\x7fb", "\u009b2J", "\u0085next", "\u202egnp.exe", "\u2028", "\ufeff", "\U000e0041", "two\nlines\u202e", "'\"\\: - x", "plain"} {
		for _, format := range []string{"json", "yaml"} {
			var out strings.Builder
			if err := encode(&out, format, map[string]string{"text": evil}); err != nil {
				t.Fatal(err)
			}
			if strings.ContainsFunc(out.String(), acts) {
				t.Errorf("%s of %q: %q", format, evil, out.String())
			}
			var back map[string]string
			if err := yaml.Unmarshal([]byte(out.String()), &back); format == "yaml" && (err != nil || back["text"] != evil) {
				t.Errorf("yaml of %q reads as %q, %v", evil, back["text"], err)
			}
			if err := json.Unmarshal([]byte(out.String()), &back); format == "json" && (err != nil || back["text"] != evil) {
				t.Errorf("json of %q reads as %q, %v", evil, back["text"], err)
			}
		}
	}
}

func TestTableDoesNothingToATerminal(t *testing.T) {
	r := &vm.Row{Namespace: "team-a", Name: "db", Status: "Run\x1b[2Jning", OS: "evil\u009b2J\nOS", IPs: []string{"10.0.0.1", "fe80::1"}, Memory: 3 << 29}
	var out strings.Builder
	if err := writeRows(&out, []*vm.Row{r}, true, time.Now()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || strings.ContainsFunc(out.String(), acts) || !strings.Contains(lines[1], "team-a     db    Running") || !strings.Contains(lines[1], "10.0.0.1 +1  -    1.5Gi") {
		t.Errorf("table\n%q", out.String())
	}
}

func TestManifestsAreMasked(t *testing.T) {
	got := object("spec:\n  volumes:\n  - cloudInitNoCloud:\n      userData: 'password: hunter2'\n")
	var out strings.Builder
	if err := encode(&out, "json", got); err != nil || strings.Contains(out.String(), "hunter2") || !strings.Contains(out.String(), vm.Masked) {
		t.Errorf("%v: %s", err, out.String())
	}
	if object("") != nil {
		t.Error("no manifest is shown as something")
	}
}

func TestReasonNamesRoles(t *testing.T) {
	v := vm.Verdict{Cause: vm.Permission, Reason: "needs x", Decision: rbac.Decision{Grants: []string{"a", "b"}}}
	if got := reasonOf(v); got != "needs x; roles that grant it: a, b" {
		t.Error(got)
	}
}

// answering is a console at which somebody types.
func answering(text string, out io.Writer) console {
	return console{in: strings.NewReader(text), out: out, terminal: true}
}

func TestConfirmation(t *testing.T) {
	rows := []*vm.Row{
		{Namespace: "team-a", Name: "db", Status: "Running", Node: "node-1", RunStrategy: "Always"}, {Namespace: "team-b", Name: "web", Status: "Paused"},
	}
	session := &vmSession{cluster: unconnected(t)}
	for _, tt := range []struct {
		action string
		rows   int
		answer string
		asks   string // empty: it does not ask
		goes   bool
	}{
		{"start", 1, "", "", true},
		{"start", 2, "y\n", "Start? [y/N] ", true},
		{"start", 2, "\n", "Start? [y/N] ", false},
		{"stop", 1, "yes\n", "Stop? [y/N] ", true},
		{"stop", 1, "n\n", "Stop? [y/N] ", false},
		{"stop", 1, "", "Stop? [y/N] ", false},
		{"stop", 2, "y\n", "Type 2 to stop: ", false},
		{"stop", 2, "2\n", "Type 2 to stop: ", true},
		{"delete", 1, "y\n", "Type db to delete: ", false},
		{"delete", 1, "db\n", "Type db to delete: ", true},
		{"delete", 2, "2\n", "Type 2 to delete: ", true},
		{"delete", 0, "", "", true},
	} {
		var out strings.Builder
		d := &vmDoing{vmFlags: &vmFlags{}, action: vm.Find(tt.action), ask: answering(tt.answer, &out)}
		err := d.confirm(t.Context(), session, rows[:tt.rows])
		if (err == nil) != tt.goes || !strings.HasSuffix(out.String(), tt.asks) || tt.asks == "" && out.Len() > 0 {
			t.Errorf("%s of %d, answered %q: %v\n%s", tt.action, tt.rows, tt.answer, err, out.String())
		}
		if tt.action == "stop" && !strings.Contains(out.String(), "team-a/db: Running on node-1. Run strategy Always becomes Halted.") {
			t.Errorf("the question does not say what is at stake:\n%s", out.String())
		}
		for _, silent := range []*vmDoing{{yes: true}, {options: vm.Options{DryRun: true}}} {
			silent.action = d.action
			if err := silent.confirm(t.Context(), session, rows[:tt.rows]); err != nil {
				t.Errorf("%s of %d without a terminal, --yes %v: %v", tt.action, tt.rows, silent.yes, err)
			}
		}
		mute := &vmDoing{action: d.action}
		if err := mute.confirm(t.Context(), session, rows[:tt.rows]); (err == nil) != (tt.asks == "") {
			t.Errorf("%s of %d without a terminal: %v", tt.action, tt.rows, err)
		}
	}
}

func TestReports(t *testing.T) {
	for name, tt := range map[string]struct {
		results []vmResult
		total   int
		out     string
		notes   string
		err     string
	}{
		"one done":    {[]vmResult{{Result: resultDone, Message: "a/b: started"}}, 1, "a/b: started\n", "", ""},
		"one refused": {[]vmResult{{Result: resultRefused, Message: "a/b: no"}}, 1, "", "", "a/b: no"},
		"all done": {[]vmResult{{Result: resultDone, Message: "a/b: started"}, {Result: resultUnchanged, Message: "a/c: already running"}}, 2,
			"a/b: started\na/c: already running\nstart: 1 done, 1 unchanged\n", "", ""},
		"some failed": {[]vmResult{{Result: resultFailed, Message: "a/b: bro\x07ken"}, {Result: resultDone, Message: "a/c: started"}}, 2,
			"a/c: started\n", "a/b: broken\n", "start: 1 done, 1 failed"},
	} {
		var out, notes strings.Builder
		d := &vmDoing{vmFlags: &vmFlags{output: "text"}, action: vm.Find("start"), out: &out, notes: &notes, total: tt.total}
		for _, r := range tt.results {
			d.add(r)
		}
		err := d.report("test")
		if out.String() != tt.out || notes.String() != tt.notes || (err == nil) != (tt.err == "") || err != nil && (err.Error() != tt.err || exitCode(err) != exitFailed) {
			t.Errorf("%s: %q, %q, %v", name, out.String(), notes.String(), err)
		}
	}
}

func TestExitCodes(t *testing.T) {
	plain := errors.New("x")
	for _, tt := range []struct {
		err  error
		want int
	}{{plain, 1}, {noRun(plain), 2}, {noRun(exitError{exitFailed, plain}), 1}} {
		if got := exitCode(tt.err); got != tt.want || !errors.Is(tt.err, plain) {
			t.Errorf("%#v ends with %d, want %d", tt.err, got, tt.want)
		}
	}
	if noRun(nil) != nil || (exitError{code: 1}).Error() != "" {
		t.Error("no error is one")
	}
}

func TestPatience(t *testing.T) {
	if defaultPatience.String() != "5m" || patience(90*time.Second).String() != "1m30s" || patience(0).String() != "" {
		t.Error(defaultPatience, patience(90*time.Second))
	}
	var p patience
	if p.Set("90s") != nil || time.Duration(p) != 90*time.Second || p.Set("-1s") == nil || p.Set("0") == nil {
		t.Error(p)
	}
}

func TestConsoleOfAFile(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	cmd := &cobra.Command{}
	cmd.SetIn(null)
	if consoleOf(cmd).terminal {
		t.Error("the null device is taken for a terminal")
	}
}

// unconnected is a cluster that nothing is asked of.
func unconnected(t *testing.T) *kube.Cluster {
	t.Helper()
	cluster, err := kube.Connect(t.Context(), &rest.Config{Host: "https://192.0.2.10"}, kube.Target{Context: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}
