package act

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// draw puts what is known into words.
func (e *explanation) draw() {
	title, tone := "Not permitted: ", theme.Warn
	switch e.answer.Decision.Verdict {
	case rbac.Allowed:
		title, tone = "Permitted: ", theme.Good
	case rbac.Unknown:
		title, tone = "Not known: ", theme.Strong
	}
	e.Replace(title+text.Lower(e.need.Title), e.body(widest), tone, e.buttons())
}

// View implements dialog.Dialog.
func (e *explanation) View(w, h int) string {
	const frame = 4
	e.Body = e.body(min(w-frame, widest))
	return e.Message.View(w, h)
}

const (
	widest = 76 // of a dialog's lines
	column = 12 // of the headings
)

// body is the verdict and a table of what there is to know about it.
func (e *explanation) body(w int) []string {
	out := text.Wrap(text.Clean(e.verdictText()), w)
	if e.read {
		out = append(out, text.Wrap(e.answer.Source.String(), w)...)
	}
	head := ""
	add := func(title string, items ...string) {
		for i, item := range items {
			if head = title; i > 0 {
				head = ""
			}
			for _, line := range text.Wrap(e.flow.th.Glyphs.Arrows(text.Clean(item)), max(w-column, column)) {
				out = append(out, text.Fit(head, column, "")+line)
				head = ""
			}
		}
	}
	out = append(out, "")
	e.facts(add)
	switch {
	case e.err != nil:
		out = append(out, "")
		out = append(out, text.Wrap(explainReading(e.err), w)...)
	case !e.read:
		out = append(out, "", "Reading roles and bindings"+e.flow.th.Glyphs.Ellipsis)
	}
	return out
}

func explainReading(err error) string {
	const what = "Read roles and bindings"
	if kube.Classify(err) == kube.KindTimeout { // nothing was to be done that may have been done all the same
		return what + ": no answer in time."
	}
	return kube.Explain(err, what)
}

func (e *explanation) verdictText() string {
	d, deed := e.answer.Decision, text.Lower(e.need.Title)+" "+e.row.Key()
	cause := e.verdict.Cause
	switch {
	case d.Allowed() && cause == vm.Permission:
		return fmt.Sprintf("%s may %s. That is new: try again.", e.name, deed)
	case d.Allowed() && (cause == vm.State || cause == vm.ReadOnly || cause == vm.Connection):
		return fmt.Sprintf("%s may %s. It is off all the same: %s.", e.name, deed, e.verdict.Reason)
	case d.Allowed():
		return fmt.Sprintf("%s may %s.", e.name, deed)
	case d.Verdict == rbac.Denied:
		return fmt.Sprintf("%s may not %s.", e.name, deed)
	case e.read || d.Err != nil:
		return fmt.Sprintf("Whether %s may %s is not known: %s.", e.name, deed, d.Reason)
	}
	return fmt.Sprintf("May %s %s?", e.name, deed)
}

// facts are the lines of the table, as far as they are known.
func (e *explanation) facts(add func(title string, items ...string)) {
	a := e.answer
	if a.Decision.Allowed() {
		if e.read {
			add("By", e.orNone("rights that are in no binding", refs(a.By))...)
			add("Not read", a.Gaps...)
		}
		return
	}
	add("Missing", permissions(a.Decision.Missing)...)
	add("Granted by", e.orNone("no role", e.roles())...)
	add("Bindings", e.orNone("none", refs(a.Bindings))...)
	if e.read {
		add("Ask", changers(a.Changers))
		add("Would help", e.fix()...)
		add("Not read", a.Gaps...)
	}
}

// orNone says that there is nothing, as far as can be seen.
func (e *explanation) orNone(word string, items []string) []string {
	switch {
	case len(items) > 0 || !e.read:
		return items
	case len(e.answer.Gaps) > 0:
		return []string{word + " that you can see"}
	}
	return []string{word}
}

func permissions(perms []rbac.Permission) []string {
	out := make([]string, len(perms))
	for i, p := range perms {
		p.Name = "" // it is the VM's, which the verdict names
		out[i] = p.String()
	}
	return out
}

func refs(bindings []rbac.BindingRef) []string {
	out := make([]string, len(bindings))
	for i, b := range bindings {
		out[i] = b.String()
	}
	return out
}

// mostRoles and mostChangers are how many are named; the view of who can, and that of roles, have them all.
const (
	mostRoles    = 4
	mostChangers = 4
)

// roles are those that grant what is missing: of the catalogue, and others of the cluster.
func (e *explanation) roles() []string {
	a := e.answer
	var ours, others []string
	known := len(a.Gaps) == 0 || slices.ContainsFunc(a.OnCluster, func(r rbac.RoleRef) bool { return r.Kind == rbac.KindClusterRole })
	for _, name := range a.Decision.Grants {
		if e.read && known && !slices.Contains(a.OnCluster, rbac.RoleRef{Kind: rbac.KindClusterRole, Name: name}) {
			name += " (not on this cluster)"
		}
		ours = append(ours, name)
	}
	for _, role := range a.OnCluster {
		if !slices.Contains(a.Decision.Grants, role.Name) {
			others = append(others, role.String())
		}
	}
	var out []string
	if len(ours) > 0 {
		out = append(out, strings.Join(ours, ", "))
	}
	if len(others) > 0 {
		out = append(out, text.Listed(others, mostRoles))
	}
	return out
}

// changers names those who may bind a role there.
func changers(holders []binding.Holder) string {
	if len(holders) == 0 {
		return "whoever administers the cluster"
	}
	names := make([]string, len(holders))
	for i, h := range holders {
		names[i] = h.Subject.String()
	}
	return text.Listed(names, mostChangers)
}

// fix says what would grant it.
func (e *explanation) fix() []string {
	var items []string
	for _, object := range e.answer.Fix {
		switch o := object.(type) {
		case *rbacv1.RoleBinding:
			b := rbac.BindingOf(o)
			items = append(items, fmt.Sprintf("%s %s %s (%s)", b, e.flow.th.Glyphs.Arrow, b.Role, b.Subjects[0]), "y copies it as YAML")
		case *rbacv1.Role:
			items = append(items, fmt.Sprintf("a new Role %s/%s: the editor binds only roles that there are", o.Namespace, o.Name))
		}
	}
	return items
}

// rule is the fix as a rule for the editor, where it is a binding and nothing else.
func (e *explanation) rule() (rbac.BindingRule, bool) {
	if len(e.answer.Fix) != 1 {
		return rbac.BindingRule{}, false
	}
	o, ok := e.answer.Fix[0].(*rbacv1.RoleBinding)
	if !ok {
		return rbac.BindingRule{}, false
	}
	b := rbac.BindingOf(o)
	return rbac.BindingRule{Name: b.Name, RoleKind: b.Role.Kind, RoleName: b.Role.Name, Subjects: b.Subjects, Namespaces: []string{b.Namespace}}, true
}

// yaml is the fix as documents to be applied.
func (e *explanation) yaml() string {
	var out strings.Builder
	for i, object := range e.answer.Fix {
		if i > 0 {
			out.WriteString("---\n")
		}
		data, err := yaml.Marshal(object)
		if err != nil {
			return "# " + err.Error() + "\n"
		}
		out.Write(data)
	}
	return out.String()
}
