// Package rights shows who may do what: the subjects that can carry an action out, and what each role permits. It installs the
// catalogue's roles.
package rights

import (
	"fmt"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// troubles says that what is shown may be old.
func troubles(d *deck.Deck, s binding.State, now time.Time) []sheet.Words {
	if n, ok := deck.ConnectionNotice(d.Cluster.Health().Status(), now, "what you see is from before"); ok {
		return []sheet.Words{n}
	}
	if s.Err != nil && !s.At.IsZero() {
		return []sheet.Words{sheet.Warn(kube.Explain(s.Err, fmt.Sprintf("roles and bindings are %s old; reading them again", text.Age(now.Sub(s.At)))))}
	}
	return nil
}

func warnings(texts []string) []sheet.Words {
	out := make([]sheet.Words, len(texts))
	for i, s := range texts {
		out[i] = sheet.Warn(s)
	}
	return out
}

// heading is the first line of a page: what it is about at the left, how much of it at the right.
func heading(th *theme.Theme, left, right string, w int) string {
	left = text.Truncate(" "+text.Clean(left), max(w-text.Width(right)-2, 0), th.Glyphs.Ellipsis)
	return th.Paint(theme.Strong, left) + text.Spaces(max(w-text.Width(left)-text.Width(right)-1, 0)) + th.Paint(theme.Dim, right)
}

// unread says why nothing was read yet, and how to go on.
func unread(d *deck.Deck, s binding.State) (title string, lines []string) {
	target := d.Cluster.Target()
	switch status := d.Cluster.Health().Status(); {
	case status.State == kube.Expired:
		return "The login is not accepted.", []string{status.Reason, "R tries now, C chooses another context."}
	case s.Err != nil:
		return "Roles and bindings could not be read.", []string{kube.Explain(s.Err, "read roles and bindings"), "Trying again by itself. R tries now."}
	default:
		return "Reading roles and bindings" + d.Theme.Glyphs.Ellipsis, []string{"from context " + target.Context}
	}
}

// version tells one reading of roles and bindings from another.
type version struct {
	at     time.Time
	failed string
}

func versionOf(s binding.State) version {
	v := version{at: s.At}
	if s.Err != nil {
		v.failed = s.Err.Error()
	}
	return v
}

// missing names permissions in RBAC terms.
func missing(perms []rbac.Permission) string {
	out := make([]string, len(perms))
	for i, p := range perms {
		out[i] = p.String()
	}
	return strings.Join(out, ", ")
}
