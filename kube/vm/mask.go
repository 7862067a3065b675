package vm

import (
	"encoding/json"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Masked stands in place of what a shared screen or a log should not show.
const Masked = "•••"

// secretKeys are the fields that hold what a guest is set up with, passwords and keys among it (kubevirt.io/api,
// CloudInitNoCloudSource and CloudInitConfigDriveSource).
var secretKeys = []string{"userData", "userDataBase64", "networkData", "networkDataBase64"}

// ignition is the annotation that holds the same for Fedora CoreOS (kubevirt.io/api, IgnitionAnnotation).
const ignition = "kubevirt.io/ignitiondata"

// Mask hides cloud-init data in a manifest, copies of the manifest in its annotations included. A manifest that cannot be read is
// hidden whole: better nothing than a password.
func Mask(manifest string) string {
	if manifest == "" {
		return ""
	}
	var object any
	if err := yaml.Unmarshal([]byte(manifest), &object); err != nil {
		return Masked + "\n"
	}
	hidden, err := yaml.Marshal(maskValue(object))
	if err != nil {
		return Masked + "\n"
	}
	return string(hidden)
}

func maskValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if key == ignition || slices.Contains(secretKeys, key) {
				v[key] = Masked
				continue
			}
			v[key] = maskValue(value)
		}
		return v
	case []any:
		for i := range v {
			v[i] = maskValue(v[i])
		}
		return v
	case string:
		return maskText(v)
	}
	return v
}

// maskText hides the data in a text that holds a manifest itself, as kubectl's last-applied-configuration does.
func maskText(s string) string {
	if !slices.ContainsFunc(append([]string{ignition}, secretKeys...), func(key string) bool { return strings.Contains(s, key) }) {
		return s
	}
	var object map[string]any
	if json.Unmarshal([]byte(s), &object) != nil {
		return Masked
	}
	hidden, err := json.Marshal(maskValue(object))
	if err != nil {
		return Masked
	}
	return string(hidden)
}
