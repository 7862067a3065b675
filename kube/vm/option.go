package vm

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// ctx keeps the lines of the action table within sight.
type ctx = context.Context

// Option is one thing that a user may set for an action: a field of a form, a flag of a sub-command.
type Option struct {
	ID      string // flag name
	Title   string
	Help    string
	Default func(r *Row) string // what the form starts with; nil: empty
	// Set reads the text into the options; the error is a sentence for the field.
	Set func(text string, o *Options) error
}

var gracePeriodOption = Option{
	ID: "grace-period", Title: "Grace period", Help: "seconds the guest gets to shut down; empty: the VM's own",
	Set: func(text string, o *Options) error {
		if text = strings.TrimSpace(text); text == "" {
			o.GracePeriod = nil
			return nil
		}
		seconds, err := strconv.ParseInt(strings.TrimSuffix(text, "s"), 10, 64)
		if err != nil || seconds < 0 || seconds > math.MaxInt32 {
			return fmt.Errorf("%q is no number of seconds from 0 up", text)
		}
		o.GracePeriod = &seconds
		return nil
	},
}

var nodeSelectorOption = Option{
	ID: "node-selector", Title: "Node labels", Help: "key=value[,key=value] that the target node must have; empty: any node",
	Set: func(text string, o *Options) error {
		o.NodeSelector = nil
		if strings.TrimSpace(text) == "" {
			return nil
		}
		set, err := labels.ConvertSelectorToLabelsMap(text)
		if err != nil {
			return fmt.Errorf("%q is no list of labels like zone=a,disk=ssd", text)
		}
		o.NodeSelector = set
		return nil
	},
}

var cloneNameOption = Option{
	ID: "name", Title: "Name of the clone", Help: "lower case letters, digits and dashes; empty: KubeVirt makes one up",
	Default: func(r *Row) string {
		const suffix = "-clone"
		return strings.TrimRight(r.Name[:min(len(r.Name), 63-len(suffix))], "-.") + suffix
	},
	Set: func(text string, o *Options) error {
		o.CloneName = strings.TrimSpace(text)
		if o.CloneName == "" {
			return nil
		}
		if len(validation.NameIsDNSSubdomain(o.CloneName, false)) > 0 {
			return fmt.Errorf("%q cannot be a name: it takes lower case letters, digits, dashes and dots, a letter or digit first and last, 253 at most", o.CloneName)
		}
		return nil
	},
}

func (o Options) dryRun() []string {
	if o.DryRun {
		return []string{metav1.DryRunAll}
	}
	return nil
}
