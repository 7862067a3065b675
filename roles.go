package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
)

func rolesCommand(f *flags) *cobra.Command {
	var output string
	var onCluster bool
	cmd := &cobra.Command{
		Use:   "roles",
		Short: "Show which role permits which action, or print the catalogue's roles",
		Long: "roles shows the catalogue's roles × actions, found by evaluating their rules; with --cluster also the cluster's own roles that\n" +
			"permit any of the actions. -o yaml prints the catalogue's objects, ready for kubectl apply.",
		Args: numArgs(0, 0, "roles takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case output == "yaml" && onCluster:
				return errors.New("-o yaml prints the catalogue's roles; it does not go with --cluster")
			case output == "yaml":
				for _, role := range rbac.Catalogue() {
					document, err := manifest(role.Object)
					if err != nil {
						return err
					}
					if _, err := io.WriteString(cmd.OutOrStdout(), document); err != nil {
						return err
					}
				}
				return nil
			case output != "table":
				return fmt.Errorf("-o %s is not known; there are table and yaml", output)
			}
			roles := rbac.CatalogueRules()
			if onCluster {
				cluster, err := connect(cmd.Context(), *f)
				if err != nil {
					return err
				}
				world, err := binding.Read(cmd.Context(), cluster)
				if err != nil {
					return errors.New(kube.Explain(err, "read the cluster's roles"))
				}
				for _, gap := range world.Gaps {
					fmt.Fprintln(cmd.ErrOrStderr(), "Note: "+text.Clean(gap.Text))
				}
				roles = rolesOf(world)
			}
			return printMatrix(cmd.OutOrStdout(), rbac.NewMatrix(binding.Needs(), roles))
		},
	}
	cmd.AddCommand(rolesInstallCommand(f))
	cmd.Flags().StringVarP(&output, "output", "o", "table", "table or yaml")
	cmd.Flags().BoolVar(&onCluster, "cluster", false, "the roles that the cluster has instead of the catalogue's")
	return cmd
}

// rolesOf are the cluster's roles that permit anything, cluster roles first.
func rolesOf(world binding.World) []rbac.RoleRules {
	var out []rbac.RoleRules
	for _, ref := range slices.SortedFunc(maps.Keys(world.Roles), func(a, b rbac.RoleRef) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	}) {
		if rules := world.Roles[ref]; len(rbac.Granted(binding.Needs(), rules)) > 0 {
			out = append(out, rbac.RoleRules{Ref: ref, Rules: rules})
		}
	}
	return out
}

// printMatrix writes a line for each action, as there are more of them than roles; the roles stand above.
func printMatrix(w io.Writer, m rbac.Matrix) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	names := make([]string, len(m.Roles))
	for i, row := range m.Roles {
		names[i] = row.Role.Name
		if row.Role.Namespace != "" {
			names[i] = row.Role.Namespace + "/" + row.Role.Name
		}
		names[i] = text.Clean(names[i])
	}
	fmt.Fprintln(table, "ACTION\t"+strings.Join(names, "\t"))
	for i, need := range m.Needs {
		cells := []string{need.ID}
		for _, row := range m.Roles {
			cells = append(cells, map[bool]string{true: "yes", false: "-"}[row.Grants(i)])
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	return table.Flush()
}
