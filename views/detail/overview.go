package detail

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/ui/text"
)

// overview is the first sub-tab: what needs attention, then everything at a glance.
func (f *facts) overview(s *sheet) {
	f.attention(s)
	f.limits(s)
	s.beside([]block{f.stateBlock(s), f.guestBlock(), f.hardwareBlock()}, []block{f.sizeBlock(), f.operationBlock(s)})
	labels := f.row.Labels
	if len(labels) == 0 {
		return
	}
	s.heading("Labels")
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		s.para(2, plain(key+"="+labels[key]))
	}
}

// attention puts what an operator should look at on top.
func (f *facts) attention(s *sheet) {
	for _, c := range f.row.Attention {
		title := c.Type
		if c.Reason != "" && c.Reason != c.Type {
			title += ", " + c.Reason
		}
		s.para(0, warn(s.th.Glyphs.Warn+" "+title))
		s.para(2, plain(c.Explanation()))
		if c.Message != "" {
			s.para(2, dim(c.Message))
		}
	}
	if n := f.row.StartFailures; n > 0 {
		s.para(0, warn(fmt.Sprintf("%s The start failed %s.%s", s.th.Glyphs.Warn, times(n), f.nextTry(s))))
		s.para(2, dim("Events say why."))
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times in a row", n)
}

func (f *facts) nextTry(s *sheet) string {
	r := f.row
	if r.RetryAfter == nil || !r.RetryAfter.After(s.now) {
		return ""
	}
	return fmt.Sprintf(" The next try is in %s.", text.Age(r.RetryAfter.Sub(s.now)))
}

func (f *facts) stateBlock(s *sheet) block {
	r := f.row
	look := f.looks.Of(r, s.now)
	status := strings.TrimSuffix(look.Text, " "+s.th.Glyphs.Warn)
	b := block{title: "State", fields: []field{
		{"Status", []words{{status, look.TextTone()}}},
		one("Run strategy", r.RunStrategy),
	}}
	if !r.HasVM {
		b.fields[1] = field{"Run strategy", []words{dim("none: there is no VirtualMachine")}}
	}
	if r.HasInstance {
		b.fields = append(b.fields, one("Node", f.looks.Node(r)))
	}
	if r.Running() {
		b.fields = append(b.fields, one("Running since", s.at(f.runningSince())))
	}
	b.fields = append(b.fields, one("Created", s.at(r.Created)))
	if r.SnapshotInProgress != "" {
		b.fields = append(b.fields, field{"Snapshot", []words{warn(r.SnapshotInProgress + " is being taken")}})
	}
	if r.RestoreInProgress != "" {
		b.fields = append(b.fields, field{"Restore", []words{warn(r.RestoreInProgress + " is being restored")}})
	}
	if f.holds("RestartRequired") {
		b.fields = append(b.fields, field{"Changes", []words{warn("wait for a restart")}})
	}
	if r.Protected {
		b.fields = append(b.fields, one("Deletion", "protected by label"))
	} else if r.HasVM {
		b.fields = append(b.fields, field{"Deletion", []words{dim("not protected")}})
	}
	return b
}

func (f *facts) guestBlock() block {
	info := f.status().GuestOSInfo
	agent := dim("not connected")
	if f.row.Agent {
		agent = plain("connected")
	}
	b := block{title: "Guest"}
	if name := f.spec().Hostname; name != "" {
		b.fields = append(b.fields, one("Hostname", name))
	}
	if !f.row.Running() {
		return b // the rest is known of a running guest only
	}
	b.fields = append(b.fields, one("OS", cmp.Or(info.PrettyName, f.row.OS)), one("Kernel", info.KernelRelease), field{"Agent", []words{agent}})
	if frozen := f.status().FSFreezeStatus; frozen != "" {
		b.fields = append(b.fields, field{"File systems", []words{warn(frozen)}})
	}
	addresses := field{key: "Addresses"}
	for _, ip := range f.row.IPs {
		addresses.values = append(addresses.values, plain(ip))
	}
	b.fields = append(b.fields, addresses)
	return b
}
