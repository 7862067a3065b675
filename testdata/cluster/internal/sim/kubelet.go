package sim

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	virtv1 "kubevirt.io/api/core/v1"
)

// syncPod is scheduler and kubelet for one pod.
func (s *Simulator) syncPod(ctx context.Context, key string) (time.Duration, error) {
	o, ok, err := s.pods.GetStore().GetByKey(key)
	if err != nil || !ok {
		return 0, err
	}
	pod := o.(*corev1.Pod)
	switch {
	case pod.DeletionTimestamp != nil:
		return 0, s.terminate(ctx, pod)
	case pod.Spec.NodeName == "":
		return 0, s.schedule(ctx, pod)
	case pod.Status.Phase == corev1.PodPending:
		return 0, s.startPod(ctx, pod)
	case pod.Status.Phase == corev1.PodRunning && pod.Labels[virtv1.AppLabel] == "virt-launcher":
		return 0, s.endLauncher(ctx, pod)
	}
	return 0, nil
}

// startPod pulls no image and runs nothing, but says so as a kubelet does. virt-controller wants all containers ready
// (pkg/controller/controller.go, IsPodReady), and for a migration an image with a digest
// (pkg/virt-controller/services/template.go).
func (s *Simulator) startPod(ctx context.Context, pod *corev1.Pod) error {
	pod = pod.DeepCopy()
	now := metav1.Now()
	ip := s.address(pod)
	st := &pod.Status
	st.Phase, st.StartTime = corev1.PodRunning, &now
	st.PodIP, st.PodIPs = ip, []corev1.PodIP{{IP: ip}}
	if n, ok, _ := s.nodes.GetStore().GetByKey(pod.Spec.NodeName); ok {
		for _, a := range n.(*corev1.Node).Status.Addresses {
			if a.Type == corev1.NodeInternalIP {
				st.HostIP, st.HostIPs = a.Address, []corev1.HostIP{{IP: a.Address}}
			}
		}
	}
	for _, kind := range []corev1.PodConditionType{corev1.PodScheduled, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady} {
		setPodCondition(pod, corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: now})
	}
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}}
	st.ContainerStatuses, st.InitContainerStatuses = nil, nil
	for _, c := range pod.Spec.Containers {
		st.ContainerStatuses = append(st.ContainerStatuses, containerStatus(pod, c, running))
	}
	for _, c := range pod.Spec.InitContainers {
		how := running // a side-car keeps running
		if c.RestartPolicy == nil || *c.RestartPolicy != corev1.ContainerRestartPolicyAlways {
			how = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Completed", StartedAt: now, FinishedAt: now}}
		}
		st.InitContainerStatuses = append(st.InitContainerStatuses, containerStatus(pod, c, how))
	}
	_, err := s.kube.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, pod, metav1.UpdateOptions{})
	return err
}

func containerStatus(pod *corev1.Pod, c corev1.Container, how corev1.ContainerState) corev1.ContainerStatus {
	digest := sha256.Sum256([]byte(c.Image))
	repo := c.Image
	if at := strings.LastIndex(repo, ":"); at > strings.LastIndex(repo, "/") {
		repo = repo[:at]
	}
	if at := strings.Index(c.Image, "@"); at >= 0 {
		repo = c.Image[:at]
	}
	id := fmt.Sprintf("%s@sha256:%x", repo, digest)
	if strings.Contains(c.Image, "@sha256:") {
		id = c.Image
	}
	return corev1.ContainerStatus{
		Name: c.Name, Image: c.Image, ImageID: id, ContainerID: fmt.Sprintf("simulated://%s-%s", pod.UID, c.Name),
		Ready: true, Started: ptr.To(how.Running != nil), State: how,
	}
}

// address gives a pod an address of its node's range that no other pod has. It starts looking at a place that depends on
// the pod, so it hardly ever looks twice.
func (s *Simulator) address(pod *corev1.Pod) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var node int
	fmt.Sscanf(pod.Spec.NodeName, "node-%d", &node)
	h := fnv.New32a()
	h.Write([]byte(pod.UID))
	for start, i := h.Sum32(), uint32(0); ; i++ {
		n := (start + i) % (64 * 254)
		ip := fmt.Sprintf("10.244.%d.%d", uint32(max(node-1, 0)%4)*64+n/254, 1+n%254)
		if len(s.podsBy(podsByIP, ip)) > 0 {
			delete(s.givenIP, ip) // the informer knows it by now
			continue
		}
		if owner, given := s.givenIP[ip]; given && owner != string(pod.UID) {
			continue
		}
		s.givenIP[ip] = string(pod.UID)
		return ip
	}
}

