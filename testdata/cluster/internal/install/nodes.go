package install

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck/testdata/cluster/internal/state"
)

// nodeCount is the number of simulated nodes: enough for a migration to have a choice.
const nodeCount = 3

// nodes makes the nodes and on each the virt-handler pod by which virt-api finds the node's virt-handler
// (client-go/kubecli/handler.go, getVirtHandler). All three are the simulator, on this machine.
func (i *Installer) nodes(ctx context.Context) error {
	for n := 1; n <= nodeCount; n++ {
		node := node(n)
		if _, err := i.kube.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("cannot make node %s: %w", node.Name, err)
		}
		pod := handlerPod(node.Name)
		made, err := i.kube.CoreV1().Pods(pod.Namespace).Create(ctx, pod, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("cannot make virt-handler's pod on %s: %w", node.Name, err)
		}
		made.Status = pod.Status
		if _, err := i.kube.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, made, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("cannot write the status of virt-handler's pod on %s: %w", node.Name, err)
		}
	}
	return nil
}

// node is a machine of 64 CPUs with what virt-handler's labeller would write on it. It lacks the heartbeat annotation on
// purpose: where there is one it must be renewed (pkg/virt-controller/watch/node/node.go).
func node(n int) *corev1.Node {
	name := fmt.Sprintf("node-%d", n)
	now := metav1.Now()
	capacity := corev1.ResourceList{
		corev1.ResourceCPU:                     resource.MustParse("64"),
		corev1.ResourceMemory:                  resource.MustParse("512Gi"),
		corev1.ResourceEphemeralStorage:        resource.MustParse("2Ti"),
		corev1.ResourcePods:                    resource.MustParse("500"),
		corev1.ResourceHugePagesPrefix + "2Mi": resource.MustParse("64Gi"),
	}
	for _, device := range []corev1.ResourceName{"devices.kubevirt.io/kvm", "devices.kubevirt.io/tun", "devices.kubevirt.io/vhost-net", "devices.kubevirt.io/vhost-vsock"} {
		capacity[device] = resource.MustParse("1k")
	}
	ready := func(kind corev1.NodeConditionType, status corev1.ConditionStatus, reason, message string) corev1.NodeCondition {
		return corev1.NodeCondition{Type: kind, Status: status, Reason: reason, Message: message, LastHeartbeatTime: now, LastTransitionTime: now}
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: name,
			Labels: map[string]string{
				corev1.LabelHostname:                                  name,
				corev1.LabelArchStable:                                "amd64",
				corev1.LabelOSStable:                                  "linux",
				corev1.LabelTopologyZone:                              fmt.Sprintf("zone-%c", 'a'+n-1),
				corev1.LabelTopologyRegion:                            "demo",
				"node-role.kubernetes.io/worker":                      "",
				virtv1.CPUManager:                                     "true", // dedicated CPUs, as the cx1 instance types want them
				virtv1.NodeSchedulable:                                "true",
				virtv1.CPUModelVendorLabel + "AMD":                    "true",
				virtv1.CPUModelLabel + "EPYC":                         "true",
				virtv1.HostModelCPULabel + "EPYC":                     "true",
				virtv1.SupportedHostModelMigrationCPU + "EPYC":        "true",
				virtv1.SupportedMachineTypeLabel + "q35":              "true",
				virtv1.SupportedMachineTypeLabel + "pc-q35-rhel9.6.0": "true",
				virtv1.HypervLabel + "base":                           "true",
				virtv1.HypervLabel + "frequencies":                    "true",
				virtv1.HypervLabel + "ipi":                            "true",
				virtv1.HypervLabel + "reenlightenment":                "true",
				virtv1.HypervLabel + "reset":                          "true",
				virtv1.HypervLabel + "runtime":                        "true",
				virtv1.HypervLabel + "synic":                          "true",
				virtv1.HypervLabel + "synic2":                         "true",
				virtv1.HypervLabel + "synictimer":                     "true",
				virtv1.HypervLabel + "time":                           "true",
				virtv1.HypervLabel + "tlbflush":                       "true",
				virtv1.HypervLabel + "vpindex":                        "true",
			},
		},
		Spec: corev1.NodeSpec{PodCIDR: fmt.Sprintf("10.244.%d.0/18", (n-1)*64)},
		Status: corev1.NodeStatus{
			Capacity: capacity, Allocatable: capacity,
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: fmt.Sprintf("192.168.100.%d", 10+n)},
				{Type: corev1.NodeHostName, Address: name},
			},
			Conditions: []corev1.NodeCondition{
				ready(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
				ready(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
				ready(corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status"),
			},
			NodeInfo: corev1.NodeSystemInfo{
				KubeletVersion: "v1.33.13", Architecture: "amd64", OperatingSystem: "linux",
				OSImage: "vmdeck simulated node", KernelVersion: "6.12.0", ContainerRuntimeVersion: "simulated://1.0",
			},
		},
	}
}

func handlerPod(node string) *corev1.Pod {
	now := metav1.Now()
	image := "quay.io/kubevirt/virt-handler:" + state.KubeVirtVersion
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: "virt-handler-" + node, Namespace: state.KubeVirtNamespace,
			Labels: map[string]string{virtv1.AppLabel: "virt-handler"},
		},
		Spec: corev1.PodSpec{
			NodeName:   node,
			Containers: []corev1.Container{{Name: "virt-handler", Image: image}},
		},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, StartTime: &now,
			PodIP: state.Host, PodIPs: []corev1.PodIP{{IP: state.Host}},
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: now}},
			ContainerStatuses: []corev1.ContainerStatus{{
				Name: "virt-handler", Image: image, Ready: true,
				State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
			}},
		},
	}
}
