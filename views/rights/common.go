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
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// notice is a line that says in what way a page is not the whole truth.
type notice struct {
	tone theme.Tone
	text string
}

// maxNotices keeps the page in sight where much is wrong at once.
const maxNotices = 2

// troubles says that what is shown may be old.
func troubles(d *deck.Deck, s binding.State, now time.Time) []notice {
	var all []notice
	switch status := d.Cluster.Health().Status(); {
	case status.State == kube.Lost:
		all = append(all, notice{theme.Bad, fmt.Sprintf("Connection lost %s ago: what you see is from before. R tries now. %s", text.Age(now.Sub(status.Since)), status.Reason)})
	case status.State == kube.Expired:
		all = append(all, notice{theme.Bad, fmt.Sprintf("Login no longer accepted for %s. Log in again; R tries now.", text.Age(now.Sub(status.Since)))})
	case s.Err != nil && !s.At.IsZero():
		all = append(all, notice{theme.Warn, kube.Explain(s.Err, fmt.Sprintf("roles and bindings are %s old; reading them again", text.Age(now.Sub(s.At))))})
	}
	return all
}

func warnings(texts []string) []notice {
	out := make([]notice, len(texts))
	for i, s := range texts {
		out[i] = notice{theme.Warn, s}
	}
	return out
}

// draw makes lines of notices.
func draw(th *theme.Theme, notices []notice, w int) []string {
	var out []string
	for _, n := range notices[:min(len(notices), maxNotices)] {
		out = append(out, th.Paint(n.tone, text.Fit(" "+text.Clean(n.text), w, th.Glyphs.Ellipsis)))
	}
	return out
}

// heading is the first line of a page: what it is about at the left, how much of it at the right.
func heading(th *theme.Theme, left, right string, w int) string {
	left = text.Truncate(" "+text.Clean(left), max(w-text.Width(right)-2, 0), th.Glyphs.Ellipsis)
	return th.Paint(theme.Strong, left) + text.Spaces(max(w-text.Width(left)-text.Width(right)-1, 0)) + th.Paint(theme.Dim, right)
}

// instead is what stands in place of a list: a title and what to do.
func instead(th *theme.Theme, title string, lines []string, w, h int) string {
	out := []string{th.Paint(theme.Strong, title)}
	for _, l := range lines {
		for _, part := range text.Wrap(text.Clean(l), min(max(w-8, 20), 76)) {
			out = append(out, th.Paint(theme.Dim, part))
		}
	}
	block := make([]string, max(0, (h-len(out))/3), h+len(out))
	for _, l := range out {
		block = append(block, text.Spaces(4)+l)
	}
	return text.Block(strings.Join(block, "\n"), w, h)
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

// lower puts a title in the middle of a sentence.
func lower(title string) string { return strings.ToLower(title[:1]) + title[1:] }

// listed joins texts, the first few of them.
func listed(texts []string, most int, by string) string {
	if len(texts) <= most {
		return strings.Join(texts, by)
	}
	return fmt.Sprintf("%s%sand %d more", strings.Join(texts[:most], by), by, len(texts)-most)
}

// missing names permissions in RBAC terms.
func missing(perms []rbac.Permission) string {
	out := make([]string, len(perms))
	for i, p := range perms {
		out[i] = p.String()
	}
	return strings.Join(out, ", ")
}
