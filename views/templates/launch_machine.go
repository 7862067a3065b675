package templates

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/ui/text"
)

// template is the one that is chosen.
func (f *form) template() (template.Template, bool) {
	return f.deck.Templates().Find(f.value(partTemplate))
}

// starts tells whether the VM will be started.
func (f *form) starts() bool {
	if f.start != nil {
		return *f.start
	}
	t, ok := f.template()
	return ok && startsAtOnce(t)
}

// options are what is chosen. problems are about what cannot be read.
func (f *form) options() (o template.Options, problems []template.Problem) {
	o = template.Options{Name: f.value(partName), Namespace: f.value(partNamespace), Start: f.start}
	parts := f.parts()
	if typed := f.value(partCPU); typed != "" && slices.Contains(parts, partCPU) {
		n, err := strconv.ParseInt(typed, 10, 32)
		if o.CPU = n; err != nil || n < 1 {
			o.CPU = 0
			problems = append(problems, template.Problem{Field: template.FieldCPU, Text: fmt.Sprintf("%q is no number of CPUs.", typed)})
		}
	}
	if slices.Contains(parts, partMemory) {
		o.Memory = f.value(partMemory)
	}
	if slices.Contains(parts, partStorage) {
		o.StorageClass = f.value(partStorage)
	}
	for _, label := range strings.FieldsFunc(f.value(partLabels), func(r rune) bool { return r == ',' || r == ' ' }) {
		key, value, ok := strings.Cut(label, "=")
		if !ok {
			problems = append(problems, template.Problem{Field: template.FieldLabels, Text: fmt.Sprintf("%q is no label like tier=web.", label)})
			continue
		}
		if o.Labels == nil {
			o.Labels = map[string]string{}
		}
		o.Labels[key] = value
	}
	return o, problems
}

// machine is the VM as it would be made.
func (f *form) machine() (template.Machine, []template.Problem) {
	t, ok := f.template()
	if !ok {
		text := "choose a template."
		if typed := f.value(partTemplate); typed != "" {
			text = fmt.Sprintf("there is no template %q.", typed)
		}
		if s := f.deck.Templates(); s.At.IsZero() && s.Err == nil {
			text = "the templates are still being read."
		} else if s.Err != nil {
			text = strings.TrimSuffix(s.Err.Error(), ".") + "."
		}
		return template.Machine{}, []template.Problem{{Field: fieldTemplate, Text: text}}
	}
	o, problems := f.options()
	m, more := t.Instantiate(o)
	return m, append(problems, more...)
}

// yaml is the manifest; empty without a template.
func (f *form) yaml() string {
	if _, ok := f.template(); !ok {
		return ""
	}
	m, _ := f.machine()
	yaml, err := m.YAML()
	if err != nil {
		return "# " + text.Clean(err.Error())
	}
	return yaml
}

// problems are what is wrong, where it is time to say so: a field that was left, or all when the VM was asked for.
func (f *form) problems() []template.Problem {
	_, all := f.machine()
	unread := f.deck.Templates().At.IsZero() // then nothing helps but to say so
	return slices.DeleteFunc(all, func(pr template.Problem) bool {
		if unread && pr.Field == fieldTemplate {
			return false
		}
		for p, id := range ids {
			if id == pr.Field {
				return !f.asked && (!f.left[p] || f.focus == p)
			}
		}
		return !f.asked
	})
}
