package templates

import (
	"cmp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"vmdeck.dev/vmdeck/kube/template"
)

// paths are where in a manifest the fields stand that problems name as the form does.
var paths = map[string]string{
	template.FieldName: "metadata.name", template.FieldNamespace: "metadata.namespace", template.FieldLabels: "metadata.labels", template.FieldStart: "spec.runStrategy",
	template.FieldCPU: "spec.template.spec.domain.cpu", template.FieldMemory: "spec.template.spec.domain.memory",
}

// placed finds the line of a manifest that a problem with a field is about; 0 where that is not known.
func placed(manifest, field string) int { return lineOf(manifest, cmp.Or(paths[field], field)) }

// lineOf finds the line, from 1, that a field of a manifest stands in, or the nearest above that there is; 0 where that is not known.
// Paths are as the API server writes them: spec.template.spec.volumes[1].name.
func lineOf(manifest, path string) int {
	var doc yaml.Node
	if path == "" || yaml.Unmarshal([]byte(manifest), &doc) != nil || len(doc.Content) == 0 {
		return 0
	}
	node, line := doc.Content[0], 0
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		next, at := child(node, step)
		if next == nil {
			break
		}
		node, line = next, at
	}
	return line
}

// child is a value of a map or list, and the line where it begins.
func child(node *yaml.Node, step string) (*yaml.Node, int) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i+1], node.Content[i].Line
			}
		}
	case yaml.SequenceNode:
		if n, err := strconv.Atoi(step); err == nil && n >= 0 && n < len(node.Content) {
			return node.Content[n], node.Content[n].Line
		}
	}
	return nil, 0
}
