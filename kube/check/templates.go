package check

import (
	"context"
	"encoding/json"
	"fmt"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/rbac"
)

// mostTemplates is how many templates are tried.
const mostTemplates = 30

func checkTemplateKind(ctx context.Context, e *env) []Result {
	_, served, err := e.serves(ctx, rbac.GroupTemplates, "vmtemplates")
	switch {
	case err != nil:
		return one(unread(err, "find out whether the cluster knows VM templates", listTemplates))
	case served:
		return one(Result{Verdict: Pass, Summary: "The cluster knows VM templates."})
	}
	r := Result{Verdict: Warn, Summary: "The cluster does not know VM templates: VMs are made from manifests only."}
	r.Fix = Fix{Text: "Apply a profile with the pack virtual-machine-orchestrator, which brings templates.", Command: "vmdeck profile list", Open: ShowProfiles{}}
	if s, err := e.setup.of(ctx); err == nil && s.From != "" {
		r.Verdict = Fail // the packs were meant to bring them
	}
	return one(r)
}

var listTemplates = rbac.On("list", rbac.GroupTemplates, "vmtemplates")

// checkTemplates tries to make a VM from each template, as a server-side dry run with all admission checks.
func checkTemplates(ctx context.Context, e *env) []Result {
	version, served, err := e.serves(ctx, rbac.GroupTemplates, "vmtemplates")
	if err != nil {
		return one(unread(err, "list VM templates", listTemplates))
	}
	if !served {
		return one(Result{Verdict: NotApplicable, Summary: "The cluster does not know VM templates."})
	}
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	if err := e.get(ctx, "/apis/"+rbac.GroupTemplates+"/"+version+"/vmtemplates", &list); err != nil {
		return one(unread(err, "list VM templates", listTemplates))
	}
	if len(list.Items) == 0 {
		fix := Fix{Text: "Apply a profile with sample templates, or make one of your own.", Command: "vmdeck template create -f templates.yaml", Open: ShowTemplates{}}
		return one(Result{Verdict: Warn, Summary: "There is no VM template.", Fix: fix})
	}
	items := list.Items[:min(len(list.Items), mostTemplates)]
	out := make([]Result, len(items))
	e.each(len(items), func(i int) {
		ctx, requests := withTrail(ctx)
		t, err := template.Decode(items[i])
		if err != nil {
			out[i] = unread(err, "read a VM template", listTemplates)
			return
		}
		out[i] = e.try(ctx, t)
		out[i].How = requests.lines()
	})
	return out
}

// try makes the dry run as the chosen user or, where nobody may speak for them, as oneself.
func (e *env) try(ctx context.Context, t template.Template) Result {
	namespace := e.home()
	path := "/apis/" + rbac.GroupKubeVirt + "/v1/namespaces/" + namespace + "/virtualmachines"
	machine := t.Trial(namespace).Object()
	user, said := e.me.User, ""
	err := e.post(ctx, e.options.Who, path, machine, nil, "dryRun", "All")
	if e.options.Who != nil {
		user = e.options.Who.User
		if kube.Classify(err) == kube.KindForbidden && !e.mayImpersonate(ctx) {
			user, said = e.me.User, fmt.Sprintf("You may not speak for %s, so it was tried as %s.", e.options.Who.User, e.me.User)
			err = e.post(ctx, nil, path, machine, nil, "dryRun", "All")
		}
	}
	r := Result{Object: t.Name}
	if said != "" {
		r.Evidence = append(r.Evidence, said)
	}
	what := fmt.Sprintf("make a VM from the template %s in %s", t.Name, namespace)
	switch kube.Classify(err) {
	case kube.KindNone:
		r.Verdict = Pass
		r.Summary = fmt.Sprintf("The server would make a VM from %s in %s for %s (dry run).", t.Name, namespace, user)
	case kube.KindForbidden:
		d := denied(what, rbac.On("create", rbac.GroupKubeVirt, "virtualmachines"))
		r.Verdict, r.Missing, r.Grants, r.Fix = d.Verdict, d.Missing, d.Grants, d.Fix
		r.Summary = fmt.Sprintf("%s may not %s.", user, what)
	default:
		r.Verdict = Fail
		r.Summary = fmt.Sprintf("The server would not make a VM from %s.", t.Name)
		r.Evidence = append(r.Evidence, sentence(kube.Explain(err, what)))
		r.Fix = Fix{Text: "Correct the template.", Command: "vmdeck template edit " + quote(t.Name), Open: ShowTemplates{}}
	}
	return r
}

// mayImpersonate tells whether a refusal was about the request or about speaking for somebody.
func (e *env) mayImpersonate(ctx context.Context) bool {
	_, err := e.reviewAs(ctx, *e.options.Who, "", listTemplates)
	return kube.Classify(err) != kube.KindForbidden
}
