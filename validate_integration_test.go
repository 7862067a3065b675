package main

import (
	"encoding/json"
	"testing"

	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/kube/kubetest"
)

// TestIntegrationC7Validate: the command ends as the report says, whoever runs it, and says who that was.
func TestIntegrationC7Validate(t *testing.T) {
	for identity, code := range map[string]int{"cluster-admin": 0, "vm-admin": 0, "viewer": 0, "namespace-only": 0, "nobody": 1} {
		out, err := vmdeck(t, "validate", "--kubeconfig", kubetest.Kubeconfig(t), "--context", identity, "-o", "json")
		got := 0
		if err != nil {
			got = exitCode(err)
		}
		var report struct {
			Verdict check.Verdict
			User    struct{ Name string }
			Results []struct{ ID string }
		}
		if jsonErr := json.Unmarshal([]byte(out), &report); jsonErr != nil || got != code || report.User.Name != identity || len(report.Results) < len(check.Checks()) {
			t.Errorf("%s: code %d, want %d, as %s, %d results: %v", identity, got, code, report.User.Name, len(report.Results), err)
		}
		if (report.Verdict == check.Fail) != (code == 1) {
			t.Errorf("%s: %s with code %d", identity, report.Verdict, got)
		}
	}
	out, err := vmdeck(t, "validate", "--kubeconfig", kubetest.Kubeconfig(t), "--context", "cluster-admin", "--as", "nobody", "--only", "access", "-n", kubetest.Namespace)
	if exitCode(err) != 1 {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}
