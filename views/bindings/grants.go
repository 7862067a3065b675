package bindings

import (
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// Rights that no action on VMs needs and that tell roles apart. The first two are about objects in no namespace.
var extraNeeds = []rbac.Need{
	{ID: "list-namespaces", Title: "List namespaces", Perms: []rbac.Permission{rbac.On("list", rbac.GroupCore, "namespaces")}},
	{ID: "list-templates", Title: "List VM templates", Perms: []rbac.Permission{rbac.On("list", rbac.GroupTemplates, "vmtemplates")}},
	{ID: needRights, Title: "Give rights to others", Perms: []rbac.Permission{rbac.On("create", rbac.GroupRBAC, "rolebindings")}},
	{ID: needEverything, Title: "Everything else", Perms: []rbac.Permission{{Verb: "*", Group: "*", Resource: "*"}}},
}

const (
	clusterScoped  = 2 // of extraNeeds
	needRights     = "give-rights"
	needEverything = "everything"
)

// needs are what bindings are looked at for.
var needs = append(binding.Needs(), extraNeeds...)

// needsIn are those that a binding in a namespace can give, or with an empty one a cluster role binding.
func needsIn(namespace string) []rbac.Need {
	if namespace == "" {
		return needs
	}
	return slices.DeleteFunc(slices.Clone(needs), func(n rbac.Need) bool { return isClusterScoped(n.ID) })
}

func isClusterScoped(id string) bool {
	return slices.ContainsFunc(extraNeeds[:clusterScoped], func(n rbac.Need) bool { return n.ID == id })
}

// power and move are the actions that one word stands for; every other need is a word of its own.
var (
	power = []string{"start", "start-paused", "stop", "force-stop", "restart", "force-restart", "pause", "unpause", "soft-reboot", "reset"}
	move  = []string{"migrate", "cancel-migration"}
)

// term is a word of the summary with the needs that it stands for.
type term struct {
	word string
	ids  []string
}

// terms cover the needs about VMs, in their order.
var terms = func() []term {
	var out []term
	for _, n := range binding.Needs() {
		word := n.ID
		switch {
		case slices.Contains(power, n.ID):
			word = "operate"
		case slices.Contains(move, n.ID):
			word = "migrate"
		}
		if i := slices.IndexFunc(out, func(t term) bool { return t.word == word }); i >= 0 {
			out[i].ids = append(out[i].ids, n.ID)
			continue
		}
		out = append(out, term{word, []string{n.ID}})
	}
	return out
}()

// Words of the summary that stand for more than one term.
const (
	wordAll        = "all"
	wordEverything = "everything"
	wordNothing    = "nothing"
	wordRights     = "rights"
)

// legend explains the words.
func legend() [][2]string {
	return [][2]string{
		{"see", "list and open VMs"}, {"operate", "start, stop, restart, pause, reset and the like"},
		{"migrate", "move VMs to other nodes, and cancel that"}, {"clone, delete", "as they say"},
		{"(operate)", "only some of it; the details say what"}, {wordAll, "every action on VMs"}, {"+ " + wordRights, "may make role bindings too"},
		{wordEverything, "whatever there is in Kubernetes"}, {wordNothing, "none of it there"},
	}
}

// grants is what a role gives in a place.
type grants struct {
	ids  []string // of needs
	text string
}

// grantsOf evaluates a role's rules for a binding in a namespace, or for a cluster role binding.
func grantsOf(rules rbac.Rules, namespace string) grants {
	ids := rbac.Granted(needsIn(namespace), rules)
	return grants{ids, summary(ids)}
}

// summary puts needs into a few words that tell one role from another at a glance.
func summary(ids []string) string {
	if slices.Contains(ids, needEverything) {
		return wordEverything
	}
	words := actionWords(ids)
	if len(words) == len(terms) && !strings.Contains(strings.Join(words, " "), "(") {
		words = []string{wordAll}
	}
	var others []string
	if len(words) == 0 { // nearly every role lists; it is said only of those that do nothing else
		for _, n := range extraNeeds[:clusterScoped] {
			if slices.Contains(ids, n.ID) {
				others = append(others, inner(n.Title))
			}
		}
	}
	if slices.Contains(ids, needRights) {
		if len(words) > 0 {
			words = append(words, "+")
		}
		words = append(words, wordRights)
	}
	if len(others) > 0 {
		words = append(words, strings.Join(others, ", "))
	}
	if len(words) == 0 {
		return wordNothing
	}
	return strings.Join(words, " ")
}

func actionWords(ids []string) []string {
	var words []string
	for _, t := range terms {
		has := slices.DeleteFunc(slices.Clone(t.ids), func(id string) bool { return !slices.Contains(ids, id) })
		switch {
		case len(has) == len(t.ids):
			words = append(words, t.word)
		case len(has) == 1:
			words = append(words, has[0])
		case len(has) > 1:
			words = append(words, "("+t.word+")")
		}
	}
	return words
}

// spelled spells needs out for a sentence: a word where it holds whole, else one by one.
func spelled(ids []string) string {
	var words []string
	for _, t := range terms {
		has := slices.DeleteFunc(slices.Clone(t.ids), func(id string) bool { return !slices.Contains(ids, id) })
		if len(has) == len(t.ids) {
			has = []string{t.word}
		}
		words = append(words, has...)
	}
	for _, n := range extraNeeds {
		if slices.Contains(ids, n.ID) {
			words = append(words, inner(n.Title))
		}
	}
	return strings.Join(words, ", ")
}

// inner is a title in the middle of a sentence.
func inner(title string) string { return strings.ToLower(title[:1]) + title[1:] }
