package profile

import (
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// ChangedWarning is what a person is told who leaves a pack's defaults.
const ChangedWarning = "The defaults are best practice; other values can misconfigure the cluster."

// Choice is the preset that the values of a pack amount to in one of its radio groups.
type Choice struct {
	Group  string
	Preset string // as people read it; empty: the values were set otherwise
	// Default is what the chart's defaults amount to, and IsDefault that it was left.
	Default   string
	IsDefault bool
}

// Review is what somebody has to see of a pack before its profile is saved or applied.
type Review struct {
	Layer   Layer
	Choices []Choice
	// Changes are what was set otherwise than the defaults and than other packs need it. What had to be filled in is not among them.
	Changes []pack.Change
	// Filled are the values that had to be filled in and were, Open those that still have to be.
	Filled, Open []pack.Need
}

// Review lists what was chosen, pack by pack, in the order of installation.
func (r Resolved) Review() []Review {
	var out []Review
	for _, l := range r.Layers {
		v := Review{Layer: l, Changes: pack.Changes(l.Base, l.Values), Open: l.open()}
		active := l.Pack.Active(l.Values)
		for _, g := range l.Pack.Groups() {
			v.Choices = append(v.Choices, Choice{
				Group: g.Name, Preset: presetName(g, active[g.Name]), Default: presetName(g, g.Default), IsDefault: active[g.Name] == g.Default,
			})
		}
		for _, need := range l.Pack.Needs(l.Values) {
			isOpen := slices.ContainsFunc(v.Open, func(open pack.Need) bool { return open.Path == need.Path })
			if !isOpen {
				v.Filled = append(v.Filled, need)
			}
			v.Changes = slices.DeleteFunc(v.Changes, func(c pack.Change) bool { return c.Path.String() == need.At().String() })
		}
		out = append(out, v)
	}
	return out
}

// open are the values of a pack that still have to be filled in.
func (l Layer) open() []pack.Need {
	return slices.DeleteFunc(slices.Clone(l.Pack.Needs(l.Values)), func(need pack.Need) bool {
		value, there := pack.Lookup(l.Values, need.At())
		return there && value != nil && value != ""
	})
}

func presetName(g pack.Group, name string) string {
	i := slices.IndexFunc(g.Presets, func(p pack.Preset) bool { return p.Name == name })
	if i < 0 {
		return ""
	}
	if g.Presets[i].DisplayName == "" {
		return name
	}
	return g.Presets[i].DisplayName
}

// String reads "Access: Direct (default: Proxied)".
func (c Choice) String() string {
	preset := c.Preset
	if preset == "" {
		preset = "set by hand"
	}
	if c.IsDefault || c.Default == "" {
		return c.Group + ": " + preset
	}
	return fmt.Sprintf("%s: %s (default: %s)", c.Group, preset, c.Default)
}

// VMNamespacesAt is where the values of the platform's pack have the namespaces for VMs. It is not to be changed.
var VMNamespacesAt = pack.Path{"charts", "virtual-machine-orchestrator", "vmEnabledNamespaces"}

// VMNamespaces are the namespaces that the profile makes ready for VMs; none where no pack of it does so.
func (r Resolved) VMNamespaces() []string {
	var out []string
	for _, l := range r.Layers {
		value, _ := pack.Lookup(l.Values, VMNamespacesAt)
		list, _ := value.([]any)
		for _, name := range list {
			if text, ok := name.(string); ok && !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}

// Warnings says what is allowed and perhaps not meant.
func (r Resolved) Warnings() []string {
	var out []string
	var changed []string
	for _, v := range r.Review() {
		if len(v.Changes) > 0 {
			changed = append(changed, v.Layer.Pack.DisplayName)
		}
	}
	if len(changed) > 0 {
		out = append(out, "Not all defaults were left in "+strings.Join(changed, ", ")+". "+ChangedWarning)
	}
	if names := r.VMNamespaces(); len(names) == 1 && names[0] == "default" {
		out = append(out, "VMs would share the namespace default with everything else; at least one namespace for VMs alone is recommended.")
	}
	return out
}
