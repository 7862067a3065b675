package state

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Identity is somebody who can log in with a static token (kube-apiserver's --token-auth-file).
type Identity struct {
	// Context is the name in the kubeconfig; empty for the cluster's own programs, which get a kubeconfig of their own.
	Context   string
	User      string
	Groups    []string
	Namespace string
}

// DemoNamespace is where the namespaced identities are at home.
const DemoNamespace = "team-a"

// KubeVirtNamespace is where KubeVirt's own objects are.
const KubeVirtNamespace = "kubevirt"

// CurrentContext is the identity one starts as: it may do most things, and is refused enough to show how that looks.
const CurrentContext = "power-user"

// Users of the cluster: one per persona, and the two extremes.
var Users = []Identity{
	{Context: "cluster-admin", User: "cluster-admin", Groups: []string{"system:masters"}},
	{Context: "vm-admin", User: "vm-admin", Namespace: DemoNamespace},
	{Context: "power-user", User: "power-user", Namespace: DemoNamespace},
	{Context: "user", User: "user", Namespace: DemoNamespace},
	{Context: "viewer", User: "viewer", Namespace: DemoNamespace},
	{Context: "namespace-only", User: "namespace-only", Namespace: DemoNamespace},
	{Context: "nobody", User: "nobody", Namespace: DemoNamespace},
}

// Programs of the cluster that talk to its API server, by the part that does. The simulator has two identities: as
// scheduler and kubelet it is Operator, as virt-handler it borrows virt-controller's, because KubeVirt lets only its
// own service accounts write a VMI's status (pkg/virt-api/webhooks/validating-webhook/admitters/vmi-update-admitter.go).
var Programs = map[string]Identity{
	Operator:       {User: "system:vmdeck-cluster", Groups: []string{"system:masters"}},
	VirtAPI:        serviceAccount("kubevirt-apiserver"),
	VirtController: serviceAccount("kubevirt-controller"),
}

// Operator is the identity that stands in for virt-operator, scheduler and kubelet.
const Operator = "operator"

func serviceAccount(name string) Identity {
	return Identity{
		User:   "system:serviceaccount:" + KubeVirtNamespace + ":" + name,
		Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + KubeVirtNamespace},
	}
}

// Tokens reads every identity's token, by user name, and makes those that are missing.
func (f *Folder) Tokens() (map[string]string, error) {
	tokens := map[string]string{}
	data, err := os.ReadFile(f.Path("tokens.json"))
	if err == nil {
		err = json.Unmarshal(data, &tokens)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("cannot read the cluster's tokens: %w", err)
	}
	made := false
	for _, id := range allIdentities() {
		if tokens[id.User] == "" {
			b := make([]byte, 16)
			rand.Read(b)
			tokens[id.User], made = hex.EncodeToString(b), true
		}
	}
	if !made {
		return tokens, nil
	}
	data, err = json.MarshalIndent(tokens, "", "  ")
	if err != nil {
		return nil, err
	}
	return tokens, WriteFile(f.Path("tokens.json"), data)
}

func allIdentities() []Identity {
	ids := append([]Identity{}, Users...)
	for _, name := range []string{Operator, VirtAPI, VirtController} {
		ids = append(ids, Programs[name])
	}
	return ids
}

// WriteTokenFile writes what kube-apiserver reads: token, user, uid, "group,group".
func (f *Folder) WriteTokenFile(tokens map[string]string) error {
	var b strings.Builder
	for _, id := range allIdentities() {
		fmt.Fprintf(&b, "%s,%s,%s,%q\n", tokens[id.User], id.User, id.User, strings.Join(id.Groups, ","))
	}
	return WriteFile(f.Path("tokens.csv"), []byte(b.String()))
}
