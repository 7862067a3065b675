package templates

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// columns describe the catalogue. Title and sizes stay in the narrowest terminal.
func columns(th *theme.Theme) []table.Column[template.Template] {
	plain := func(get func(template.Template) string) func(template.Template, time.Time) table.Cell {
		return func(t template.Template, _ time.Time) table.Cell {
			if s := get(t); s != "" {
				return table.Cell{Text: s}
			}
			return table.Cell{Text: th.Glyphs.None, Tone: theme.Dim}
		}
	}
	byText := func(get func(template.Template) string) func(a, b template.Template) int {
		return func(a, b template.Template) int { return cmp.Compare(strings.ToLower(get(a)), strings.ToLower(get(b))) }
	}
	title := func(t template.Template) string { return t.Title }
	name := func(t template.Template) string { return t.Name }
	os := func(t template.Template) string { return t.OS }
	return []table.Column[template.Template]{
		{ID: "title", Title: "TEMPLATE", Min: 14, Max: 36, Flex: 1, Cell: func(t template.Template, _ time.Time) table.Cell { return table.Cell{Text: t.Title} }, Compare: byText(title)},
		{ID: "name", Title: "NAME", Min: 12, Max: 30, Flex: 1, Priority: 2, Middle: true, Cell: plain(name), Compare: byText(name)},
		{ID: "os", Title: "OS", Min: 7, Max: 16, Flex: 1, Priority: 3, Cell: plain(os), Compare: byText(os)},
		{ID: "cpu", Title: "CPU", Min: 3, Align: table.Right, Cell: plain(cpuText), Compare: func(a, b template.Template) int { return cmp.Compare(a.CPU, b.CPU) }},
		{ID: "memory", Title: "MEM", Min: 5, Align: table.Right, Cell: plain(memoryText), Compare: func(a, b template.Template) int { return cmp.Compare(a.Memory, b.Memory) }},
		{ID: "disks", Title: "DISKS", Min: 5, Priority: 4, Align: table.Right, Cell: plain(func(t template.Template) string { return strconv.Itoa(len(t.Disks)) }),
			Compare: func(a, b template.Template) int { return cmp.Compare(len(a.Disks), len(b.Disks)) }},
		{ID: "description", Title: "DESCRIPTION", Min: 16, Flex: 8, Priority: 1, Cell: plain(func(t template.Template) string { return t.Description })},
	}
}

func cpuText(t template.Template) string {
	if t.CPU == 0 {
		return ""
	}
	return strconv.Itoa(t.CPU)
}

func memoryText(t template.Template) string {
	if t.Memory == 0 {
		return ""
	}
	return text.Bytes(t.Memory)
}

// same tells whether nothing changed: every change of an object changes its version.
func same(a, b template.Template) bool {
	return a.UID == b.UID && a.ResourceVersion == b.ResourceVersion
}

// facts are what there is to know of a template besides its YAML.
func facts(t template.Template, g theme.Glyphs) []sheet.Field {
	size := func(s string) string {
		if s == "" && t.Instancetype != "" {
			return "from the instance type " + t.Instancetype
		}
		return cmp.Or(s, "not said")
	}
	fields := []sheet.Field{
		sheet.One("Name", t.Name), sheet.One("OS", cmp.Or(t.OS, "not said")), sheet.One("CPU", size(cpuText(t))), sheet.One("Memory", size(memoryText(t))),
	}
	if t.Preference != "" {
		fields = append(fields, sheet.One("Preference", t.Preference))
	}
	disks := sheet.Field{Key: "Disks"}
	for _, d := range t.Disks {
		disks.Values = append(disks.Values, sheet.Plain(d))
	}
	if len(t.Disks) == 0 {
		disks.Values = []sheet.Words{sheet.Dim("none")}
	}
	starts := "started as soon as they are made"
	if !startsAtOnce(t) {
		starts = "not started, unless you say so"
	}
	fields = append(fields, disks, sheet.One("New VMs", starts))
	if t.Owner != "" {
		fields = append(fields, sheet.Of("Kept by", sheet.Warn(t.Owner+": what is changed by hand here, its next upgrade may undo")))
	}
	return fields
}

// startsAtOnce tells whether a VM is started when nothing else is chosen.
func startsAtOnce(t template.Template) bool {
	m, _ := t.Instantiate(template.Options{Name: "vm", Namespace: "default"})
	return m.Starts()
}
