package binding

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/rbac"
)

func someRule(name string) rbac.BindingRule {
	return rbac.BindingRule{
		Name: name, RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser, Namespaces: []string{"/^team-/", "lab"}, Lists: true,
		Subjects: []rbac.Subject{{Kind: rbacv1.UserKind, Name: "alice"}, {Kind: rbacv1.GroupKind, Name: "oidc:devs"}, {Kind: rbacv1.ServiceAccountKind, Namespace: "ci", Name: "bot"}},
	}
}

func mustList(t *testing.T, s Store) []Stored {
	t.Helper()
	rules, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestC4FolderKeepsRules(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rules")
	store := FolderStore(dir)
	if _, err := store.List(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there has no rules: %v", err)
	}
	everywhere := someRule("ops")
	everywhere.ClusterWide, everywhere.Namespaces, everywhere.Lists = true, nil, false
	for _, rule := range []rbac.BindingRule{someRule("devs"), everywhere} {
		saved, err := store.Save(t.Context(), rule, "")
		if err != nil || !reflect.DeepEqual(saved.BindingRule, rule) || saved.Version == "" {
			t.Fatalf("saved %+v: %v", saved, err)
		}
	}
	rules := mustList(t, store)
	if len(rules) != 2 || !reflect.DeepEqual(rules[0].BindingRule, someRule("devs")) || !reflect.DeepEqual(rules[1].BindingRule, everywhere) {
		t.Fatalf("read back %+v", rules)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "devs.yaml"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("mode of %s: %v %v", path, info.Mode(), err)
		}
	}
	if _, err := store.Save(t.Context(), someRule("devs"), ""); !errors.Is(err, ErrExists) {
		t.Errorf("made twice: %v", err)
	}
	changed := someRule("devs")
	changed.RoleName = rbac.RoleViewer
	now, err := store.Save(t.Context(), changed, rules[0].Version)
	if err != nil || now.Version == rules[0].Version {
		t.Fatalf("%+v %v", now, err)
	}
	if _, err := store.Save(t.Context(), someRule("devs"), rules[0].Version); !errors.Is(err, ErrChanged) {
		t.Errorf("saved over a change: %v", err)
	}
	if err := store.Delete(t.Context(), rules[0]); !errors.Is(err, ErrChanged) {
		t.Errorf("deleted what was changed: %v", err)
	}
	if err := errors.Join(store.Delete(t.Context(), now), store.Delete(t.Context(), now)); err != nil {
		t.Errorf("delete, also what is gone: %v", err)
	}
	if _, err := store.Save(t.Context(), changed, now.Version); !errors.Is(err, ErrChanged) {
		t.Errorf("saved what is gone: %v", err)
	}
	if rules := mustList(t, store); len(rules) != 1 {
		t.Errorf("left: %+v", rules)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".vmdeck*")); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}

const twoRules = `# team A
apiVersion: vmdeck.dev/v1alpha1
kind: RoleBindingRule
metadata:
  name: a
  labels: {mine: "yes"}
spec:
  roleRef: {kind: ClusterRole, name: view}
  subjects: [{kind: User, name: ann}]
  namespaces: [team-a]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
--- # team B
# bound everywhere
apiVersion: vmdeck.dev/v1alpha1
kind: RoleBindingRule
metadata: {name: b, uid: x, resourceVersion: "7", managedFields: []}
spec:
  roleRef: {kind: ClusterRole, name: edit}
  subjects: [{kind: Group, name: ops}]
  clusterWide: true`

func TestFolderFileOfSeveralDocuments(t *testing.T) {
	file := filepath.Join(t.TempDir(), "all.yaml")
	if err := os.WriteFile(file, []byte(twoRules), 0o640); err != nil {
		t.Fatal(err)
	}
	store := FolderStore(file)
	rules := mustList(t, store)
	if len(rules) != 2 || rules[0].Name != "a" || rules[1].Name != "b" || !rules[1].ClusterWide || rules[1].UID != "" || rules[0].Err != nil {
		t.Fatalf("%+v", rules)
	}
	rules[0].Namespaces = []string{"team-z"}
	if _, err := store.Save(t.Context(), rules[0].BindingRule, rules[0].Version); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Save(t.Context(), someRule("c"), ""); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	for _, want := range []string{`mine: "yes"`, "team-z", "kind: ConfigMap", "# bound everywhere", "name: c"} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%q is not in\n%s %v", want, data, err)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v %v", info.Mode(), err)
	}
	if err := store.Delete(t.Context(), rules[1]); err != nil {
		t.Error(err)
	}
	if left := mustList(t, store); len(left) != 2 || left[0].Name != "a" || left[1].Name != "c" {
		t.Errorf("%+v", left)
	}
}

