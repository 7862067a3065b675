package detail

import (
	corev1 "k8s.io/api/core/v1"
	virtv1 "kubevirt.io/api/core/v1"
)

// volumeSource says where a volume's content comes from, without the content itself: cloud-init data holds passwords and keys.
func volumeSource(v *virtv1.VolumeSource) string {
	switch {
	case v.DataVolume != nil:
		return "DataVolume " + v.DataVolume.Name
	case v.PersistentVolumeClaim != nil:
		return "PVC " + v.PersistentVolumeClaim.ClaimName
	case v.ContainerDisk != nil:
		return "image " + v.ContainerDisk.Image
	case v.CloudInitNoCloud != nil:
		return "cloud-init NoCloud, " + userData(v.CloudInitNoCloud.UserDataSecretRef, v.CloudInitNoCloud.NetworkDataSecretRef)
	case v.CloudInitConfigDrive != nil:
		return "cloud-init ConfigDrive, " + userData(v.CloudInitConfigDrive.UserDataSecretRef, v.CloudInitConfigDrive.NetworkDataSecretRef)
	case v.Sysprep != nil && v.Sysprep.Secret != nil:
		return "sysprep, Secret " + v.Sysprep.Secret.Name
	case v.Sysprep != nil && v.Sysprep.ConfigMap != nil:
		return "sysprep, ConfigMap " + v.Sysprep.ConfigMap.Name
	case v.Ephemeral != nil && v.Ephemeral.PersistentVolumeClaim != nil:
		return "throw-away copy of PVC " + v.Ephemeral.PersistentVolumeClaim.ClaimName
	case v.EmptyDisk != nil:
		return "empty disk"
	case v.HostDisk != nil:
		return "file on the node " + v.HostDisk.Path
	case v.MemoryDump != nil:
		return "memory dump, PVC " + v.MemoryDump.ClaimName
	}
	return projected(v)
}

// projected names the sources that come from Kubernetes objects.
func projected(v *virtv1.VolumeSource) string {
	switch {
	case v.ConfigMap != nil:
		return "ConfigMap " + v.ConfigMap.Name
	case v.Secret != nil:
		return "Secret " + v.Secret.SecretName
	case v.ServiceAccount != nil:
		return "ServiceAccount " + v.ServiceAccount.ServiceAccountName
	case v.DownwardAPI != nil:
		return "fields of the instance"
	case v.DownwardMetrics != nil:
		return "metrics of the node"
	case v.ContainerPath != nil:
		return "path of the launcher " + v.ContainerPath.Path
	}
	return "unknown kind"
}

// userData says where cloud-init data comes from.
func userData(user, network *corev1.LocalObjectReference) string {
	switch {
	case user != nil:
		return "Secret " + user.Name
	case network != nil:
		return "inline and Secret " + network.Name
	}
	return "inline"
}
