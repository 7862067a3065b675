package app

import (
	"fmt"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// header is the line that all screens share: who and where on the left; what is shown and whether it is live on the right.
func (a *App) header(w int) shell.Header {
	target, info := a.deck.Cluster.Target(), a.deck.Info()
	left := []shell.Segment{
		{Text: "vmdeck", Tone: theme.Strong, Priority: 6},
		{Text: who(a.deck.User()) + "@" + target.Context, Tone: theme.Accent, Priority: 1},
	}
	if identity := a.identityText(); identity.Text != "" {
		left = append(left, identity)
	}
	if eyes := a.deck.Eyes(); eyes != nil {
		left = append(left, a.eyesText(eyes, w))
	} else if a.deck.Gate.ReadOnly != "" {
		left = append(left, shell.Segment{Text: "READ-ONLY", Tone: theme.Warn, Priority: 0})
	}
	if info.KubeVirt.Version != "" {
		left = append(left, shell.Segment{Text: "KubeVirt " + info.KubeVirt.Version, Tone: theme.Dim, Priority: 5})
	}
	right := []shell.Segment{
		{Text: "ns " + a.list.NamespaceText(), Tone: theme.Normal, Priority: 2},
		{Text: a.countText(), Tone: theme.Normal, Priority: 3},
		a.healthText(),
	}
	return shell.Header{Left: left, Right: right}
}

// who shortens a service account to what tells it apart.
func who(user string) string {
	if rest, ok := strings.CutPrefix(user, "system:serviceaccount:"); ok {
		return "sa:" + strings.ReplaceAll(rest, ":", "/")
	}
	return user
}

func (a *App) countText() string {
	report := a.deck.Report
	machines := report.Kinds[vm.Machines]
	if machines.Phase != stream.Live && report.Total == 0 {
		return ""
	}
	count := fmt.Sprintf("%d VMs  %d running", report.Total, report.ByStatus[vm.StatusRunning])
	if report.Total == 1 {
		count = fmt.Sprintf("1 VM  %d running", report.ByStatus[vm.StatusRunning])
	}
	if machines.Phase == stream.Loading && machines.Expected > report.Total {
		count = fmt.Sprintf("loading %d of %d VMs", report.Total, machines.Expected)
	}
	return count
}

func (a *App) healthText() shell.Segment {
	g := a.o.Theme.Glyphs
	status := a.deck.Cluster.Health().Status()
	since := func() string { return text.Age(time.Since(status.Since)) }
	switch status.State {
	case kube.Live:
		return shell.Segment{Text: g.Dot + " live", Tone: theme.Good}
	case kube.Lost:
		return shell.Segment{Text: g.Cross + " lost " + since(), Tone: theme.Bad}
	case kube.Expired:
		return shell.Segment{Text: g.Cross + " login refused " + since(), Tone: theme.Bad}
	case kube.Throttled:
		return shell.Segment{Text: g.Half + " throttled", Tone: theme.Warn}
	default:
		return shell.Segment{Text: g.Half + " connecting", Tone: theme.Warn}
	}
}
