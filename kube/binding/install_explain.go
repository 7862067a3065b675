package binding

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// errAggregated says that writing the role's rules would do nothing.
var errAggregated = errors.New("the cluster puts its rules together from other roles (aggregationRule), so what is written does not stay; delete it first if it is not needed")

// Annotations by which Helm marks what belongs to a release.
const (
	helmRelease   = "meta.helm.sh/release-name"
	helmNamespace = "meta.helm.sh/release-namespace"
)

// ownerOf names who keeps a role's rules besides vmdeck.
func ownerOf(role *rbacv1.ClusterRole) string {
	if release := role.Annotations[helmRelease]; release != "" {
		return fmt.Sprintf("Helm release %s/%s", role.Annotations[helmNamespace], release)
	}
	var managers []string
	for _, entry := range role.ManagedFields {
		fields := map[string]json.RawMessage{}
		if entry.FieldsV1 == nil || json.Unmarshal(entry.FieldsV1.Raw, &fields) != nil {
			continue
		}
		if _, rules := fields["f:rules"]; rules && entry.Manager != FieldManager && !slices.Contains(managers, entry.Manager) {
			managers = append(managers, entry.Manager)
		}
	}
	return strings.Join(managers, ", ")
}

// conflictWith finds the field managers in the API server's words (structured-merge-diff merge/conflict.go).
var conflictWith = regexp.MustCompile(`conflicts? with "([^"]+)"`)

func managersIn(err error) []string {
	if kube.Classify(err) != kube.KindConflict {
		return nil
	}
	said := err.Error()
	var status apierrors.APIStatus
	if errors.As(err, &status) && status.Status().Details != nil {
		for _, cause := range status.Status().Details.Causes {
			said += "\n" + cause.Message
		}
	}
	var out []string
	for _, m := range conflictWith.FindAllStringSubmatch(said, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// String is the step as a sentence for the list of events.
func (s RoleStep) String() string {
	name := s.Change.Role.Name
	what := fmt.Sprintf("%s ClusterRole %s", s.Verb, name)
	switch {
	case s.Err == nil && s.DryRun:
		return what + ": the server would accept it."
	case s.Err == nil:
		return what + ": done, and read back."
	case Escalation(s.Err):
		return fmt.Sprintf("%s: refused, because nobody may write a role that grants what they lack themselves. You may write cluster roles, but you do not have: %s. "+
			"It takes a cluster administrator, or the verb escalate on clusterroles %q for you.", what, lacked(s.Err.Error()), name)
	case s.Conflict():
		owner := strings.Join(managersIn(s.Err), ", ")
		if helm := s.Change.Owner; strings.HasPrefix(helm, "Helm release ") {
			owner = fmt.Sprintf("%s (field manager %s)", helm, owner)
		}
		return fmt.Sprintf("%s: left alone, because its rules are kept by %s, whose next change would come back. Overwrite it only if you mean to take it over.", what, owner)
	case errors.Is(s.Err, errAggregated):
		return fmt.Sprintf("%s: %v.", what, s.Err)
	case errors.Is(s.Err, ErrOverruled):
		return fmt.Sprintf("%s: %v. Somebody else, such as a controller, writes it too: find out who before you try again.", what, s.Err)
	case kube.Classify(s.Err) == kube.KindConflict:
		return fmt.Sprintf("%s: somebody has changed it since it was read; nothing was overwritten. Look again.", what)
	}
	return kube.Explain(s.Err, what)
}

// InstallPerms are what installing the catalogue's roles takes, besides holding what they grant.
func InstallPerms() []rbac.Permission {
	return []rbac.Permission{
		rbac.On("get", rbac.GroupRBAC, "clusterroles"), rbac.On("create", rbac.GroupRBAC, "clusterroles"), rbac.On("patch", rbac.GroupRBAC, "clusterroles"),
	}
}

// Lines are the plan for people: a line for each role with + missing, ~ differs, = same, then what changes in it, and who gains and
// loses what.
func (p RolePlan) Lines() []string {
	var out []string
	for _, c := range p.Changes {
		name := "ClusterRole " + c.Role.Name
		switch c.Standing {
		case Missing:
			out = append(out, "+ "+name+" is not on the cluster")
		case Same:
			out = append(out, "= "+name+" grants what the catalogue says")
		case Differs:
			out = append(out, "~ "+name+" differs from the catalogue")
			out = append(out, prefixed("    takes away: ", c.More)...)
			out = append(out, prefixed("    adds: ", c.Less)...)
			if c.Owner != "" {
				out = append(out, "    its rules are kept by "+c.Owner)
			}
		}
	}
	if !p.Pending() {
		return out
	}
	if len(p.Effects) == 0 {
		return append(out, "Nobody's actions on VMs change by it.")
	}
	for _, e := range p.Effects {
		out = append(out, e.String()+".")
	}
	return out
}

// Pending tells whether there is anything to do.
func (p RolePlan) Pending() bool {
	return slices.ContainsFunc(p.Changes, func(c RoleChange) bool { return c.Standing != Same })
}

// Only is the plan for some of its roles.
func (p RolePlan) Only(names []string) RolePlan {
	p.Changes = slices.DeleteFunc(slices.Clone(p.Changes), func(c RoleChange) bool { return !slices.Contains(names, c.Role.Name) })
	return p
}

func prefixed(prefix string, lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = prefix + line
	}
	return out
}
