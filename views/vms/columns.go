package vms

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/look"
)

// columns describes the list. Name and status stay in the narrowest terminal; what is nice to know comes with width.
func columns(th *theme.Theme) []table.Column[*vm.Row] {
	plain := func(get func(r *vm.Row) string) func(*vm.Row, time.Time) table.Cell {
		return func(r *vm.Row, _ time.Time) table.Cell {
			if s := get(r); s != "" {
				return table.Cell{Text: s}
			}
			return table.Cell{Text: th.Glyphs.None, Tone: theme.Dim}
		}
	}
	byText := func(get func(r *vm.Row) string) func(a, b *vm.Row) int {
		return func(a, b *vm.Row) int { return cmp.Compare(get(a), get(b)) }
	}
	looks := look.New(th)
	name := func(r *vm.Row) string { return r.Name }
	namespace := func(r *vm.Row) string { return r.Namespace }
	os := func(r *vm.Row) string { return r.OS }
	strategy := func(r *vm.Row) string { return r.RunStrategy }
	kind := func(r *vm.Row) string { return r.Instancetype }
	return []table.Column[*vm.Row]{
		{ID: "name", Title: "NAME", Min: 22, Max: 48, Flex: 3, Middle: true, Cell: nameCell, Compare: byText(name)},
		{ID: "namespace", Title: "NAMESPACE", Min: 10, Max: 28, Flex: 2, Priority: 3, Middle: true, Cell: plain(namespace), Compare: byText(namespace)},
		{ID: "status", Title: "STATUS", Min: 20, Max: 25, Priority: 1, Cell: statusCell(looks), Compare: compareStatus},
		{ID: "node", Title: "NODE", Min: 13, Max: 32, Flex: 2, Priority: 4, Middle: true, Cell: plain(looks.Node), Compare: byText(func(r *vm.Row) string { return r.Node })},
		{ID: "ip", Title: "IP", Min: 15, Max: 24, Flex: 1, Priority: 5, Cell: plain(ipText), Compare: compareIP},
		{ID: "cpu", Title: "CPU", Min: 3, Priority: 6, Align: table.Right, Cell: plain(cpuText), Compare: func(a, b *vm.Row) int { return cmp.Compare(a.CPU, b.CPU) }},
		{ID: "memory", Title: "MEM", Min: 5, Priority: 6, Align: table.Right, Cell: plain(memoryText), Compare: func(a, b *vm.Row) int { return cmp.Compare(a.Memory, b.Memory) }},
		{ID: "os", Title: "OS", Min: 18, Max: 36, Flex: 3, Priority: 7, Cell: plain(os), Compare: byText(os)},
		{ID: "age", Title: "AGE", Min: 4, Max: 7, Priority: 2, Align: table.Right, Cell: ageCell, Compare: func(a, b *vm.Row) int { return b.Created.Compare(a.Created) }},
		{ID: "strategy", Title: "RUN STRATEGY", Min: 14, Priority: 8, Cell: plain(strategy), Compare: byText(strategy)},
		{ID: "type", Title: "TYPE", Min: 12, Max: 20, Flex: 1, Priority: 9, Cell: plain(kind), Compare: byText(kind)},
		{ID: "attention", Title: "ATTENTION", Min: 20, Max: 40, Flex: 4, Priority: 10, Cell: attentionCell, Compare: func(a, b *vm.Row) int { return cmp.Compare(len(b.Attention), len(a.Attention)) }},
	}
}

func nameCell(r *vm.Row, _ time.Time) table.Cell { return table.Cell{Text: r.Name, Tone: theme.Normal} }

func ageCell(r *vm.Row, now time.Time) table.Cell {
	return table.Cell{Text: text.Age(now.Sub(r.Created)), Tone: theme.Dim}
}

func statusCell(looks *look.Looks) func(*vm.Row, time.Time) table.Cell {
	return func(r *vm.Row, now time.Time) table.Cell {
		l := looks.Of(r, now)
		return table.Cell{Text: l.Text, Prefix: l.Glyph, PrefixTone: l.Tone, Tone: l.TextTone()}
	}
}

func ipText(r *vm.Row) string {
	switch len(r.IPs) {
	case 0:
		return ""
	case 1:
		return r.IPs[0]
	default:
		return fmt.Sprintf("%s +%d", r.IPs[0], len(r.IPs)-1)
	}
}

func cpuText(r *vm.Row) string {
	if r.CPU == 0 {
		return ""
	}
	return strconv.Itoa(r.CPU)
}

func memoryText(r *vm.Row) string {
	if r.Memory == 0 {
		return ""
	}
	return text.Bytes(r.Memory)
}

func attentionCell(r *vm.Row, _ time.Time) table.Cell {
	if len(r.Attention) == 0 {
		return table.Cell{}
	}
	first := r.Attention[0]
	words := []string{first.Type}
	if first.Reason != "" && first.Reason != first.Type {
		words = append(words, first.Reason)
	}
	if n := len(r.Attention) - 1; n > 0 {
		words = append(words, fmt.Sprintf("+%d", n))
	}
	return table.Cell{Text: strings.Join(words, " "), Tone: theme.Warn}
}

var statusOrder = func() map[string]int {
	order := map[string]int{}
	for i, s := range vm.Statuses() {
		order[s] = i
	}
	return order
}()

func compareStatus(a, b *vm.Row) int {
	return cmp.Compare(statusOrder[a.Status], statusOrder[b.Status])
}

// compareIP orders addresses as numbers would be, and rows without one last.
func compareIP(a, b *vm.Row) int {
	if len(a.IPs) == 0 || len(b.IPs) == 0 {
		return cmp.Compare(len(b.IPs), len(a.IPs))
	}
	return slices.Compare(octets(a.IPs[0]), octets(b.IPs[0]))
}

func octets(ip string) []int {
	parts := strings.FieldsFunc(ip, func(r rune) bool { return r == '.' || r == ':' })
	numbers := make([]int, len(parts))
	for i, p := range parts {
		n, _ := strconv.ParseInt(p, 16, 32)
		numbers[i] = int(n)
	}
	return numbers
}
