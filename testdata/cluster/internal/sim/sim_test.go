package sim

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func testNodes() []*corev1.Node {
	var out []*corev1.Node
	for _, name := range []string{"node-1", "node-2", "node-3"} {
		out = append(out, &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelHostname: name}},
			Status:     corev1.NodeStatus{Allocatable: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("8Gi")}},
		})
	}
	return out
}

func testPod(name string, memory string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name), Labels: map[string]string{"vm": "x"}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "compute", Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(memory)},
		}}}},
	}
}

func TestChooseTakesTheEmptiestNode(t *testing.T) {
	placed := map[string][]*corev1.Pod{"node-1": {testPod("a", "1Gi")}, "node-2": {testPod("b", "1Gi"), testPod("c", "1Gi")}}
	if node, message := choose(testPod("p", "1Gi"), testNodes(), placed); node != "node-3" {
		t.Errorf("chose %q: %s", node, message)
	}
}

func TestChooseSaysWhyNoNodeFits(t *testing.T) {
	const help = " preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
	selector := testPod("p", "1Gi")
	selector.Spec.NodeSelector = map[string]string{"accelerator": "gpu"}
	cordoned := testNodes()
	cordoned[0].Spec.Unschedulable = true
	tainted := testNodes()
	for _, n := range tainted {
		n.Spec.Taints = []corev1.Taint{{Key: "kubevirt.io/drain", Value: "draining", Effect: corev1.TaintEffectNoSchedule}}
	}
	for _, c := range []struct {
		name  string
		pod   *corev1.Pod
		nodes []*corev1.Node
		want  string
	}{
		{"selector", selector, testNodes(), "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."},
		{"memory", testPod("p", "9Gi"), testNodes(), "0/3 nodes are available: 3 Insufficient memory."},
		{"taint", testPod("p", "1Gi"), tainted, "0/3 nodes are available: 3 node(s) had untolerated taint {kubevirt.io/drain: draining}."},
		{"mixed", selector, cordoned, "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector."},
	} {
		if node, message := choose(c.pod, c.nodes, nil); node != "" || message != c.want+help {
			t.Errorf("%s: node %q, message %q", c.name, node, message)
		}
	}
}

func TestChooseKeepsMigrationTargetOffItsSource(t *testing.T) {
	target := testPod("target", "1Gi")
	target.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{
			LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"vm": "x"}}, TopologyKey: corev1.LabelHostname,
		}},
	}}
	target.Spec.NodeSelector = map[string]string{corev1.LabelHostname: "node-1"}
	if node, _ := choose(target, testNodes(), map[string][]*corev1.Pod{"node-1": {testPod("source", "1Gi")}}); node != "" {
		t.Errorf("chose the source's node %s", node)
	}
	target.Spec.NodeSelector = map[string]string{corev1.LabelHostname: "node-2"}
	if node, message := choose(target, testNodes(), map[string][]*corev1.Pod{"node-1": {testPod("source", "1Gi")}}); node != "node-2" {
		t.Errorf("chose %q: %s", node, message)
	}
}

func TestSecondsAndEveryReadAnnotations(t *testing.T) {
	for value, want := range map[string]time.Duration{"": time.Second, "2": 2 * time.Second, "0.5": 500 * time.Millisecond, "-1": time.Second, "soon": time.Second} {
		if got := seconds(map[string]string{BootSeconds: value}, BootSeconds, time.Second); got != want {
			t.Errorf("seconds(%q) = %s", value, got)
		}
	}
	for value, want := range map[string]time.Duration{"": 0, "60s": time.Minute, "1s": 0, "often": 0} {
		if got := every(map[string]string{MigrateEvery: value}); got != want {
			t.Errorf("every(%q) = %s", value, got)
		}
	}
}

func TestGuestOSFillsTheVersionIn(t *testing.T) {
	for name, want := range map[string]string{
		"Ubuntu 24.04": "Ubuntu 24.04 LTS", "Windows Server 2019": "Windows Server 2019 Standard",
		"CentOS Stream 9": "CentOS Stream 9", "Plan 9": "Plan 9", "": "Fedora Linux 41 (Cloud Edition)",
	} {
		if got := guestOS(name).PrettyName; got != want {
			t.Errorf("guestOS(%q) = %q", name, got)
		}
	}
}