// TestStoreBrokenRules: what is wrong with one rule is said, and hides no other.
func TestStoreBrokenRules(t *testing.T) {
	head, rest := "apiVersion: vmdeck.dev/v1alpha1\nkind: RoleBindingRule\nmetadata: {name: x}\n", "spec:\n  roleRef: {kind: ClusterRole, name: view}\n  subjects: [{kind: User, name: ann}]\n  "
	for _, tt := range []struct {
		name, text, err string
		unnamed         bool
	}{
		{"unknown field", head + rest + "namespace: [a]\n", "spec.namespace is not known", false},
		{"other case", head + rest + "Namespaces: [a]\n", "spec.Namespaces is not known", false},
		{"in a subject", head + "spec: {roleRef: {kind: ClusterRole, name: view}, subjects: [{kind: User, nam: ann}], namespaces: [a]}", "spec.subjects.0.nam is not known", false},
		{"a list wanted", head + rest + "namespaces: a\n", "spec.namespaces must be a list", false},
		{"true or false wanted", head + rest + "clusterWide: 'yes'\n", "spec.clusterWide must be true or false", false},
		{"no spec", head, "spec is missing", false},
		{"a text for a spec", head + "spec: all\n", "spec must be a map", false},
		{"a wrong pattern", head + rest + "namespaces: [/a(/]\n", "wrong at character 3", false},
		{"an impossible name", strings.Replace(head, "name: x", "name: x.y", 1) + rest + "namespaces: [a]\n", "wrong at character 2", false},
		{"no name", strings.Replace(head, "{name: x}", "{}", 1) + rest + "namespaces: [a]\n", "metadata.name is missing", true},
		{"another version", strings.Replace(head, "v1alpha1", "v2", 1) + rest + "namespaces: [a]\n", "it is a RoleBindingRule of vmdeck.dev/v2", false},
		{"another kind", strings.Replace(head, "RoleBindingRule", "RolebindingRule", 1) + rest, "it is a RolebindingRule", false},
		{"no version", strings.Replace(head, "apiVersion: vmdeck.dev/v1alpha1\n", "", 1) + rest, "of (nothing)", false},
		{"no YAML", "a: [", "this is no YAML", true},
		{"a key twice", head + head, "this is no YAML", true},
		{"no object", "- a\n- b\n", "the object", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"bad.yaml": tt.text, "good.yaml": twoRules, ".hidden.yaml": "a: [", "notes.txt": "a: ["} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var broken []Stored
			rules := mustList(t, FolderStore(dir))
			for _, r := range rules {
				if r.Err != nil {
					broken = append(broken, r)
				}
			}
			if len(rules) != 3 || len(broken) != 1 || broken[0].Unnamed != tt.unnamed || !strings.Contains(broken[0].Err.Error(), tt.err) || !strings.Contains(broken[0].Err.Error(), "bad.yaml") {
				t.Errorf("%d rules, broken %+v", len(rules), broken)
			}
		})
	}
}

func TestFolderRuleInTwoPlaces(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"one.yaml", "two.yml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(twoRules), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store := FolderStore(dir)
	rules := mustList(t, store)
	if len(rules) != 2 || rules[0].Err == nil || !strings.Contains(rules[0].Err.Error(), "two.yml") || rules[0].Unnamed {
		t.Errorf("%+v", rules)
	}
	if _, err := store.Save(t.Context(), someRule("a"), "x"); err == nil || !strings.Contains(err.Error(), "more than once") {
		t.Error(err)
	}
}

func TestStoreListOfObjects(t *testing.T) {
	var a, b map[string]any
	for i, target := range []*map[string]any{&a, &b} {
		text, err := Manifest(someRule([]string{"a", "b"}[i]))
		if err == nil {
			err = yaml.Unmarshal(text, target)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err := yaml.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": []any{a, b}})
	if err != nil {
		t.Fatal(err)
	}
	rules := DecodeRules(text, "standard input")
	if len(rules) != 2 || !reflect.DeepEqual(rules[1].BindingRule, someRule("b")) {
		t.Errorf("%+v", rules)
	}
	file := filepath.Join(t.TempDir(), "list.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	store := FolderStore(file)
	if _, err := store.Save(context.Background(), someRule("b"), mustList(t, store)[1].Version); err == nil || !strings.Contains(err.Error(), "part of a list") {
		t.Error(err)
	}
}
