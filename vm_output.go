package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube/vm"
)

// schema is the version of what the vm commands write as JSON and YAML: fields may be added to it, and none changes or goes.
const schema = "vmdeck.dev/v1"

// vmItem is a VM as JSON and YAML show it. Every field is always there.
type vmItem struct {
	Namespace    string            `json:"namespace"`
	Name         string            `json:"name"`
	UID          string            `json:"uid"`
	Status       string            `json:"status"`
	Phase        string            `json:"phase"`
	RunStrategy  string            `json:"runStrategy"`
	Paused       bool              `json:"paused"`
	Deleting     bool              `json:"deleting"`
	Protected    bool              `json:"protected"`
	InstanceOnly bool              `json:"instanceOnly"`
	GuestAgent   bool              `json:"guestAgent"`
	Node         string            `json:"node"`
	IPs          []string          `json:"ips"`
	OS           string            `json:"os"`
	CPU          int               `json:"cpu"`
	MemoryBytes  int64             `json:"memoryBytes"`
	Instancetype string            `json:"instancetype"`
	Preference   string            `json:"preference"`
	Created      time.Time         `json:"created"`
	Labels       map[string]string `json:"labels"`
	Migration    *vmMigration      `json:"migration"`
	Attention    []vmCondition     `json:"attention"`
}

type vmMigration struct {
	Name    string     `json:"name"`
	Phase   string     `json:"phase"`
	Source  string     `json:"source"`
	Target  string     `json:"target"`
	Started *time.Time `json:"started"`
}

type vmCondition struct {
	Type    string `json:"type"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

const itemHelp = `Fields of a VM: namespace, name, uid; status (as in the list), phase (of the instance, "" without one), runStrategy; paused, deleting,
protected (by KubeVirt's label), instanceOnly (it has no VirtualMachine), guestAgent (connected); node, ips, os, cpu (0: not known),
memoryBytes (0: not known), instancetype, preference, created, labels; migration (null, or the active one's name, phase, source, target,
started), attention (a list of conditions to look at, each with type, reason, message). Fields may be added; none changes or goes.`

func itemOf(r *vm.Row) vmItem {
	item := vmItem{
		Namespace: r.Namespace, Name: r.Name, UID: r.UID, Status: r.Status, Phase: r.Phase, RunStrategy: r.RunStrategy,
		Paused: r.Paused, Deleting: r.Deleting, Protected: r.Protected, InstanceOnly: !r.HasVM, GuestAgent: r.Agent,
		Node: r.Node, IPs: append([]string{}, r.IPs...), OS: r.OS, CPU: r.CPU, MemoryBytes: r.Memory,
		Instancetype: r.Instancetype, Preference: r.Preference, Created: r.Created, Labels: r.Labels, Attention: []vmCondition{},
	}
	if item.Labels == nil {
		item.Labels = map[string]string{}
	}
	if m := r.Migration; m != nil {
		item.Migration = &vmMigration{Name: m.Name, Phase: m.Phase, Source: m.Source, Target: m.Target, Started: m.Started}
	}
	for _, c := range r.Attention {
		item.Attention = append(item.Attention, vmCondition{Type: c.Type, Reason: c.Reason, Message: c.Message})
	}
	return item
}

// checkFormat refuses an output format before anything is done.
func checkFormat(format string, known ...string) error {
	if !slices.Contains(known, format) {
		return fmt.Errorf("-o %s is not known here; there are %s", format, strings.Join(known, ", "))
	}
	return nil
}

// encode writes a value as JSON or YAML that does nothing to a terminal. YAML may hold such characters as they are, where JSON, which is
// YAML too, can spell them.
func encode(w io.Writer, format string, value any) error {
	var buffer bytes.Buffer
	enc := json.NewEncoder(&buffer)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return fmt.Errorf("write %s: %w", format, err)
	}
	out := spell(buffer.String(), jsonEscape)
	if format == "yaml" {
		spelt := spell(buffer.String(), yamlEscape)
		plain, err := yaml.JSONToYAML([]byte(spelt))
		if err != nil {
			return fmt.Errorf("write yaml: %w", err)
		}
		if out = string(plain); strings.ContainsFunc(out, acts) {
			out = spelt
		}
	}
	_, err := io.WriteString(w, out)
	return err
}

// acts says whether a terminal would obey a character, or hide or reorder others by it.
func acts(r rune) bool {
	return unicode.IsControl(r) && r != '\n' || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// spell writes such characters of a JSON text, where they can stand in strings only, as escapes. For those beyond 16 bits JSON and YAML
// have different ones.
func spell(text string, long func(rune) string) string {
	if !strings.ContainsFunc(text, acts) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !acts(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(long(r))
		}
	}
	return b.String()
}

func jsonEscape(r rune) string {
	high, low := utf16.EncodeRune(r)
	return fmt.Sprintf(`\u%04x\u%04x`, high, low)
}

func yamlEscape(r rune) string { return fmt.Sprintf(`\U%08x`, r) }
