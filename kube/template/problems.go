package template

import (
	"errors"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// unknownField is how the API server names a field that it would drop (k8s.io/apimachinery pkg/runtime, strict decoding); no cause tells it.
var unknownField = regexp.MustCompile(`unknown field "([^"]+)"`)

// Problems are what the server found wrong with a VM or a template, by field where it names one; nil when the error is of another kind.
func Problems(err error) []Problem {
	if errors.Is(err, ErrExists) {
		return []Problem{{FieldName, "the name is taken."}}
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return nil
	}
	var out []Problem
	for _, found := range unknownField.FindAllStringSubmatch(status.Status().Message, -1) {
		out = append(out, Problem{found[1], "the server does not know this field."})
	}
	if status.Status().Details == nil || len(out) > 0 {
		return out
	}
	for _, cause := range status.Status().Details.Causes {
		if cause.Type != metav1.CauseTypeUnexpectedServerResponse && cause.Message != "" {
			out = append(out, Problem{fieldOf(cause.Field), strings.TrimRight(cause.Message, ".") + "."})
		}
	}
	return out
}

// fieldOf finds the option that a field of the manifest comes from.
func fieldOf(path string) string {
	switch {
	case path == "metadata.name":
		return FieldName
	case path == "metadata.namespace":
		return FieldNamespace
	case strings.HasPrefix(path, "spec.template.spec.domain.cpu"), strings.HasSuffix(path, "resources.requests.cpu"), strings.HasSuffix(path, "resources.limits.cpu"):
		return FieldCPU
	case strings.HasPrefix(path, "spec.template.spec.domain.memory"), strings.HasSuffix(path, "resources.requests.memory"), strings.HasSuffix(path, "resources.limits.memory"):
		return FieldMemory
	case strings.HasPrefix(path, "metadata.labels"):
		return FieldLabels
	case path == "spec.running", path == "spec.runStrategy":
		return FieldStart
	}
	return path
}
