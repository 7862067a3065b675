package main

import (
	"bytes"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// vmdeck runs the program with arguments and returns what it wrote.
func vmdeck(t *testing.T, args ...string) (out string, err error) {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	var buffer bytes.Buffer
	cmd := root()
	cmd.SetArgs(args)
	cmd.SetOut(&buffer)
	cmd.SetErr(&buffer)
	err = cmd.ExecuteContext(t.Context())
	return buffer.String(), err
}

func TestRightsCommandsRefuseInSentences(t *testing.T) {
	for line, want := range map[string]string{
		"why":                                   "say which action and which VM",
		"why fly team-a/db":                     `there is no action "fly"`,
		"why start db":                          `"db" names no VM`,
		"why start Team/db":                     `"Team/db" names no VM`,
		"why start team-a/":                     `"team-a/" names no VM`,
		"why start team-a/db --as-group x":      "--as-group needs --as",
		"why start a/b --kubeconfig /nowhere":   "there is no kubeconfig at /nowhere",
		"who-can":                               "say which action",
		"who-can fly":                           `there is no action "fly"`,
		"who-can start Team":                    `"Team" cannot be a namespace`,
		"who-can start --kubeconfig /nowhere":   "there is no kubeconfig at /nowhere",
		"roles now":                             "roles takes no arguments",
		"roles -o json":                         "-o json is not known",
		"roles -o yaml --cluster":               "does not go with --cluster",
		"roles --cluster --kubeconfig /nowhere": "there is no kubeconfig at /nowhere",
	} {
		if _, err := vmdeck(t, strings.Fields(line)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("vmdeck %s: %v, want %q", line, err, want)
		}
	}
}

func TestB1RolesTable(t *testing.T) {
	out, err := vmdeck(t, "roles")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 1+len(binding.Needs()) || !strings.HasPrefix(lines[0], "ACTION") {
		t.Fatalf("table\n%s", out)
	}
	for _, line := range lines {
		cells := strings.Fields(line)
		if len(cells) != 1+len(rbac.Catalogue()) {
			t.Errorf("line %q", line)
		}
		// The columns are the roles from the least powerful to the administrator's.
		if want := map[string]string{"start": "- - - yes yes yes", "migrate": "- - - - yes yes", "see": "- - yes yes yes yes"}[cells[0]]; want != "" && strings.Join(cells[1:], " ") != want {
			t.Errorf("line %q, want %s", line, want)
		}
	}
}

func TestB1RolesYAML(t *testing.T) {
	out, err := vmdeck(t, "roles", "-o", "yaml")
	if err != nil {
		t.Fatal(err)
	}
	documents := strings.Split(strings.TrimPrefix(out, "---\n"), "\n---\n")
	if len(documents) != len(rbac.Names()) {
		t.Fatalf("%d documents", len(documents))
	}
	for _, document := range documents {
		var role rbacv1.ClusterRole
		if err := yaml.UnmarshalStrict([]byte(document), &role); err != nil {
			t.Fatal(err)
		}
		if known, ok := rbac.Lookup(role.Name); !ok || len(role.Rules) != len(known.Rules()) || role.Kind != "ClusterRole" {
			t.Errorf("document %s", document)
		}
	}
}

func TestPrintWhy(t *testing.T) {
	needs, _ := binding.FindNeed("migrate")
	denied := binding.Answer{Who: rbac.WhoIs("ali\x1b[2Jce"), Decision: rbac.Deny("team-a", needs.Perms...), Source: binding.Evaluated, Gaps: []string{"You may not list roles."}}
	denied.OnCluster = []rbac.RoleRef{{Kind: rbac.KindClusterRole, Name: "kubevirt.io:migrate"}}
	denied.Bindings = []rbac.BindingRef{{Kind: "RoleBinding", Namespace: "team-a", Name: "devs", RoleKind: "ClusterRole", Role: "edit", Subject: "User alice"}}
	var out strings.Builder
	if err := printWhy(&out, "migrate", "team-a/db", "team-a", denied); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"may not migrate team-a/db: needs update virtualmachines/migrate in team-a.", "Evaluated from roles", "\n  update virtualmachines/migrate (subresources.kubevirt.io)\n",
		"\n  spectro-vm-power-user\n", "\n  ClusterRole kubevirt.io:migrate\n", "\n  RoleBinding team-a/devs → ClusterRole edit (User alice)\n", "Note: You may not list roles.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("a name brought a control sequence onto the terminal")
	}
}

// Who is to launch a VM asks about a namespace: the VM has no name yet.
func TestWhatOf(t *testing.T) {
	for _, tt := range []struct {
		action, target, namespace, name string
		ok                              bool
	}{
		{"start", "team-a/db", "team-a", "db", true}, {"start", "team-a", "", "", false}, {"start", "team-a/", "", "", false},
		{"launch", "team-a", "team-a", "", true}, {"launch", "team-a/db", "team-a", "db", true}, {"launch", "Team A", "", "", false}, {"launch", "team-a/", "", "", false},
	} {
		namespace, name, err := whatOf(tt.action, tt.target)
		if (err == nil) != tt.ok || namespace != tt.namespace || name != tt.name {
			t.Errorf("%s %s: %q %q %v", tt.action, tt.target, namespace, name, err)
		}
	}
}
