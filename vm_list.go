package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/look"
)

var listFormats = []string{"table", "wide", "json", "yaml", "name"}

// vmList is the list as JSON and YAML show it.
type vmList struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Context    string   `json:"context"`
	Items      []vmItem `json:"items"`
	Notes      []string `json:"notes"`
}

func vmListCommand(f *vmFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List virtual machines",
		Long: "list shows the VMs of a namespace, or with -A all that you may see. What you may not see is said on standard error.\n\n" +
			"json and yaml: apiVersion (" + schema + "), kind (VMList), context, items, notes (what may be missing and why).\n" + itemHelp + "\n" +
			"name: a line NAMESPACE/NAME for each, as the other sub-commands take them.",
		Example: "  vmdeck vm list -n team-a\n  vmdeck vm list -A -l tier=web -o json\n  vmdeck vm migrate $(vmdeck vm list -A --filter node:worker-3 -o name) --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			return noRun(f.list(cmd, args))
		},
	}
	f.addSelection(cmd)
	addOutput(cmd, &f.output, listFormats...)
	return cmd
}

func (f *vmFlags) list(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("list takes no names: vmdeck vm show %s shows one VM; -l and --filter choose several", args[0])
	}
	if err := checkFormat(f.output, listFormats...); err != nil {
		return err
	}
	chosen, err := f.choose(nil)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	s, err := openVMs(ctx, f, chosen)
	if err != nil {
		return err
	}
	rows, _ := chosen.of(s.list)
	notes := s.list.Gaps()
	tell(cmd.ErrOrStderr(), notes)
	switch out := cmd.OutOrStdout(); f.output {
	case "name":
		for _, r := range rows {
			fmt.Fprintln(out, text.Clean(r.Key()))
		}
		return nil
	case "json", "yaml":
		list := vmList{APIVersion: schema, Kind: "VMList", Context: s.cluster.Target().Context, Items: []vmItem{}, Notes: append([]string{}, notes...)}
		for _, r := range rows {
			list.Items = append(list.Items, itemOf(r))
		}
		return encode(out, f.output, list)
	default:
		if len(rows) == 0 {
			tell(cmd.ErrOrStderr(), []string{"No VMs found."})
			return nil
		}
		return writeRows(out, rows, f.output == "wide", time.Now())
	}
}

func tell(w io.Writer, notes []string) {
	for _, note := range notes {
		fmt.Fprintln(w, text.Clean(note))
	}
}

// writeRows writes the table. Columns may be of any width, so what is longest comes last.
func writeRows(w io.Writer, rows []*vm.Row, wide bool, now time.Time) error {
	looks := look.New(theme.New(theme.Options{NoColor: true, ASCII: true}))
	titles := []string{"NAMESPACE", "NAME", "STATUS", "NODE", "IP", "CPU", "MEM", "AGE"}
	if wide {
		titles = append(titles, "RUN STRATEGY", "TYPE", "OS", "ATTENTION")
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join(titles, "\t"))
	for _, r := range rows {
		cells := []string{r.Namespace, r.Name, r.Status, looks.Node(r), first(r.IPs), number(r.CPU), memory(r.Memory), text.Age(now.Sub(r.Created))}
		if wide {
			var attention []string
			for _, c := range r.Attention {
				attention = append(attention, c.Type)
			}
			cells = append(cells, r.RunStrategy, r.Instancetype, r.OS, first(attention))
		}
		writeCells(table, cells)
	}
	return table.Flush()
}

func writeCells(w io.Writer, cells []string) {
	for i, cell := range cells {
		if cells[i] = text.Clean(cell); cells[i] == "" {
			cells[i] = "-"
		}
	}
	fmt.Fprintln(w, strings.Join(cells, "\t"))
}

// first is the first of several, with how many more there are.
func first(of []string) string {
	switch len(of) {
	case 0:
		return ""
	case 1:
		return of[0]
	default:
		return fmt.Sprintf("%s +%d", of[0], len(of)-1)
	}
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func memory(bytes int64) string {
	if bytes == 0 {
		return ""
	}
	return text.Bytes(bytes)
}
