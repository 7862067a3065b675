package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/template/templatetest"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
)

// runTemplate runs a sub-command of template. What is not given is not there: no terminal, no configuration.
func runTemplate(ctx context.Context, in string, args ...string) ran {
	var out, notes bytes.Buffer
	cmd := root()
	cmd.SetArgs(append([]string{"template"}, args...))
	cmd.SetIn(strings.NewReader(in))
	cmd.SetOut(&out)
	cmd.SetErr(&notes)
	r := ran{err: cmd.ExecuteContext(ctx)}
	r.out, r.notes = out.String(), notes.String()
	if r.err != nil {
		r.code = exitCode(r.err)
	}
	return r
}

func TestTemplateRefusesBadCalls(t *testing.T) {
	for line, want := range map[string]string{
		"fly":                                   `there is no "fly" under template; there are`,
		"list alpine":                           "list takes no names: vmdeck template show alpine",
		"list -o xml":                           "-o xml is not known here; there are table, json, yaml, name",
		"list --what":                           "unknown flag: --what",
		"show":                                  "name the template",
		"show a -o wide":                        "-o wide is not known here",
		"deploy alpine":                         "say which template and how the VM is called",
		"deploy alpine a/b/c":                   `"a/b/c" names no VM`,
		"deploy alpine Team/b":                  `"Team/b" names no VM`,
		"deploy alpine a --cpu 0":               `--cpu: "0" is no number of CPUs`,
		"deploy alpine a --cpu two":             `--cpu: "two" is no number of CPUs`,
		"deploy alpine a --label tier":          `--label: "tier" is no label like tier=web`,
		"deploy alpine a --wait --dry-run":      "--wait: nothing is made",
		"deploy alpine a --wait=soon":           `"soon" is no duration`,
		"deploy alpine a -o name":               "-o name is not known here; there are text, json, yaml",
		"deploy alpine a --kubeconfig /nowhere": "there is no kubeconfig at /nowhere",
		"create":                                "name the file of the templates",
		"create x":                              "template create takes its templates from -f FILE",
		"create -f -":                           "there is no template in standard input",
		"create -f /nowhere.yaml":               "read the templates: open /nowhere.yaml",
		"edit":                                  "name the template",
		"delete":                                "name the template",
	} {
		if r := runTemplate(t.Context(), "", strings.Fields(line)...); r.code != exitNoRun || !strings.Contains(r.err.Error(), want) {
			t.Errorf("template %s: code %d, %v, want %q", line, r.code, r.err, want)
		}
	}
	if r := runTemplate(t.Context(), ""); r.err != nil || !strings.Contains(r.out, "Exit codes: 0 done") {
		t.Errorf("vmdeck template: %v\n%s", r.err, r.out)
	}
}

