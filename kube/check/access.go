package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

const (
	mostPeople = 50 // subjects that are looked at unless they were named: each takes some twenty requests
	mostPlaces = 8  // namespaces of each
)

// checkOwn asks what the chosen user may do with VMs, whatever was meant: it is what a user with no rights at all is told.
func checkOwn(ctx context.Context, e *env) []Result {
	who := rbac.Who{User: e.me.User, Groups: e.me.Groups}
	if e.options.Who != nil {
		who = *e.options.Who
	}
	places := append([]string{""}, e.options.Namespaces...)
	if len(e.options.Namespaces) == 0 {
		places = append(places, e.ownPlaces(ctx, who)...)
	}
	m, err := e.matrix(ctx, e.options.Who, places)
	m.Subject = rbac.SubjectOf(who.User).String()
	if err != nil {
		return one(unread(err, "ask what "+who.User+" may do", rbac.On("create", "authorization.k8s.io", "subjectaccessreviews")))
	}
	r := Result{Verdict: Pass, Matrix: &m}
	name := "You"
	if e.options.Who != nil {
		name = who.User
	}
	var can []string
	for _, place := range m.Places {
		if ids := place.allowed(); len(ids) > 0 {
			can = append(can, fmt.Sprintf("%s: %s", place.name(), strings.Join(ids, ", ")))
		}
	}
	looked := "in " + some(places[1:], 5)
	if len(places) == 1 {
		looked = "in all namespaces"
	}
	switch {
	case len(can) == 0:
		r.Verdict, r.Summary = Fail, fmt.Sprintf("%s may not do anything with VMs %s.", name, looked)
		r.Fix = grantTo(who, places)
	case !m.may("see"):
		r.Verdict, r.Summary = Warn, fmt.Sprintf("%s may not list VMs %s, so that none can be shown.", name, looked)
		r.Fix = grantTo(who, places)
	default:
		r.Summary = fmt.Sprintf("%s may use VMs %s.", name, m.where())
	}
	r.Evidence = can
	return one(r)
}

// ownPlaces are the namespaces where somebody may have rights: that of the kubeconfig, those of the configuration, and those where a
// binding was found.
func (e *env) ownPlaces(ctx context.Context, who rbac.Who) []string {
	target := e.cluster.Target()
	places := append([]string{e.home()}, target.Namespaces...)
	if w, err := e.world.of(ctx); err == nil {
		rules, _ := e.rules.of(ctx)
		places = append(places, boundIn(w, rules, who)...)
	}
	slices.Sort(places)
	places = slices.Compact(places)
	return places[:min(len(places), mostPlaces)]
}

// grantTo is what to ask an administrator for, or to do as one.
func grantTo(who rbac.Who, places []string) Fix {
	s := rbac.SubjectOf(who.User)
	rule := rbac.BindingRule{Name: "vm-users", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser, Subjects: []rbac.Subject{s}, Lists: true}
	where := "NAMESPACE"
	if len(places) > 1 {
		rule.Namespaces, where = places[1:2], places[1]
	}
	roles := oneOf([]string{rbac.RoleViewer, rbac.RoleUser, rbac.RolePowerUser})
	return Fix{
		Text:    fmt.Sprintf("An administrator of the cluster gives %s a role over VMs, such as %s, in the namespaces to work in.", who.User, roles),
		Command: fmt.Sprintf("kubectl create rolebinding vm-users -n %s --clusterrole=%s %s", where, rbac.RoleUser, subjectFlag(s)),
		Open:    EditRule{Rule: rule},
	}
}

// checkAccess compares what subjects may do with what they are meant to. The API server is asked: rights that come from elsewhere than
// the bindings are found, and rights that bindings only seem to give.
func checkAccess(ctx context.Context, e *env) []Result {
	w, rules, r, done := e.rights(ctx)
	if done {
		return one(r)
	}
	subjects, skipped := e.subjects(w, rules)
	if len(subjects) == 0 {
		return one(Result{Verdict: NotApplicable, Summary: "Nobody is bound to a persona, by rule or by hand."})
	}
	out := make([]Result, 0, len(subjects))
	for _, s := range subjects {
		ctx, requests := withTrail(ctx)
		r := e.compare(ctx, w, rules, s)
		if r.Verdict == NotPermitted { // the same for everybody else
			r.Object = ""
			return one(r)
		}
		r.How = requests.lines()
		out = append(out, r)
	}
	if skipped > 0 {
		out = append(out, Result{
			// No warning: a large cluster would never be free of it.
			Object: "others", Verdict: NotApplicable, Summary: fmt.Sprintf("%s more were not looked at; --as USER looks at one.", counted(skipped, "subject")),
		})
	}
	return out
}

