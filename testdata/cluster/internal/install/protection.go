package install

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// protectLabel is the label of KubeVirt's documentation for VMs that must not be deleted.
const protectLabel = "kubevirt.io/vm-delete-protection"

// deleteProtection refuses the deletion of a VM that carries the label. KubeVirt leaves this to the cluster's
// administrator, who installs such a policy.
func deleteProtection() []runtime.Object {
	const name = "vm-delete-protection"
	version := admissionv1.SchemeGroupVersion.String()
	fail, equivalent, invalid := admissionv1.Fail, admissionv1.Equivalent, metav1.StatusReasonForbidden
	return []runtime.Object{
		&admissionv1.ValidatingAdmissionPolicy{
			TypeMeta:   metav1.TypeMeta{APIVersion: version, Kind: "ValidatingAdmissionPolicy"},
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: admissionv1.ValidatingAdmissionPolicySpec{
				FailurePolicy: &fail,
				MatchConstraints: &admissionv1.MatchResources{
					MatchPolicy: &equivalent,
					ResourceRules: []admissionv1.NamedRuleWithOperations{{RuleWithOperations: admissionv1.RuleWithOperations{
						Operations: []admissionv1.OperationType{admissionv1.Delete},
						Rule:       admissionv1.Rule{APIGroups: []string{"kubevirt.io"}, APIVersions: []string{"*"}, Resources: []string{"virtualmachines"}},
					}}},
				},
				Validations: []admissionv1.Validation{{
					Expression: `!has(oldObject.metadata.labels) || !("` + protectLabel + `" in oldObject.metadata.labels) || ` +
						`oldObject.metadata.labels["` + protectLabel + `"].lowerAscii() != "true"`,
					MessageExpression: `"VirtualMachine " + oldObject.metadata.name + " is protected from deletion by its label ` + protectLabel + `"`,
					Message:           "the VirtualMachine is protected from deletion by its label " + protectLabel,
					Reason:            &invalid,
				}},
			},
		},
		&admissionv1.ValidatingAdmissionPolicyBinding{
			TypeMeta:   metav1.TypeMeta{APIVersion: version, Kind: "ValidatingAdmissionPolicyBinding"},
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
				PolicyName: name, ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny},
			},
		},
	}
}
