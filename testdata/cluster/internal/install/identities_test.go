package install

import (
	"os"
	"strings"
	"testing"
)

func TestPersonasHaveEveryRoleThatIsBound(t *testing.T) {
	data, err := os.ReadFile("../../personas.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := clusterRoles(data); err != nil {
		t.Error(err)
	}
	without := strings.ReplaceAll(string(data), "name: spectro-vm-viewer", "name: somebody")
	if _, err := clusterRoles([]byte(without)); err == nil || !strings.Contains(err.Error(), "spectro-vm-viewer") {
		t.Errorf("a missing role: %v", err)
	}
}
