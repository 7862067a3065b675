package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"
)

// The formats of lists, and of one thing.
var (
	manyFormats = []string{"table", "yaml", "json", "name"}
	oneFormats  = []string{"text", "yaml", "json"}
)

// addOutput adds the flag -o with its completion; the first format is the default. checkFormat holds what is given against them.
func addOutput(cmd *cobra.Command, output *string, formats ...string) {
	*output = formats[0]
	cmd.Flags().StringVarP(output, "output", "o", formats[0], strings.Join(formats, ", "))
	completeFlag(cmd, "output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

// encodeManifests writes YAML manifests as one List, in YAML or JSON.
func encodeManifests(w io.Writer, format string, manifests [][]byte) error {
	items := []any{}
	for _, data := range manifests {
		object, err := objectOf(data)
		if err != nil {
			return err
		}
		items = append(items, object)
	}
	return encode(w, format, map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
}

// encodeManifest writes a YAML manifest in YAML or JSON.
func encodeManifest(w io.Writer, format string, manifest []byte) error {
	object, err := objectOf(manifest)
	if err != nil {
		return err
	}
	return encode(w, format, object)
}

func objectOf(manifest []byte) (object map[string]any, err error) {
	return object, yaml.Unmarshal(manifest, &object)
}

// writeTable writes rows below their titles, which tabs part.
func writeTable(w io.Writer, titles string, rows [][]string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, titles)
	for _, cells := range rows {
		writeCells(table, cells)
	}
	return table.Flush()
}

// readGiven reads the file of a flag -f, - being standard input, and says what to call it.
func readGiven(in io.Reader, path string) (data []byte, name string, err error) {
	if path == "-" {
		data, err = io.ReadAll(in)
		return data, "standard input", err
	}
	data, err = os.ReadFile(path)
	return data, path, err
}
