package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/text"
)

// What becomes of an action on a VM.
const (
	resultDone      = "done"
	resultUnchanged = "unchanged"
	resultDryRun    = "dry-run"
	resultRefused   = "refused"
	resultFailed    = "failed"
)

// vmResults are the results of an action as JSON and YAML show them.
type vmResults struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Context    string     `json:"context"`
	Action     string     `json:"action"`
	DryRun     bool       `json:"dryRun"`
	Waited     bool       `json:"waited"`
	Results    []vmResult `json:"results"`
}

type vmResult struct {
	Namespace string   `json:"namespace"`
	Name      string   `json:"name"`
	UID       string   `json:"uid"`
	Result    string   `json:"result"`
	Message   string   `json:"message"`
	Missing   []string `json:"missing"`
	Roles     []string `json:"roles"`
}

const resultHelp = `text: a line for each VM as its turn is over, failures on standard error, and a summary of several.
json and yaml: apiVersion (` + schema + `), kind (VMResults), context, action, dryRun, waited, results; of each namespace, name, uid, result,
message, missing (permissions), roles (of the catalogue, that grant them). result is done (with --wait: and has taken effect), unchanged (it
was so already), dry-run (the server would accept it), refused (before the server was asked) or failed. Fields may be added.`

func resultOf(r *vm.Row, result, message string) vmResult {
	return vmResult{Namespace: r.Namespace, Name: r.Name, UID: r.UID, Result: result, Message: message}
}

func (r vmResult) bad() bool { return r.Result == resultRefused || r.Result == resultFailed }

// add takes in a result and, as text, tells it. What became of a single VM that was not done is the command's error.
func (d *vmDoing) add(r vmResult) {
	r.Missing, r.Roles = append([]string{}, r.Missing...), append([]string{}, r.Roles...)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.results = append(d.results, r)
	switch {
	case d.output != "text":
	case !r.bad():
		fmt.Fprintln(d.out, text.Clean(r.Message))
	case d.total > 1:
		fmt.Fprintln(d.notes, text.Clean(r.Message))
	}
}

// report writes what is written at the end, and is an error when not everything was done.
func (d *vmDoing) report(context string) error {
	if d.output != "text" {
		slices.SortFunc(d.results, func(a, b vmResult) int {
			return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
		})
		err := encode(d.out, d.output, vmResults{
			APIVersion: schema, Kind: "VMResults", Context: context, Action: d.action.ID,
			DryRun: d.options.DryRun, Waited: d.wait > 0, Results: d.results,
		})
		if err != nil {
			return err
		}
	}
	summary, bad := d.summary()
	switch {
	case bad && d.total == 1:
		return exitError{exitFailed, errors.New(text.Clean(d.results[0].Message))}
	case bad:
		return exitError{exitFailed, errors.New(summary)}
	case d.total > 1 && d.output == "text":
		fmt.Fprintln(d.out, summary)
	}
	return nil
}

// summary counts the results, as in "stop: 3 done, 1 refused".
func (d *vmDoing) summary() (text string, bad bool) {
	counts := map[string]int{}
	for _, r := range d.results {
		counts[r.Result]++
		bad = bad || r.bad()
	}
	var parts []string
	for _, result := range []string{resultDone, resultDryRun, resultUnchanged, resultRefused, resultFailed} {
		if n := counts[result]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, result))
		}
	}
	return d.action.ID + ": " + strings.Join(parts, ", "), bad
}