// asked is somebody whose rights are asked about.
type asked struct {
	object string
	who    rbac.Who
}

func (e *env) subjects(w binding.World, rules []binding.Stored) (list []asked, skipped int) {
	if who := e.options.Who; who != nil {
		list = append(list, asked{rbac.SubjectOf(who.User).String(), *who})
	}
	for _, s := range e.options.Subjects {
		list = append(list, asked{s.String(), s.Who()})
	}
	if len(list) > 0 {
		return list, 0
	}
	for _, p := range people(w, rules) {
		if m, _ := e.meantAnywhere(w, rules, p.Who()); !m {
			continue
		}
		if len(list) == mostPeople {
			skipped++
			continue
		}
		list = append(list, asked{p.String(), p.Who()})
	}
	return list, skipped
}

// meantAnywhere tells whether somebody is meant to have any persona, and in which namespaces they have bindings.
func (e *env) meantAnywhere(w binding.World, rules []binding.Stored, who rbac.Who) (bool, []string) {
	bound := boundIn(w, rules, who)
	for _, namespace := range append([]string{""}, bound...) {
		if _, from := meant(w, rules, who, namespace); len(from) > 0 {
			return true, bound
		}
	}
	return false, bound
}

// compare asks for somebody's rights, cluster-wide and where they have bindings, and marks what is missing and what is too much.
func (e *env) compare(ctx context.Context, w binding.World, rules []binding.Stored, s asked) Result {
	any, bound := e.meantAnywhere(w, rules, s.who)
	if len(e.options.Namespaces) > 0 {
		bound = e.options.Namespaces
	}
	beyond := max(len(bound)-mostPlaces, 0)
	m, err := e.matrix(ctx, &s.who, append([]string{""}, bound[:len(bound)-beyond]...))
	if err != nil {
		r := unread(err, "ask the API server what "+s.object+" may do", rbac.On("create", "authorization.k8s.io", "subjectaccessreviews"))
		r.Object = s.object
		return r
	}
	m.Subject = s.object
	r := Result{Object: s.object, Verdict: Pass, Matrix: &m}
	if beyond > 0 {
		r.Evidence = append(r.Evidence, fmt.Sprintf("%s more with bindings not looked at; name them with -n", counted(beyond, "namespace")))
	}
	if !any {
		r.Summary = fmt.Sprintf("%s has no persona; what they may do stands in the matrix.", s.object)
		return r
	}
	missing, surplus := m.against(func(namespace string) (rbac.Rules, []string) { return meant(w, rules, s.who, namespace) })
	for _, line := range missing {
		r.Evidence = append(r.Evidence, "missing "+line)
	}
	for _, line := range surplus {
		r.Evidence = append(r.Evidence, "surplus "+line)
	}
	r.Fix = Fix{Text: "Look at the bindings, and at the roles that they give.", Open: ShowBindings{Query: s.object[strings.IndexByte(s.object, ' ')+1:]}}
	switch {
	case len(missing) > 0 && len(surplus) > 0:
		r.Verdict, r.Summary = Fail, s.object+" lacks rights that the persona has, and has others besides."
	case len(missing) > 0:
		r.Verdict, r.Summary = Fail, s.object+" lacks rights that the persona has."
	case len(surplus) > 0:
		r.Verdict, r.Summary = Warn, s.object+" may do more than the persona is meant to."
	default:
		r.Summary, r.Fix = s.object+" may do what the persona is meant to, and no more.", Fix{}
	}
	if len(missing)+len(surplus) > 0 {
		r.Evidence = append(r.Evidence, m.From...)
	}
	return r
}
