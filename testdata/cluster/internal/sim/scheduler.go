package sim

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	schedulinghelpers "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
)

// Why a node does not take a pod, in kube-scheduler's words: users know them from real clusters.
const (
	notSchedulable = "node(s) were unschedulable"
	notAffine      = "node(s) didn't match Pod's node affinity/selector"
	antiAffine     = "node(s) didn't match pod anti-affinity rules"
)

// schedule binds a pod to the node with the fewest launchers among those that take it, or writes on it why none does.
func (s *Simulator) schedule(ctx context.Context, pod *corev1.Pod) error {
	s.mu.Lock()
	defer s.mu.Unlock() // one pod after the other, or two would take the same place
	nodes := make([]*corev1.Node, 0, 3)
	for _, o := range s.nodes.GetStore().List() {
		nodes = append(nodes, o.(*corev1.Node))
	}
	name, message := choose(pod, nodes, s.placed())
	if name == "" {
		return s.unschedulable(ctx, pod, message)
	}
	err := s.kube.CoreV1().Pods(pod.Namespace).Bind(ctx, &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace, UID: pod.UID},
		Target:     corev1.ObjectReference{Kind: "Node", Name: name},
	}, metav1.CreateOptions{})
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return nil // bound before, or gone; the informer will tell
	}
	if err != nil {
		return err
	}
	s.assumed[string(pod.UID)] = name
	s.events.Eventf(pod, corev1.EventTypeNormal, "Scheduled", "Successfully assigned %s/%s to %s", pod.Namespace, pod.Name, name)
	return nil
}

// placed are the pods that take up room, by node, including those just bound.
func (s *Simulator) placed() map[string][]*corev1.Pod {
	out := map[string][]*corev1.Pod{}
	for _, o := range s.pods.GetStore().List() {
		p := o.(*corev1.Pod)
		node := p.Spec.NodeName
		if node != "" {
			delete(s.assumed, string(p.UID))
		} else {
			node = s.assumed[string(p.UID)]
		}
		if node != "" && p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed {
			out[node] = append(out[node], p)
		}
	}
	return out
}

// choose a node for a pod; without one, the message says why in kube-scheduler's form.
func choose(pod *corev1.Pod, nodes []*corev1.Node, placed map[string][]*corev1.Pod) (node, message string) {
	reasons := map[string]int{}
	for _, n := range nodes {
		if why := refusal(pod, n, placed[n.Name]); why != "" {
			reasons[why]++
			continue
		}
		if node == "" || len(placed[n.Name]) < len(placed[node]) || len(placed[n.Name]) == len(placed[node]) && n.Name < node {
			node = n.Name
		}
	}
	if node != "" {
		return node, ""
	}
	var parts []string
	for why, count := range reasons {
		parts = append(parts, fmt.Sprintf("%d %s", count, why))
	}
	slices.Sort(parts)
	return "", fmt.Sprintf("0/%d nodes are available: %s. preemption: 0/%d nodes are available: %d Preemption is not helpful for scheduling.",
		len(nodes), strings.Join(parts, ", "), len(nodes), len(nodes))
}

// refusal is the reason for which a node does not take a pod, or "".
func refusal(pod *corev1.Pod, node *corev1.Node, here []*corev1.Pod) string {
	if node.Spec.Unschedulable {
		return notSchedulable
	}
	if taint, bad := schedulinghelpers.FindMatchingUntoleratedTaint(node.Spec.Taints, pod.Spec.Tolerations, func(t *corev1.Taint) bool {
		return t.Effect == corev1.TaintEffectNoSchedule || t.Effect == corev1.TaintEffectNoExecute
	}); bad {
		return fmt.Sprintf("node(s) had untolerated taint {%s: %s}", taint.Key, taint.Value)
	}
	if ok, err := nodeaffinity.GetRequiredNodeAffinity(pod).Match(node); err != nil || !ok {
		return notAffine
	}
	if repelled(pod, here) {
		return antiAffine
	}
	for _, r := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		used := requested(pod, r)
		for _, p := range here {
			used.Add(requested(p, r))
		}
		if free := node.Status.Allocatable[r]; used.Cmp(free) > 0 {
			return "Insufficient " + string(r)
		}
	}
	return ""
}

// repelled says whether the pod wants to keep away from one that is here already: that is how a migration's target pod
// stays off its source's node (pkg/virt-controller/watch/migration/migration.go, createMigrationPodAntiAffinityRule).
func repelled(pod *corev1.Pod, here []*corev1.Pod) bool {
	if pod.Spec.Affinity == nil || pod.Spec.Affinity.PodAntiAffinity == nil {
		return false
	}
	for _, term := range pod.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution {
		selector, err := metav1.LabelSelectorAsSelector(term.LabelSelector)
		if err != nil || term.TopologyKey != corev1.LabelHostname {
			continue
		}
		for _, p := range here {
			if p.UID != pod.UID && p.Namespace == pod.Namespace && selector.Matches(labels.Set(p.Labels)) {
				return true
			}
		}
	}
	return false
}

func requested(p *corev1.Pod, r corev1.ResourceName) (sum resource.Quantity) {
	for _, c := range p.Spec.Containers {
		if q, ok := c.Resources.Requests[r]; ok {
			sum.Add(q)
		}
	}
	return sum
}

// unschedulable is what kube-scheduler writes; virt-controller copies the condition to the VMI.
func (s *Simulator) unschedulable(ctx context.Context, pod *corev1.Pod, message string) error {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Message == message {
			return nil
		}
	}
	pod = pod.DeepCopy()
	setPodCondition(pod, corev1.PodCondition{
		Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable,
		Message: message, LastTransitionTime: metav1.Now(),
	})
	if _, err := s.kube.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, pod, metav1.UpdateOptions{}); err != nil {
		return err
	}
	s.events.Event(pod, corev1.EventTypeWarning, "FailedScheduling", message)
	return nil
}

func setPodCondition(pod *corev1.Pod, c corev1.PodCondition) {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == c.Type {
			pod.Status.Conditions[i] = c
			return
		}
	}
	pod.Status.Conditions = append(pod.Status.Conditions, c)
}
