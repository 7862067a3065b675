package sim

import (
	"strings"

	virtv1 "kubevirt.io/api/core/v1"
)

// systems are the guests' operating systems by their name without version; %v in a text stands for the version.
var systems = map[string]virtv1.VirtualMachineInstanceGuestOSInfo{
	"ubuntu":         {ID: "ubuntu", Name: "Ubuntu", PrettyName: "Ubuntu %v LTS", Version: "%v LTS", KernelRelease: "6.8.0-48-generic", KernelVersion: "#48-Ubuntu SMP PREEMPT_DYNAMIC"},
	"debian":         {ID: "debian", Name: "Debian GNU/Linux", PrettyName: "Debian GNU/Linux %v", Version: "%v", KernelRelease: "6.1.0-26-amd64", KernelVersion: "#1 SMP PREEMPT_DYNAMIC Debian"},
	"fedora":         {ID: "fedora", Name: "Fedora Linux", PrettyName: "Fedora Linux %v (Cloud Edition)", Version: "%v (Cloud Edition)", KernelRelease: "6.11.4-301.fc41.x86_64", KernelVersion: "#1 SMP PREEMPT_DYNAMIC"},
	"centos stream":  {ID: "centos", Name: "CentOS Stream", PrettyName: "CentOS Stream %v", Version: "%v", KernelRelease: "5.14.0-522.el9.x86_64", KernelVersion: "#1 SMP PREEMPT_DYNAMIC"},
	"rhel":           {ID: "rhel", Name: "Red Hat Enterprise Linux", PrettyName: "Red Hat Enterprise Linux %v", Version: "%v", KernelRelease: "5.14.0-503.el9.x86_64", KernelVersion: "#1 SMP PREEMPT_DYNAMIC"},
	"opensuse leap":  {ID: "opensuse-leap", Name: "openSUSE Leap", PrettyName: "openSUSE Leap %v", Version: "%v", KernelRelease: "6.4.0-150600.23-default", KernelVersion: "#1 SMP PREEMPT_DYNAMIC"},
	"alpine":         {ID: "alpine", Name: "Alpine Linux", PrettyName: "Alpine Linux v%v", Version: "%v", KernelRelease: "6.6.58-0-virt", KernelVersion: "#1-Alpine SMP PREEMPT_DYNAMIC"},
	"windows server": {ID: "mswindows", Name: "Microsoft Windows", PrettyName: "Windows Server %v Standard", Version: "Microsoft Windows Server %v", KernelRelease: "20348", KernelVersion: "10.0"},
	"windows":        {ID: "mswindows", Name: "Microsoft Windows", PrettyName: "Windows %v Pro", Version: "Microsoft Windows %v", KernelRelease: "22631", KernelVersion: "10.0"},
}

// guestOS is what the guest agent reports for a system named like "Ubuntu 24.04". An unknown name is passed on as it is.
func guestOS(name string) virtv1.VirtualMachineInstanceGuestOSInfo {
	if name == "" {
		name = "Fedora 41"
	}
	family, version := name, ""
	if i := strings.LastIndex(name, " "); i > 0 {
		family, version = name[:i], name[i+1:]
	}
	info, ok := systems[strings.ToLower(family)]
	if !ok {
		return virtv1.VirtualMachineInstanceGuestOSInfo{Name: family, PrettyName: name, Version: version, VersionID: version, Machine: "x86_64"}
	}
	info.PrettyName = strings.ReplaceAll(info.PrettyName, "%v", version)
	info.Version = strings.ReplaceAll(info.Version, "%v", version)
	info.VersionID, info.Machine = version, "x86_64"
	return info
}

func isWindows(info virtv1.VirtualMachineInstanceGuestOSInfo) bool { return info.ID == "mswindows" }

// users who are logged in, as the guest agent lists them.
func users(vmi *virtv1.VirtualMachineInstance) []virtv1.VirtualMachineInstanceGuestOSUser {
	at := float64(phaseTime(vmi, virtv1.Running).Unix() + 60)
	if isWindows(vmi.Status.GuestOSInfo) {
		return []virtv1.VirtualMachineInstanceGuestOSUser{{UserName: "Administrator", Domain: "WIN-" + strings.ToUpper(vmi.Name), LoginTime: at}}
	}
	return []virtv1.VirtualMachineInstanceGuestOSUser{{UserName: account(vmi), LoginTime: at}}
}

// account is the name one logs in with.
func account(vmi *virtv1.VirtualMachineInstance) string {
	if id := vmi.Status.GuestOSInfo.ID; id != "" {
		return id
	}
	return "guest"
}

// filesystems of the guest, with a use that differs from VM to VM.
func filesystems(vmi *virtv1.VirtualMachineInstance) []virtv1.VirtualMachineInstanceFileSystem {
	const gib = 1 << 30
	used := 0
	for _, b := range []byte(vmi.UID) {
		used = (used*31 + int(b)) % 16
	}
	disk := []virtv1.VirtualMachineInstanceFileSystemDisk{{BusType: "virtio", Serial: ""}}
	if isWindows(vmi.Status.GuestOSInfo) {
		return []virtv1.VirtualMachineInstanceFileSystem{{DiskName: "\\\\?\\Volume{c}\\", MountPoint: "C:\\", FileSystemType: "NTFS", UsedBytes: (14 + used) * gib, TotalBytes: 60 * gib, Disk: disk}}
	}
	return []virtv1.VirtualMachineInstanceFileSystem{
		{DiskName: "vda1", MountPoint: "/", FileSystemType: "ext4", UsedBytes: (2 + used) * gib, TotalBytes: 20 * gib, Disk: disk},
		{DiskName: "vda15", MountPoint: "/boot/efi", FileSystemType: "vfat", UsedBytes: 6 << 20, TotalBytes: 104 << 20, Disk: disk},
	}
}
