package fakeapi

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
)

// Defined is the definition of a custom resource, by its full name such as clusterprofiles.vmdeck.dev: with it the server serves the
// resource.
func Defined(name string) Object {
	return Object{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": map[string]any{"name": name},
		"status": map[string]any{"conditions": []any{map[string]any{"type": "Established", "status": "True"}}}}
}

// Profile is a cluster profile as the cluster has it.
func Profile(p profile.Profile) Object {
	var o Object
	manifest, err := p.Manifest()
	if err == nil {
		err = yaml.Unmarshal(manifest, &o)
	}
	if err != nil {
		panic(fmt.Sprintf("fakeapi: convert the profile %s: %v", p.Ref(), err))
	}
	return o
}

// Release is a revision of a Helm release that a profile made.
type Release struct {
	Namespace, Name string
	Chart, Version  string // of the pack
	Revision        int    // Helm's; 0: 1
	Status          string // Helm's; empty: deployed
	Description     string
	Profile         profile.Ref
	// ProfileRevision is the profile's; 0: Revision.
	ProfileRevision int
	Manifest        string // YAML of what it put on the cluster
	At              time.Time
}

// Object is the secret in which Helm keeps the release, complete enough for Helm to read it.
func (r Release) Object() Object {
	r.Revision = max(r.Revision, 1)
	if r.ProfileRevision == 0 {
		r.ProfileRevision = r.Revision
	}
	if r.Status == "" {
		r.Status = "deployed"
	}
	body := must(json.Marshal(map[string]any{
		"name": r.Name, "namespace": r.Namespace, "version": r.Revision, "manifest": r.Manifest,
		"info":  map[string]any{"status": r.Status, "description": r.Description, "first_deployed": r.At, "last_deployed": r.At},
		"chart": map[string]any{"metadata": map[string]any{"name": r.Chart, "version": r.Version, "apiVersion": "v2"}},
	}))
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_ = must(zip.Write(body))
	_ = must(0, zip.Close())
	return Object{"apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
		"metadata": map[string]any{
			"namespace": r.Namespace, "name": fmt.Sprintf("sh.helm.release.v1.%s.v%d", r.Name, r.Revision),
			"labels": map[string]any{
				"owner": "helm", "name": r.Name, "status": r.Status, "version": strconv.Itoa(r.Revision),
				profile.LabelProfile: r.Profile.Name, profile.LabelVersion: r.Profile.Version, apply.LabelRevision: strconv.Itoa(r.ProfileRevision),
			},
		},
		"data": map[string]any{"release": []byte(base64.StdEncoding.EncodeToString(packed.Bytes()))},
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("fakeapi: make a release: %v", err))
	}
	return value
}
