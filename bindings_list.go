package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
)

func bindingsListCommand(f *flags) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the rules",
		Args:  numArgs(0, 0, "bindings list takes no arguments; bindings show takes a name"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(output, manyFormats...); err != nil {
				return noRun(err)
			}
			keeper, err := f.keeper(cmd.Context(), "")
			if err != nil {
				return noRun(err)
			}
			rules, err := keeper.Rules.List(cmd.Context())
			if err != nil {
				return noRun(unkept(err))
			}
			for _, r := range rules {
				if r.Err != nil {
					say(cmd.ErrOrStderr(), "Note: the rule %s cannot be used: %v", r.Name, r.Err)
				}
			}
			return printRules(cmd.OutOrStdout(), output, rules, keeper.Rules.Where())
		},
	}
	addOutput(cmd, &output, manyFormats...)
	return cmd
}

func printRules(w io.Writer, output string, rules []binding.Stored, where string) error {
	switch output {
	case "table":
		return tableOfRules(w, rules, where)
	case "name":
		for _, r := range rules {
			fmt.Fprintln(w, text.Clean(r.Name))
		}
		return nil
	}
	var manifests [][]byte
	for _, r := range rules {
		if r.Err != nil {
			continue
		}
		data, err := binding.Manifest(r.BindingRule)
		if err != nil {
			return err
		}
		manifests = append(manifests, data)
	}
	return encodeManifests(w, output, manifests)
}

func tableOfRules(w io.Writer, rules []binding.Stored, where string) error {
	if len(rules) == 0 {
		_, err := fmt.Fprintf(w, "There are no rules in %s.\n", text.Clean(where))
		return err
	}
	var rows [][]string
	for _, r := range rules {
		cells := []string{r.Name, "", "", "cannot be used"}
		if r.Err == nil {
			cells = []string{r.Name, roleOf(r.BindingRule), placesOf(r.BindingRule), strings.Join(texts(r.Subjects), ", ")}
		}
		rows = append(rows, cells)
	}
	return writeTable(w, "NAME\tROLE\tWHERE\tSUBJECTS", rows)
}

// roleOf names the role that a rule binds, with its kind where that is not the usual one.
func roleOf(r rbac.BindingRule) string {
	if r.RoleKind == rbac.KindClusterRole {
		return r.RoleName
	}
	return r.RoleKind + " " + r.RoleName
}

func placesOf(r rbac.BindingRule) string {
	if r.ClusterWide {
		return "everywhere"
	}
	return strings.Join(r.Namespaces, ", ")
}

func bindingsShowCommand(f *flags) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show a rule, and whether the cluster is as it says",
		Args:  exactly(1, "name the rule, as in: vmdeck bindings show devs"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(output, oneFormats...); err != nil {
				return noRun(err)
			}
			keeper, err := f.keeper(cmd.Context(), "")
			if err != nil {
				return noRun(err)
			}
			rules, err := keeper.Rules.List(cmd.Context())
			if err != nil {
				return noRun(unkept(err))
			}
			rule, found := binding.Find(rules, args[0])
			switch {
			case !found:
				return noRun(fmt.Errorf("there is no rule %q in %s; vmdeck bindings list names those there are", args[0], keeper.Rules.Where()))
			case rule.Err != nil:
				return fmt.Errorf("the rule %s cannot be used: %w", rule.Name, rule.Err)
			case output == "yaml" || output == "json":
				data, err := binding.Manifest(rule.BindingRule)
				if err != nil {
					return err
				}
				return encodeManifest(cmd.OutOrStdout(), output, data)
			}
			world, err := binding.Read(cmd.Context(), keeper.Cluster)
			if err != nil {
				return noRun(fmt.Errorf("%s", kube.Explain(err, "read roles and bindings")))
			}
			plan, err := keeper.Plan(rule.BindingRule, world.World)
			if err != nil {
				return err
			}
			printRule(cmd.OutOrStdout(), rule.BindingRule, plan, world.GapsIn(""))
			return nil
		},
	}
	addOutput(cmd, &output, oneFormats...)
	return cmd
}

func printRule(w io.Writer, r rbac.BindingRule, plan rbac.Plan, gaps []string) {
	say(w, "Rule      %s", r.Name)
	say(w, "Role      %s %s", r.RoleKind, r.RoleName)
	say(w, "Subjects  %s", text.Clean(strings.Join(texts(r.Subjects), ", ")))
	say(w, "Where     %s", placesOf(r))
	say(w, "Lists     %s", map[bool]string{true: "the two list bindings are made for those who lack them", false: "no"}[r.Lists])
	say(w, "Bindings  %d as they should be", len(plan.Unchanged))
	printPlan(w, plan)
	for _, gap := range gaps {
		say(w, "Note: %s", gap)
	}
}

// printPlan writes what a plan does, what becomes of whose rights, and what is worth knowing.
func printPlan(w io.Writer, plan rbac.Plan) {
	// Each is one line, whatever a subject is called.
	for _, line := range plan.Lines() {
		say(w, "%s", text.Clean(line))
	}
	for _, line := range effects(plan.Effects(binding.Needs())) {
		say(w, "  %s", text.Clean(line))
	}
	for _, note := range plan.Notes {
		say(w, "Note: %s", text.Clean(note))
	}
}

// namedPlaces is how many namespaces an effect names.
const namedPlaces = 5

// effects are a line for each subject and kind of effect, with the namespaces where it is the same: a pattern may select hundreds.
func effects(all []rbac.Effect) []string {
	places := map[string][]string{}
	var first []rbac.Effect
	key := func(e rbac.Effect) string {
		e.Namespace = map[bool]string{true: "", false: "…"}[e.Namespace == ""]
		return e.String()
	}
	for _, e := range all {
		if places[key(e)] == nil {
			first = append(first, e)
		}
		places[key(e)] = append(places[key(e)], e.Namespace)
	}
	var out []string
	for _, e := range first {
		if in := places[key(e)]; len(in) > namedPlaces {
			e.Namespace = fmt.Sprintf("%s and %d more", strings.Join(in[:namedPlaces], ", "), len(in)-namedPlaces)
		} else {
			e.Namespace = strings.Join(in, ", ")
		}
		out = append(out, e.String())
	}
	return out
}
