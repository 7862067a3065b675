package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/rbac"
)

func TestManifestOnDiskIsCurrent(t *testing.T) {
	want, err := manifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		got, err := os.ReadFile("../../" + target)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is stale: run go generate ./rbac", target)
		}
	}
}

func TestManifestReadsBackAsTheCatalogue(t *testing.T) {
	data, err := manifest()
	if err != nil {
		t.Fatal(err)
	}
	docs := strings.Split(string(data), "\n---\n")[1:]
	roles := rbac.Catalogue()
	if len(docs) != len(roles) {
		t.Fatalf("%d documents for %d roles", len(docs), len(roles))
	}
	for i, doc := range docs {
		var got rbacv1.ClusterRole
		if err := yaml.UnmarshalStrict([]byte(doc), &got); err != nil {
			t.Fatalf("document %d: %v", i, err)
		}
		if got.Name != roles[i].Name || len(got.Rules) != len(roles[i].Rules()) {
			t.Errorf("document %d is %s with %d rules, want %s with %d", i, got.Name, len(got.Rules), roles[i].Name, len(roles[i].Rules()))
		}
	}
}
