package detail

import (
	"slices"
	"strings"

	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/theme"
)

// networksTab shows each interface as a block: those of the specification first, then those that only the guest knows.
func (f *facts) networksTab(s *tabSheet) {
	if !f.known() {
		f.missing(s, f.main(), false)
		return
	}
	spec := f.spec()
	var blocks []sheet.Block
	seen := map[string]bool{}
	for _, nic := range spec.Domain.Devices.Interfaces {
		state := f.interfaceStatus(nic.Name)
		seen[nic.Name] = true
		blocks = append(blocks, nicBlock(nic, networkOf(spec, nic.Name), state))
	}
	for i, state := range f.status().Interfaces {
		if state.Name == "" || !seen[state.Name] {
			blocks = append(blocks, guestBlock(f.status().Interfaces[i]))
		}
	}
	if len(blocks) == 0 {
		s.Para(0, sheet.Dim("The VM has no network interfaces."))
		return
	}
	var left, right []sheet.Block
	for i, b := range blocks {
		if i%2 == 0 {
			left = append(left, b)
		} else {
			right = append(right, b)
		}
	}
	if s.Width < sheet.TwoColumns {
		left, right = blocks, nil
	}
	s.Beside(left, right)
	if f.detail.InstanceErr != nil && f.detail.Instance == nil {
		s.Gap()
		f.missing(s, f.parts()[1], false)
	}
}

func (f *facts) interfaceStatus(name string) *virtv1.VirtualMachineInstanceNetworkInterface {
	list := f.status().Interfaces
	if i := slices.IndexFunc(list, func(n virtv1.VirtualMachineInstanceNetworkInterface) bool { return n.Name == name }); i >= 0 {
		return &list[i]
	}
	return nil
}

func nicBlock(nic virtv1.Interface, network string, state *virtv1.VirtualMachineInstanceNetworkInterface) sheet.Block {
	b := sheet.Block{Title: nic.Name, Fields: []sheet.Field{sheet.One("Type", binding(nic)), sheet.One("Network", network)}}
	mac := nic.MacAddress
	if state != nil && state.MAC != "" {
		mac = state.MAC
	}
	b.Fields = append(b.Fields, sheet.One("MAC", mac))
	if nic.Model != "" {
		b.Fields = append(b.Fields, sheet.One("Model", nic.Model))
	}
	if nic.State == virtv1.InterfaceStateLinkDown || nic.State == virtv1.InterfaceStateAbsent {
		b.Fields = append(b.Fields, sheet.Of("Wanted", sheet.Warn(string(nic.State))))
	}
	return withState(b, state)
}

// guestBlock is an interface that the guest made itself, such as a bridge for containers.
func guestBlock(state virtv1.VirtualMachineInstanceNetworkInterface) sheet.Block {
	title := state.InterfaceName
	if title == "" {
		title = "unnamed"
	}
	b := sheet.Block{Title: title, Fields: []sheet.Field{sheet.Of("Type", sheet.Dim("known to the guest only")), sheet.One("MAC", state.MAC)}}
	return withState(b, &state)
}

func withState(b sheet.Block, state *virtv1.VirtualMachineInstanceNetworkInterface) sheet.Block {
	if state == nil {
		return b
	}
	ips := state.IPs
	if len(ips) == 0 && state.IP != "" {
		ips = []string{state.IP}
	}
	addresses := sheet.Field{Key: "Addresses"}
	for _, ip := range ips {
		addresses.Values = append(addresses.Values, sheet.Plain(ip))
	}
	b.Fields = append(b.Fields, addresses)
	if state.InterfaceName != b.Title {
		b.Fields = append(b.Fields, sheet.One("In the guest", state.InterfaceName))
	}
	if state.LinkState != "" {
		tone := theme.Normal
		if state.LinkState != "up" {
			tone = theme.Warn
		}
		b.Fields = append(b.Fields, sheet.Of("Link", sheet.Words{Text: state.LinkState, Tone: tone}))
	}
	return sheet.Block{Title: b.Title, Fields: append(b.Fields, sheet.Of("Seen by", sheet.Dim(sources(state.InfoSource))))}
}

// sources says in words where KubeVirt knows an interface from (pkg/network/vmispec, InfoSource).
func sources(info string) string {
	var list []string
	for part := range strings.SplitSeq(info, ",") {
		switch part = strings.TrimSpace(part); part {
		case "":
		case "domain":
			list = append(list, "the hypervisor")
		case "guest-agent":
			list = append(list, "the guest agent")
		case "multus-status":
			list = append(list, "Multus")
		default:
			list = append(list, part)
		}
	}
	return joined(list)
}

// binding is how the guest's interface meets the pod's.
func binding(nic virtv1.Interface) string {
	switch {
	case nic.Binding != nil:
		return nic.Binding.Name + " (plugin)"
	case nic.Masquerade != nil:
		return "masquerade"
	case nic.Bridge != nil:
		return "bridge"
	case nic.SRIOV != nil:
		return "SR-IOV"
	case nic.PasstBinding != nil, nic.DeprecatedPasst != nil:
		return "passt"
	case nic.DeprecatedMacvtap != nil:
		return "macvtap"
	case nic.DeprecatedSlirp != nil:
		return "slirp"
	}
	return ""
}

func networkOf(spec *virtv1.VirtualMachineInstanceSpec, name string) string {
	for _, n := range spec.Networks {
		switch {
		case n.Name != name:
		case n.Multus != nil:
			return n.Multus.NetworkName
		case n.Pod != nil:
			return "pod network"
		}
	}
	return ""
}
