package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/vms"
)

var update = flag.Bool("update", false, "write the generated parts of README.md anew (make generate)")

// TestReadmeTables holds the generated parts of the README to the tables that the program itself reads.
func TestReadmeTables(t *testing.T) {
	before, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	after := between(t, string(before), "keys", keyTable())
	after = between(t, after, "permissions", permissionTable())
	if after == string(before) {
		return
	}
	if !*update {
		t.Fatal("README.md is behind the tables of the program: run make generate")
	}
	if err := os.WriteFile("README.md", []byte(after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// between replaces what stands between the marks of a name.
func between(t *testing.T, text, name, table string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "<!-- "+name)
	if !ok {
		t.Fatalf("README.md has no mark %s", name)
	}
	head := text[:len(text)-len(rest)]
	mark, rest, ok := strings.Cut(rest, "-->\n")
	_, tail, ok2 := strings.Cut(rest, "<!-- /"+name+" -->")
	if !ok || !ok2 {
		t.Fatalf("README.md: the mark %s is not closed", name)
	}
	return head + mark + "-->\n" + table + "<!-- /" + name + " -->" + tail
}

func keyTable() string {
	var b strings.Builder
	b.WriteString("| key | action | |\n|---|---|---|\n")
	for _, a := range vm.Actions() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", code(a.Key), a.Title, a.Help)
	}
	b.WriteString("\n| key | | |\n|---|---|---|\n")
	glyphs := theme.New(theme.Options{}).Glyphs
	for _, group := range [][]keys.Binding{vms.Bindings(), table.Bindings(), deck.Bindings(), shell.Bindings()} {
		for _, binding := range group {
			names := make([]string, len(binding.Keys))
			for i, k := range binding.Keys {
				names[i] = code(keys.Pretty(k, glyphs))
			}
			if len(names) > 3 {
				names = []string{names[0], "…", names[len(names)-1]}
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.Join(names, " "), binding.Label, binding.Help)
		}
	}
	return b.String()
}

// permissionTable says what every action needs and which roles of the catalogue grant it, by evaluating their rules.
func permissionTable() string {
	var b strings.Builder
	roles := []string{rbac.RoleAdmin, rbac.RolePowerUser, rbac.RoleUser, rbac.RoleViewer}
	b.WriteString("| action | needs |")
	for _, role := range roles {
		fmt.Fprintf(&b, " %s |", strings.TrimPrefix(role, "spectro-vm-"))
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(roles)) + "\n")
	for _, need := range binding.Needs() {
		texts := make([]string, len(need.Perms))
		for i, p := range need.Perms {
			texts[i] = code(p.String())
		}
		fmt.Fprintf(&b, "| %s | %s |", need.Title, strings.Join(texts, ", "))
		granting := rbac.Granting(need.Perms...)
		for _, role := range roles {
			mark := " "
			for _, g := range granting {
				if g == role {
					mark = " ✓ "
				}
			}
			fmt.Fprintf(&b, "%s|", mark)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}