// What was written is kept for the user where it cannot be used, and is gone where nothing was written.
func TestEditorKeepsWhatWasWritten(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("VISUAL", "")
	t.Setenv("EDITOR", "sed -i s/a/b/")
	d, err := openEditor(t.Context(), "x", "a\n")
	if err != nil || d.text != "b\n" {
		t.Fatalf("%q, %v", d.text, err)
	}
	if info, err := os.Stat(d.path); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := d.keep(os.ErrInvalid); !strings.Contains(err.Error(), d.path) {
		t.Error(err)
	}
	if err := d.discard(); err != nil {
		t.Error(err)
	}
	t.Setenv("VISUAL", "false")
	if _, err = openEditor(t.Context(), "x", "a\n"); err == nil || !strings.Contains(err.Error(), "run the editor false: exit status 1; nothing was changed") {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "vmdeck-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// shop runs template commands on the test cluster.
type shop struct {
	*desk
	*testing.T
}

// expect runs a command that ends with a code and says something on one of the ways out.
func (s shop) expect(code int, says, identity, in string, args ...string) ran {
	s.Helper()
	r := runTemplate(s.Context(), in, append(args, "--kubeconfig", s.kubeconfig, "--context", identity)...)
	said := r.out + r.notes
	if r.err != nil {
		said += r.err.Error()
	}
	if r.code != code || !strings.Contains(said, says) {
		s.Fatalf("%s: template %s: code %d, want %d and %q\noutput: %snotes: %serror: %v", identity, strings.Join(args, " "), r.code, code, says, r.out, r.notes, r.err)
	}
	return r
}

func (s shop) machine(name string) (found bool) {
	s.Helper()
	return s.admin.REST(rbac.GroupKubeVirt, "v1").Get().Namespace(kubetest.Namespace).Resource(string(vm.Machines)).Name(name).Do(s.Context()).Error() == nil
}

func newShop(t *testing.T, machines ...string) shop {
	s := shop{newDesk(t), t}
	templatetest.Install(t, s.admin)
	t.Cleanup(func() {
		now := int64(0)
		for _, name := range machines {
			_ = s.admin.REST(rbac.GroupKubeVirt, "v1").Delete().Namespace(kubetest.Namespace).Resource(string(vm.Machines)).Name(name).
				Body(&metav1.DeleteOptions{GracePeriodSeconds: &now}).Do(context.Background()).Error()
		}
	})
	return s
}

// E3: found in the catalogue, looked at, tried, made and running, by sub-commands only.
func TestIntegrationDeployByCommand(t *testing.T) {
	s := newShop(t, "cli-template")
	s.expect(0, "Alpine Linux", "power-user", "", "list")
	if r := s.expect(0, "", "viewer", "", "list", "-o", "name"); r.out != strings.Join(templatetest.Samples(), "\n")+"\n" {
		t.Errorf("names: %q", r.out)
	}
	s.expect(0, "Deploy in default:  yes", "cluster-admin", "", "show", "alpine")
	s.expect(0, "Deploy in team-a:  yes", "power-user", "", "show", "alpine", "-n", "team-a")
	s.expect(0, "Deploy in team-a:  needs create virtualmachines in team-a; roles that grant it: spectro-vm-power-user", "user", "", "show", "alpine", "-n", "team-a")

	deploy := []string{"deploy", "alpine", "team-a/cli-template", "--cpu", "2", "--memory", "1Gi", "--start", "--label", "tier=web"}
	printed := s.expect(0, "vmdeck.dev/template: alpine", "power-user", "", append(deploy, "--print")...)
	if m, problems := template.ParseMachine(printed.out); len(problems) > 0 || m.CPU() != 2 || m.Memory() != 1<<30 || !m.Starts() {
		t.Errorf("printed: %v\n%s", problems, printed.out)
	}
	s.expect(0, "the server would make it from the template alpine", "power-user", "", append(deploy, "--dry-run")...)
	s.expect(1, "vmdeck was started with --read-only", "power-user", "", append(deploy, "--read-only")...)
	if s.machine("cli-template") {
		t.Fatal("a dry run has made a VM")
	}
	r := s.expect(0, "", "power-user", "", append(deploy, "--wait", "-o", "json")...)
	var results vmResults
	read(t, r.out, &results)
	item := s.item(t, "cli-template")
	if got := results.Results[0]; results.Action != "launch" || !results.Waited || got.Result != resultDone || got.UID != item.UID || !strings.Contains(got.Message, "; running after") {
		t.Errorf("results %+v", results)
	}
	if item.Status != vm.StatusRunning || item.CPU != 2 || item.MemoryBytes != 1<<30 || item.Labels["tier"] != "web" {
		t.Errorf("the VM is %+v", item)
	}
	if !strings.Contains(r.notes, "team-a/cli-template: Running") {
		t.Errorf("progress: %s", r.notes)
	}
	s.expect(1, "there is a VM of that name in team-a already", "power-user", "", deploy...)
	log, err := os.ReadFile(filepath.Join(s.state, "vmdeck", "audit.log"))
	if err != nil || !strings.Contains(string(log), `"action":"launch","namespace":"team-a","name":"cli-template","uid":"`+item.UID+`","decision":"allowed","result":"accepted"`) {
		t.Errorf("audit log: %v\n%s", err, log)
	}
}

// B1, B4: refused with the reason, before anything is tried; bad input is told by its flag.
func TestIntegrationDeployRefusedByCommand(t *testing.T) {
	s := newShop(t, "cli-refused")
	for _, identity := range []string{"user", "viewer"} {
		r := s.expect(1, "", identity, "", "deploy", "cirros", "team-a/cli-refused", "-o", "json")
		var results vmResults
		read(t, r.out, &results)
		if got := results.Results[0]; got.Result != resultRefused || len(got.Missing) != 1 || got.Roles[0] != rbac.RolePowerUser || !strings.Contains(r.err.Error(), got.Message) {
			t.Errorf("%s: %+v", identity, got)
		}
	}
	s.expect(1, "roles that grant it: spectro-list-vmtemplates", "nobody", "", "list")
	s.expect(2, `there is no VM template "cirrus"`, "power-user", "", "deploy", "cirrus", "team-a/cli-refused")
	s.expect(1, "there is no namespace team-x", "power-user", "", "deploy", "cirros", "team-x/cli-refused")
	s.expect(2, "write it as in team-a/cli-refused, or give -n", "cluster-admin", "", "deploy", "cirros", "cli-refused")
	s.expect(2, `name: "Cli" cannot be a name`, "power-user", "", "deploy", "cirros", "team-a/Cli")
	s.expect(2, `--memory: "lots" is no amount of memory`, "power-user", "", "deploy", "cirros", "team-a/cli-refused", "--memory", "lots")
	s.expect(2, "add --start", "power-user", "", "deploy", "cirros", "team-a/cli-refused", "--wait")
	if s.machine("cli-refused") {
		t.Error("it was made all the same")
	}
}

// B1: templates are kept by administrators, and by nobody else.
func TestIntegrationKeepTemplatesByCommand(t *testing.T) {
	s := newShop(t)
	const mine = "apiVersion: spectrocloud.com/v1\nkind: VmTemplate\nmetadata: {name: mine}\nspec: {displayName: Mine, template: {spec: {domain: {memory: {guest: 64Mi}, devices: {}}}}}\n"
	s.expect(1, "needs create vmtemplates cluster-wide; roles that grant it: spectro-vm-admin", "power-user", mine, "create", "-f", "-")
	s.expect(0, "The server would make the template mine", "vm-admin", mine, "create", "-f", "-", "--dry-run")
	s.expect(2, `there is no VM template "mine"`, "vm-admin", "", "show", "mine")
	s.expect(0, "The template mine was made.", "vm-admin", mine, "create", "-f", "-")
	s.expect(1, "vmdeck template edit mine changes it", "vm-admin", mine, "create", "-f", "-")

	old := s.expect(0, "displayName: Mine", "vm-admin", "", "show", "mine", "-o", "yaml").out
	yours := strings.Replace(mine, "Mine", "Yours", 1)
	s.expect(2, "add --yes", "vm-admin", yours, "edit", "mine", "-f", "-")
	s.expect(1, "needs update vmtemplates", "power-user", yours, "edit", "mine", "-f", "-", "--yes")
	s.expect(2, "must hold the template mine and no other", "vm-admin", strings.Replace(mine, "mine", "other", 1), "edit", "mine", "-f", "-", "--yes")
	s.expect(2, "an editor needs a terminal", "vm-admin", "", "edit", "mine")
	s.expect(0, "The template mine was changed.", "vm-admin", yours, "edit", "mine", "-f", "-", "--yes")
	s.expect(1, "it was changed since you opened it", "vm-admin", old, "edit", "mine", "-f", "-", "--yes")
	broken := strings.Replace(mine, "devices: {}", "devices: {disks: [{name: nosuch, disk: {}}]}", 1)
	s.expect(0, "Note: try a VM of the template mine in team-a: refused by KubeVirt", "vm-admin", broken, "edit", "mine", "-f", "-", "--dry-run", "-n", "team-a")

	s.expect(2, "add --yes", "vm-admin", "", "delete", "mine")
	s.expect(1, "needs delete vmtemplates", "power-user", "", "delete", "mine", "--yes")
	s.expect(0, "The server would delete the template mine", "vm-admin", "", "delete", "mine", "--dry-run")
	s.expect(0, "Yours", "vm-admin", "", "list")
	s.expect(0, "The template mine was deleted.", "vm-admin", "", "delete", "mine", "--yes")
	templatetest.Remove(t, s.admin)
	s.expect(2, "this cluster does not know VM templates", "vm-admin", mine, "create", "-f", "-")
	s.expect(2, "this cluster does not know VM templates", "viewer", "", "list")
}

func TestIntegrationTemplatesAreCompleted(t *testing.T) {
	s := newShop(t)
	complete := func(args ...string) string {
		var out bytes.Buffer
		cmd := root()
		cmd.SetArgs(append([]string{"__complete", "--kubeconfig", s.kubeconfig, "--context", "power-user", "template"}, args...))
		cmd.SetOut(&out)
		cmd.SetErr(&bytes.Buffer{})
		if err := cmd.ExecuteContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if got := complete("deploy", "al"); got != "alpine\tAlpine Linux\n:4\n" {
		t.Errorf("templates: %q", got)
	}
	if got := complete("deploy", "alpine", "team-"); got != "team-a/\nteam-b/\n:6\n" {
		t.Errorf("namespaces: %q", got)
	}
	if got := complete("show", "alpine", ""); got != ":4\n" {
		t.Errorf("a second name: %q", got)
	}
}
