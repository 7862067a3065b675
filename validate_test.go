package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/validation"
)

// validate runs the sub-command against a server that knows who one is and serves what pages have.
func validate(t *testing.T, ctx context.Context, pages map[string]string, args ...string) (out string, code int, err error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := pages[r.URL.Path]
		if !ok {
			http.Error(w, "404 page not found", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	content := fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","current-context":"c","contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],
"clusters":[{"name":"c","cluster":{"server":%q}}],"users":[{"name":"u","user":{"token":"t"}}]}`, server.URL)
	if err := os.WriteFile(kubeconfig, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	var buffer, notes bytes.Buffer
	cmd := root()
	cmd.SetArgs(append([]string{"validate", "--kubeconfig", kubeconfig}, args...))
	cmd.SetOut(&buffer)
	cmd.SetErr(&notes)
	if err = cmd.ExecuteContext(ctx); err != nil {
		code = exitCode(err)
	}
	if notes.Len() > 0 {
		t.Errorf("progress went to what is no terminal: %q", notes.String())
	}
	return buffer.String(), code, err
}

const (
	me      = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
	alice   = `{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1","status":{"userInfo":{"username":"alice"}}}`
	noNodes = `{"items":[]}`
	oneNode = `{"items":[{"metadata":{"name":"node-1"}}]}`
)

func TestValidateExitCodes(t *testing.T) {
	node := func(list string) map[string]string { return map[string]string{me: alice, "/api/v1/nodes": list} }
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx   context.Context
		pages map[string]string
		args  string
		code  int
		says  string // of the error
	}{
		"nothing failed":   {t.Context(), node(noNodes), "--only identity.user", 0, ""},
		"a check failed":   {t.Context(), node(noNodes), "--only platform.nodes", 1, ""},
		"a warning":        {t.Context(), node(oneNode), "--only platform.nodes", 0, ""},
		"a warning counts": {t.Context(), node(oneNode), "--only platform.nodes --fail-on warn", 1, ""},
		"no such server":   {t.Context(), nil, "--kubeconfig /nowhere", 2, "there is no kubeconfig"},
		"no such group":    {t.Context(), nil, "--only weather", 2, "--only weather is neither a group nor a check"},
		"no such output":   {t.Context(), nil, "-o pdf", 2, "-o pdf is not known"},
		"no such level":    {t.Context(), nil, "--fail-on pass", 2, "--fail-on pass is not known"},
		"no namespace":     {t.Context(), nil, "-n Team", 2, `"Team" cannot be a namespace`},
		"a group alone":    {t.Context(), nil, "--as-group devs", 2, "--as-group needs --as"},
		"no such flag":     {t.Context(), nil, "--fast", 2, "unknown flag"},
		"an argument":      {t.Context(), nil, "now", 2, "validate takes no arguments"},
		"interrupted":      {cancelled, node(noNodes), "", 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			out, code, err := validate(t, tt.ctx, tt.pages, strings.Fields(tt.args)...)
			if code != tt.code || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("code %d, %v\n%s", code, err, out)
			}
			if code == 1 && err.Error() != "" {
				t.Errorf("what the report says is said again: %v", err)
			}
			if code == 2 && out != "" {
				t.Errorf("half a report: %s", out)
			}
		})
	}
}

// TestValidateUnreachable: a server that is away is no failed check.
func TestValidateUnreachable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(file, []byte(`{"current-context":"c","contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],
"clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:1"}}],"users":[{"name":"u","user":{}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := vmdeck(t, "validate", "--kubeconfig", file); exitCode(err) != 2 || !strings.Contains(err.Error(), "cannot be reached") || out != "" {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestValidateOutputs(t *testing.T) {
	pages := map[string]string{me: alice, "/api/v1/nodes": oneNode}
	for output, valid := range map[string]func(string) error{
		"json": func(s string) error {
			var report struct{ SchemaVersion string }
			err := json.Unmarshal([]byte(s), &report)
			if report.SchemaVersion != check.SchemaVersion {
				return fmt.Errorf("version %q", report.SchemaVersion)
			}
			return err
		},
		"junit":    func(s string) error { return xml.Unmarshal([]byte(s), &struct{ XMLName xml.Name }{}) },
		"markdown": func(s string) error { return mentions(s, "# Validation of c: warn", "| warn | platform.nodes |") },
		"text": func(s string) error {
			return mentions(s, "Validation of c as alice", "One node only can run VMs", "Next")
		},
	} {
		out, _, _ := validate(t, t.Context(), pages, "--only", "platform.nodes", "-o", output)
		if err := valid(out); err != nil {
			t.Errorf("-o %s: %v\n%s", output, err, out)
		}
	}
}

func mentions(s string, words ...string) error {
	for _, word := range words {
		if !strings.Contains(s, word) {
			return fmt.Errorf("%q is missing", word)
		}
	}
	return nil
}

// hostile is a report with text in it that would act on a terminal or read as markup.
func hostile() check.Report {
	name := "x\x1b]0;owned\x07\x1b[31m|`<b>*\nnew"
	long := strings.Repeat("a long word ", 20)
	r := check.Report{Context: name, User: kube.Identity{User: name}, As: &rbac.Who{User: name}, Time: time.Unix(0, 0)}
	for i, v := range check.Verdicts() {
		r.Results = append(r.Results, check.Result{
			ID: "roles.catalogue/" + name, Check: "roles.catalogue", Group: check.Groups()[i], Title: "Catalogue roles", Object: name, Verdict: v, Summary: long + name,
			Evidence: []string{name, long, "3", "4", "5", "6", "7"}, Fix: check.Fix{Text: long, Command: "kubectl delete " + name},
		})
	}
	r.Next = &check.Step{Result: "x", Why: name, Fix: r.Results[0].Fix}
	return r
}

// TestValidateTextIsCalm: 80 columns but for commands, nothing that acts on a terminal, and colours only where asked for.
func TestValidateTextIsCalm(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		for _, styled := range []bool{false, true} {
			var out bytes.Buffer
			if err := writeText(&out, hostile(), theme.New(theme.Options{ASCII: ascii}), styled); err != nil {
				t.Fatal(err)
			}
			plain := theme.Strip(out.String())
			if !styled && plain != out.String() || styled && plain == out.String() {
				t.Errorf("styled %t:\n%q", styled, out.String())
			}
			if text.CleanLines(plain) != plain || strings.Contains(plain, "owned") {
				t.Errorf("not clean:\n%q", plain)
			}
			for _, line := range strings.Split(plain, "\n") {
				if text.Width(line) > 80 && !strings.Contains(line, "$ ") {
					t.Errorf("%d cells: %s", text.Width(line), line)
				}
			}
			if err := mentions(plain, "and 1 more; -o json has all", "1 pass", "1 fail", "1 warn", "1 not permitted", "1 not applicable"); err != nil {
				t.Errorf("%v:\n%s", err, plain)
			}
		}
	}
	var out bytes.Buffer
	if err := validation.WriteMarkdown(&out, hostile()); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(out.String(), "\n") {
		if code := strings.HasPrefix(line, "    "); strings.ContainsRune(line, 0x1b) || !code && strings.Contains(line, "<b>") || strings.Contains(line, "x|") && !code {
			t.Errorf("markup of others: %s", line)
		}
	}
}
