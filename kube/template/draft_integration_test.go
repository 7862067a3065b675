package template_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/template/templatetest"
)

// E3: what a VM is becomes a template of which the server makes VMs again.
func TestIntegrationTemplateOfAVM(t *testing.T) {
	k, _ := keeper(t, "vm-admin")
	templatetest.Install(t, kubetest.Connect(t, "cluster-admin"))
	m := machine(t, k, "cirros", template.Options{Name: "draft-test"})
	if _, err := k.Create(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	made, notes, err := template.FromVM(t.Context(), k.Cluster, m.Namespace, m.Name)
	if err != nil || len(notes) != 1 { // of cloud-init
		t.Fatalf("%v %q", err, notes)
	}
	if _, err := k.Save(t.Context(), made, true); err != nil {
		t.Errorf("the server would not take the template: %v", err)
	}
	if err := k.Check(t.Context(), made.Trial(m.Namespace)); err != nil {
		t.Errorf("the server would make no VM of it: %v", err)
	}
	if blank, err := template.Parse([]byte(template.Blank), "blank"); err != nil {
		t.Error(err)
	} else if err := k.Check(t.Context(), blank[0].Trial(m.Namespace)); err != nil {
		t.Errorf("the server would make no VM of the blank: %v", err)
	}
	if _, _, err := template.FromVM(t.Context(), k.Cluster, m.Namespace, "draft-none"); err == nil || !strings.Contains(err.Error(), "there is no such VM") {
		t.Errorf("of a VM that is not there: %v", err)
	}
	nobody, _ := keeper(t, "nobody")
	if _, _, err := template.FromVM(t.Context(), nobody.Cluster, m.Namespace, m.Name); err == nil || !strings.Contains(err.Error(), "not permitted: needs get virtualmachines in "+m.Namespace) {
		t.Errorf("for nobody: %v", err)
	}
}

// A field that the server does not know is told by its path, of a template and of a VM.
func TestIntegrationUnknownFieldsAreTold(t *testing.T) {
	k, _ := keeper(t, "vm-admin")
	templatetest.Install(t, kubetest.Connect(t, "cluster-admin"))
	list, err := template.Parse([]byte(strings.Replace(template.Blank, "spec:\n", "spec:\n  bogus: 1\n", 1)), "blank")
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.Save(t.Context(), list[0], true)
	if problems := template.Problems(err); len(problems) != 1 || problems[0].Field != "spec.bogus" {
		t.Errorf("of a template: %v %v", problems, err)
	}
	blank, err := template.Parse([]byte(template.Blank), "blank")
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := blank[0].Trial(kubetest.Namespace).YAML()
	if err != nil {
		t.Fatal(err)
	}
	m, problems := template.ParseMachine(strings.Replace(manifest, "        cpu:\n", "        bogus: 1\n        cpu:\n", 1))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	err = k.Check(t.Context(), m)
	if problems := template.Problems(err); len(problems) != 1 || problems[0].Field != "spec.template.spec.domain.bogus" {
		t.Errorf("of a VM: %v %v", problems, err)
	}
}

// The catalogue is followed by a watch: what others do shows within moments.
func TestIntegrationFollowTemplates(t *testing.T) {
	admin := kubetest.Connect(t, "cluster-admin")
	templatetest.Install(t, admin)
	k, _ := keeper(t, "vm-admin")
	ctx, cancel := context.WithCancel(t.Context())
	states := make(chan template.State, 100)
	over := make(chan struct{})
	go func() {
		defer close(over)
		template.Follow(ctx, kubetest.Connect(t, "viewer"), nil, func(s template.State) { states <- s })
	}()
	defer func() { cancel(); <-over }()
	until := func(what string, seen func(template.State) bool) {
		t.Helper()
		timeout := time.After(20 * time.Second)
		for {
			select {
			case s := <-states:
				if seen(s) {
					return
				}
			case <-timeout:
				t.Fatalf("%s does not show", what)
			}
		}
	}
	until("the catalogue", func(s template.State) bool { return len(s.Templates) >= len(templatetest.Samples()) })
	cirros, err := template.Get(t.Context(), k.Cluster, "cirros")
	if err != nil {
		t.Fatal(err)
	}
	made, err := k.Save(t.Context(), cirros.Like("follow-test"), false)
	if err != nil {
		t.Fatal(err)
	}
	until("a new template", func(s template.State) bool { _, ok := s.Find("follow-test"); return ok })
	if err := k.Delete(t.Context(), made, false); err != nil {
		t.Fatal(err)
	}
	until("that it is gone", func(s template.State) bool { _, ok := s.Find("follow-test"); return !ok })
}