// terminate removes a pod that is being deleted once nothing in it runs. As long as it holds its VMI's guest, the guest
// is to shut down first (syncVMI does that): a pod that vanishes under a guest makes the VMI fail.
func (s *Simulator) terminate(ctx context.Context, pod *corev1.Pod) error {
	if pod.Labels[virtv1.AppLabel] == "virt-launcher" && pod.Status.Phase == corev1.PodRunning {
		holds, err := s.holdsGuest(ctx, pod)
		if err != nil || holds {
			return err
		}
	}
	err := s.kube.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: ptr.To[int64](0), Preconditions: metav1.NewUIDPreconditions(string(pod.UID)),
	})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// endLauncher lets virt-launcher end when its guest is gone: shut down, or migrated away.
func (s *Simulator) endLauncher(ctx context.Context, pod *corev1.Pod) error {
	if s.inUse(s.vmi(vmiKeyOf(pod)), pod) {
		return nil
	}
	// The cache may be behind; ending the wrong launcher would be final.
	vmi, err := s.liveVMI(ctx, pod)
	if err != nil || s.inUse(vmi, pod) {
		return err
	}
	pod = pod.DeepCopy()
	failed := vmi != nil && vmi.Status.Phase == virtv1.Failed
	pod.Status.Phase = corev1.PodSucceeded
	end := &corev1.ContainerStateTerminated{Reason: "Completed", FinishedAt: metav1.Now()}
	if failed {
		pod.Status.Phase = corev1.PodFailed
		end.Reason, end.ExitCode = "Error", 1
	}
	for i := range pod.Status.ContainerStatuses {
		c := &pod.Status.ContainerStatuses[i]
		if r := c.State.Running; r != nil {
			end.StartedAt = r.StartedAt
		}
		c.Ready, c.Started, c.State = false, ptr.To(false), corev1.ContainerState{Terminated: end.DeepCopy()}
	}
	for _, kind := range []corev1.PodConditionType{corev1.ContainersReady, corev1.PodReady} {
		setPodCondition(pod, corev1.PodCondition{Type: kind, Status: corev1.ConditionFalse, Reason: "PodCompleted", LastTransitionTime: metav1.Now()})
	}
	_, err = s.kube.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, pod, metav1.UpdateOptions{})
	return err
}

// liveVMI asks the API server for the pod's VMI; nil when there is none, or another of the same name.
func (s *Simulator) liveVMI(ctx context.Context, pod *corev1.Pod) (*virtv1.VirtualMachineInstance, error) {
	_, name, err := splitKey(vmiKeyOf(pod))
	if err != nil || name == "" {
		return nil, err
	}
	vmi, err := s.virt.KubevirtV1().VirtualMachineInstances(pod.Namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return vmi, nil
}

// holdsGuest says whether the pod's VMI has its guest in this pod and is not final.
func (s *Simulator) holdsGuest(ctx context.Context, pod *corev1.Pod) (bool, error) {
	vmi, err := s.liveVMI(ctx, pod)
	if err != nil || vmi == nil {
		return false, err
	}
	return belongs(vmi, pod) && !vmi.IsFinal() && isCurrent(vmi, pod), nil
}

// inUse says whether a launcher still has something to do: hold the guest, or wait for it as a migration's target.
func (s *Simulator) inUse(vmi *virtv1.VirtualMachineInstance, pod *corev1.Pod) bool {
	if vmi == nil || !belongs(vmi, pod) || vmi.IsFinal() {
		return false
	}
	return isCurrent(vmi, pod) || s.isTarget(vmi, pod)
}

func belongs(vmi *virtv1.VirtualMachineInstance, pod *corev1.Pod) bool {
	return pod.Labels[virtv1.CreatedByLabel] == string(vmi.UID)
}

// isCurrent says whether the guest is in this pod: source and target of a migration are never on one node.
func isCurrent(vmi *virtv1.VirtualMachineInstance, pod *corev1.Pod) bool {
	return vmi.Status.NodeName == "" || vmi.Status.NodeName == pod.Spec.NodeName
}

// isTarget says whether a migration may still bring the guest into this pod.
func (s *Simulator) isTarget(vmi *virtv1.VirtualMachineInstance, pod *corev1.Pod) bool {
	job := pod.Labels[virtv1.MigrationJobLabel]
	if job == "" {
		return false
	}
	if m := vmi.Status.MigrationState; m != nil && string(m.MigrationUID) == job && (m.Completed || m.Failed) {
		return false
	}
	o, ok, _ := s.migrations.GetStore().GetByKey(pod.Namespace + "/" + pod.Annotations[virtv1.MigrationJobNameAnnotation])
	if !ok {
		return false
	}
	m := o.(*virtv1.VirtualMachineInstanceMigration)
	return string(m.UID) == job && !m.IsFinal()
}
