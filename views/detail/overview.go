package detail

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
)

// overview is the first sub-tab: what needs attention, then everything at a glance.
func (f *facts) overview(s *tabSheet) {
	f.attention(s)
	f.limits(s)
	s.Beside([]sheet.Block{f.stateBlock(s), f.guestBlock(), f.hardwareBlock()}, []sheet.Block{f.sizeBlock(), f.operationBlock(s)})
	labels := f.row.Labels
	if len(labels) == 0 {
		return
	}
	s.Heading("Labels")
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		s.Para(2, sheet.Plain(key+"="+labels[key]))
	}
}

// attention puts what an operator should look at on top.
func (f *facts) attention(s *tabSheet) {
	for _, c := range f.row.Attention {
		title := c.Type
		if c.Reason != "" && c.Reason != c.Type {
			title += ", " + c.Reason
		}
		s.Para(0, sheet.Warn(s.Theme.Glyphs.Warn+" "+title))
		s.Para(2, sheet.Plain(c.Explanation()))
		if c.Message != "" {
			s.Para(2, sheet.Dim(c.Message))
		}
	}
	if n := f.row.StartFailures; n > 0 {
		s.Para(0, sheet.Warn(fmt.Sprintf("%s The start failed %s.%s", s.Theme.Glyphs.Warn, times(n), f.nextTry(s))))
		s.Para(2, sheet.Dim("Events say why."))
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times in a row", n)
}

func (f *facts) nextTry(s *tabSheet) string {
	r := f.row
	if r.RetryAfter == nil || !r.RetryAfter.After(s.now) {
		return ""
	}
	return fmt.Sprintf(" The next try is in %s.", text.Age(r.RetryAfter.Sub(s.now)))
}

func (f *facts) stateBlock(s *tabSheet) sheet.Block {
	r := f.row
	look := f.looks.Of(r, s.now)
	status := strings.TrimSuffix(look.Text, " "+s.Theme.Glyphs.Warn)
	b := sheet.Block{Title: "State", Fields: []sheet.Field{
		sheet.Of("Status", sheet.Words{Text: status, Tone: look.TextTone()}),
		sheet.One("Run strategy", r.RunStrategy),
	}}
	if !r.HasVM {
		b.Fields[1] = sheet.Of("Run strategy", sheet.Dim("none: there is no VirtualMachine"))
	}
	if r.HasInstance {
		b.Fields = append(b.Fields, sheet.One("Node", f.looks.Node(r)))
	}
	if r.Running() {
		b.Fields = append(b.Fields, sheet.One("Running since", s.at(f.runningSince())))
	}
	b.Fields = append(b.Fields, sheet.One("Created", s.at(r.Created)))
	if r.SnapshotInProgress != "" {
		b.Fields = append(b.Fields, sheet.Of("Snapshot", sheet.Warn(r.SnapshotInProgress+" is being taken")))
	}
	if r.RestoreInProgress != "" {
		b.Fields = append(b.Fields, sheet.Of("Restore", sheet.Warn(r.RestoreInProgress+" is being restored")))
	}
	if f.holds("RestartRequired") {
		b.Fields = append(b.Fields, sheet.Of("Changes", sheet.Warn("wait for a restart")))
	}
	if r.Protected {
		b.Fields = append(b.Fields, sheet.One("Deletion", "protected by label"))
	} else if r.HasVM {
		b.Fields = append(b.Fields, sheet.Of("Deletion", sheet.Dim("not protected")))
	}
	return b
}

func (f *facts) guestBlock() sheet.Block {
	info := f.status().GuestOSInfo
	agent := sheet.Dim("not connected")
	if f.row.Agent {
		agent = sheet.Plain("connected")
	}
	b := sheet.Block{Title: "Guest"}
	if name := f.spec().Hostname; name != "" {
		b.Fields = append(b.Fields, sheet.One("Hostname", name))
	}
	if !f.row.Running() {
		return b // the rest is known of a running guest only
	}
	b.Fields = append(b.Fields, sheet.One("OS", cmp.Or(info.PrettyName, f.row.OS)), sheet.One("Kernel", info.KernelRelease), sheet.Of("Agent", agent))
	if frozen := f.status().FSFreezeStatus; frozen != "" {
		b.Fields = append(b.Fields, sheet.Of("File systems", sheet.Warn(frozen)))
	}
	addresses := sheet.Field{Key: "Addresses"}
	for _, ip := range f.row.IPs {
		addresses.Values = append(addresses.Values, sheet.Plain(ip))
	}
	b.Fields = append(b.Fields, addresses)
	return b
}
