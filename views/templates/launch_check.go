package templates

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/shell"
)

// checked is what the server said to a VM that was not made.
type checked struct {
	machine template.Machine
	trial   bool // it was asked for no more than that
	err     error
}

// current is the VM as the screen has it.
func (p *Launch) current() (template.Machine, []template.Problem) {
	if p.screen == screenYAML {
		return template.ParseMachine(p.area.Text())
	}
	return p.form.machine()
}

// create has the server try the VM, and makes it unless that is all that was asked for.
func (p *Launch) create(trial bool) tea.Cmd {
	if p.busy != "" {
		return nil
	}
	m, problems := p.current()
	if p.form.asked = true; p.screen == screenYAML {
		p.problems = problems
	}
	if len(problems) > 0 {
		return p.toProblem(problems)
	}
	if v := launchingIn(p.deck, m.Namespace); v.Off() && v.Cause != vm.Asking && !(trial && v.Cause == vm.ReadOnly) {
		return explain(p.deck, "launch", v)
	}
	p.problems, p.verdict, p.busy = nil, "", "The server tries it"
	parent, keeper := p.ctx, p.deck.Platform.Templates
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, saveWithin)
		defer cancel()
		return shell.For(p, checked{m, trial, keeper.Check(ctx, m)})
	}
}

// toProblem goes to the first field that is wrong.
func (p *Launch) toProblem(problems []template.Problem) tea.Cmd {
	if p.screen == screenYAML {
		if line := placed(p.area.Text(), problems[0].Field); line > 0 {
			p.area.GoTo(line)
		}
		return nil
	}
	for _, at := range p.form.parts() {
		if slices.ContainsFunc(problems, func(pr template.Problem) bool { return pr.Field == ids[at] }) {
			p.form.focus = at
			break
		}
	}
	return nil
}

func (p *Launch) checked(msg checked) tea.Cmd {
	p.busy = ""
	switch {
	case msg.err != nil:
		return p.refused(msg.err)
	case msg.trial:
		p.verdict = "The server would make it."
		return nil
	}
	return p.begin(msg.machine)
}

// refused shows what the server found wrong, at the fields that it is about.
func (p *Launch) refused(err error) tea.Cmd {
	if kube.Classify(err) == kube.KindCanceled {
		return nil
	}
	p.problems = template.Problems(err)
	if len(p.problems) == 0 {
		p.problems = []template.Problem{{Text: strings.TrimSuffix(err.Error(), ".") + "."}}
	}
	return p.toProblem(p.problems)
}

// classes are the storage classes of the cluster, as far as they may be listed.
type classes struct{ names []string }

func (p *Launch) readClasses() tea.Cmd {
	parent, cluster := p.ctx, p.deck.Cluster
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, kube.CallTimeout)
		defer cancel()
		body, err := cluster.REST("storage.k8s.io", "v1").Get().Resource("storageclasses").Do(ctx).Raw()
		var list struct {
			Items []struct {
				Metadata struct{ Name string }
			}
		}
		if err != nil || json.Unmarshal(body, &list) != nil { // then their names are typed
			return nil
		}
		var names []string
		for _, item := range list.Items {
			names = append(names, item.Metadata.Name)
		}
		return shell.For(p, classes{names})
	}
}
