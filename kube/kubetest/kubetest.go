// Package kubetest gives integration tests the real control plane that `make integration` starts (testdata/cluster).
package kubetest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"vmdeck.dev/vmdeck/kube"
)

// Identities are the contexts of the test cluster's kubeconfig: who may do ever less.
func Identities() []string {
	return []string{"cluster-admin", "vm-admin", "power-user", "user", "viewer", "namespace-only", "nobody"}
}

// Namespace is where the identity namespace-only has its rights.
const Namespace = "team-a"

// Kubeconfig returns the path of the test cluster's kubeconfig; the test is skipped where no cluster was started for it.
func Kubeconfig(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("VMDECK_TEST_CLUSTER")
	if dir == "" {
		t.Skip("VMDECK_TEST_CLUSTER is not set: run make integration")
	}
	return filepath.Join(dir, "kubeconfig")
}

// Connect opens the test cluster as one of the Identities.
func Connect(t testing.TB, identity string) *kube.Cluster {
	t.Helper()
	rules := &clientcmd.ClientConfigLoadingRules{ExplicitPath: Kubeconfig(t)}
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: identity})
	config, err := loader.ClientConfig()
	if err != nil {
		t.Fatal(err)
	}
	config.QPS, config.Burst = 200, 400
	namespace, _, err := loader.Namespace()
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := kube.Connect(context.Background(), config, kube.Target{Context: identity, User: identity, Namespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

// Control runs the test cluster's program, as in Control(t, "stop", "apiserver").
func Control(t testing.TB, args ...string) {
	t.Helper()
	program, dir := os.Getenv("VMDECK_TEST_PROGRAM"), filepath.Dir(Kubeconfig(t))
	out, err := exec.Command(program, append(args, "--dir", dir)...).CombinedOutput()
	if err != nil {
		t.Fatalf("cluster %v: %v\n%s", args, err, out)
	}
}

// Await asks until the condition holds, and fails the test when it does not within the limit.
func Await(t testing.TB, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for pause := 20 * time.Millisecond; !condition(); pause = min(pause*2, time.Second) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s in vain for %s", limit, what)
		}
		time.Sleep(pause)
	}
}
