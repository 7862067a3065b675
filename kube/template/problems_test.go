package template

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What the server says about a field of the manifest is shown at the field of the form that it comes from.
func TestProblemsOfTheServer(t *testing.T) {
	var causes []metav1.StatusCause
	var want []Problem
	for _, c := range []struct{ path, field string }{
		{"metadata.name", FieldName}, {"metadata.namespace", FieldNamespace}, {"spec.template.spec.domain.cpu.cores", FieldCPU},
		{"spec.template.spec.domain.resources.limits.cpu", FieldCPU}, {"spec.template.spec.domain.memory.guest", FieldMemory},
		{"spec.template.spec.domain.resources.requests.memory", FieldMemory}, {"metadata.labels", FieldLabels}, {"spec.runStrategy", FieldStart},
		{"spec.template.spec.networks[0].name", "spec.template.spec.networks[0].name"},
	} {
		causes = append(causes, metav1.StatusCause{Type: metav1.CauseTypeFieldValueInvalid, Field: c.path, Message: "it is wrong."})
		want = append(want, Problem{c.field, "it is wrong."})
	}
	err := &apierrors.StatusError{ErrStatus: metav1.Status{Code: 422, Details: &metav1.StatusDetails{Causes: append(causes, metav1.StatusCause{Type: metav1.CauseTypeUnexpectedServerResponse, Message: "x"})}}}
	if got := Problems(fmt.Errorf("make a/b: %w", explained{"sentence", err})); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	unknown := &apierrors.StatusError{ErrStatus: metav1.Status{Code: 400, Message: `VmTemplate in version "v1" cannot be handled as a VmTemplate: strict decoding error: unknown field "spec.bogus", unknown field "spec.template.x"`}}
	if got := Problems(unknown); len(got) != 2 || got[0] != (Problem{"spec.bogus", "the server does not know this field."}) || got[1].Field != "spec.template.x" {
		t.Errorf("of fields that are not known: %v", got)
	}
	if got := Problems(errors.New("no answer")); got != nil {
		t.Errorf("of another error: %v", got)
	}
}
