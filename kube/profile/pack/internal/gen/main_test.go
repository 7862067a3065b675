package main

import (
	"bytes"
	"os"
	"testing"
)

func TestRolesOnDiskAreCurrent(t *testing.T) {
	want, err := manifest()
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../../" + target)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is not what package rbac says: run go generate ./kube/profile/pack", target)
	}
}
