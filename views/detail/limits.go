package detail

import (
	"fmt"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/sheet"
)

// part is one of the things that a fetch brings, for saying what is missing.
type part struct {
	kind vm.Kind
	verb string
	name string // for the user
	err  error
}

func (f *facts) parts() []part {
	d := f.detail
	return []part{
		{vm.Machines, "get", "the VirtualMachine", d.MachineErr},
		{vm.Instances, "get", "the VirtualMachineInstance", d.InstanceErr},
		{vm.Migrations, "list", "migrations", d.MigrationsErr},
	}
}

// main is the object that the page is about.
func (f *facts) main() part {
	if f.row.HasVM {
		return f.parts()[0]
	}
	return f.parts()[1]
}

// shown begins a sentence about what stands on the screen.
func (p part) shown() string {
	if p.kind == vm.Migrations {
		return "The migrations shown are"
	}
	return "What is shown of " + p.name + " is"
}

// forbidden says which permission is missing; empty where the error is another one.
func (p part) forbidden(namespace string) string {
	if kube.Classify(p.err) != kube.KindForbidden {
		return ""
	}
	verb := map[string]string{"get": "read", "list": "list"}[p.verb]
	return fmt.Sprintf("You may not %s %s: %s is missing in %s.", verb, p.name, rbac.On(p.verb, rbac.GroupKubeVirt, string(p.kind)), namespace)
}

// limits says what the overview cannot show for want of permissions.
func (f *facts) limits(s *tabSheet) {
	for _, p := range f.parts()[:2] {
		if text := p.forbidden(f.row.Namespace); text != "" {
			s.Gap()
			s.Para(0, sheet.Warn(text))
			s.Para(0, sheet.Dim("What the list knows is shown."))
		}
	}
}

// missing writes why a sub-tab has nothing of one object to show; it reports false where the object is there.
func (f *facts) missing(s *tabSheet, p part, there bool) bool {
	switch text := p.forbidden(f.row.Namespace); {
	case there:
		return false
	case text != "":
		s.Para(0, sheet.Warn(text))
	case p.err != nil:
		s.Para(0, sheet.Warn(kube.Explain(p.err, "reading "+p.name)))
	case !f.loaded:
		s.Para(0, sheet.Dim("Loading"+s.Theme.Glyphs.Ellipsis))
	case p.kind == vm.Instances:
		s.Para(0, sheet.Dim("There is no instance: the VM does not run."))
	default:
		s.Para(0, sheet.Dim("There is no VirtualMachine: this is an instance of its own."))
	}
	return true
}
