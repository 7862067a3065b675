package apply

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Op is what happens to a line.
type Op byte

// The operations; Skip stands for lines that are the same and not shown.
const (
	Keep   Op = ' '
	Add    Op = '+'
	Remove Op = '-'
	Skip   Op = '@'
)

// Line is a line of a difference. Its text comes from charts and from the cluster: clean it before it is shown.
type Line struct {
	Op   Op
	Text string
}

const (
	around = 3         // lines shown before and after a change
	most   = 4_000_000 // cells of the table of common lines; above it the whole middle counts as changed
)

// diff compares two texts line by line and keeps some lines around each change. Equal texts have no lines.
func diff(before, after string) []Line {
	a, b := split(before), split(after)
	var head, tail int
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	if head == len(a) && head == len(b) {
		return nil
	}
	var lines []Line
	for _, text := range a[:head] {
		lines = append(lines, Line{Keep, text})
	}
	lines = append(lines, middle(a[head:len(a)-tail], b[head:len(b)-tail])...)
	for _, text := range a[len(a)-tail:] {
		lines = append(lines, Line{Keep, text})
	}
	return fold(lines)
}

func split(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// middle compares by the longest common subsequence.
func middle(a, b []string) []Line {
	var lines []Line
	i, j := 0, 0
	if len(a)*len(b) <= most {
		common := make([][]int, len(a)+1)
		for i := range common {
			common[i] = make([]int, len(b)+1)
		}
		for i := len(a) - 1; i >= 0; i-- {
			for j := len(b) - 1; j >= 0; j-- {
				if a[i] == b[j] {
					common[i][j] = common[i+1][j+1] + 1
				} else {
					common[i][j] = max(common[i+1][j], common[i][j+1])
				}
			}
		}
		for i < len(a) && j < len(b) {
			switch {
			case a[i] == b[j]:
				lines = append(lines, Line{Keep, a[i]})
				i, j = i+1, j+1
			case common[i+1][j] >= common[i][j+1]:
				lines = append(lines, Line{Remove, a[i]})
				i++
			default:
				lines = append(lines, Line{Add, b[j]})
				j++
			}
		}
	}
	for ; i < len(a); i++ {
		lines = append(lines, Line{Remove, a[i]})
	}
	for ; j < len(b); j++ {
		lines = append(lines, Line{Add, b[j]})
	}
	return lines
}

// fold replaces lines that are far from any change by one Skip.
func fold(lines []Line) []Line {
	near := make([]bool, len(lines))
	for i, line := range lines {
		if line.Op == Keep {
			continue
		}
		for k := max(0, i-around); k < min(len(lines), i+around+1); k++ {
			near[k] = true
		}
	}
	var out []Line
	for i, line := range lines {
		switch {
		case near[i]:
			out = append(out, line)
		case len(out) == 0 || out[len(out)-1].Op != Skip:
			out = append(out, Line{Op: Skip})
		}
	}
	return out
}

// text is an object as a person compares it: without what the server keeps for itself, and without the contents of secrets.
func text(u *unstructured.Unstructured) string {
	if u == nil {
		return ""
	}
	data, err := yaml.Marshal(strip(u).Object)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// strip is a copy of an object without what the server sets by itself.
func strip(u *unstructured.Unstructured) *unstructured.Unstructured {
	out := u.DeepCopy()
	for _, field := range []string{"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"} {
		unstructured.RemoveNestedField(out.Object, "metadata", field)
	}
	delete(out.Object, "status")
	return out
}

const hidden = "(hidden)"

// hide replaces the contents of secrets, and says of the later one which contents are new.
func hide(before, after *unstructured.Unstructured) {
	if after == nil || after.GetKind() != "Secret" || after.GroupVersionKind().Group != "" {
		return
	}
	for _, field := range []string{"data", "stringData"} {
		var old map[string]any
		if before != nil {
			old, _, _ = unstructured.NestedMap(before.Object, field)
		}
		current, found, _ := unstructured.NestedMap(after.Object, field)
		for key, value := range current {
			current[key] = hidden
			if was, there := old[key]; there && was != value {
				current[key] = "(hidden, another value)"
			}
		}
		if found {
			after.Object[field] = current
		}
		for key := range old {
			old[key] = hidden
		}
		if before != nil && old != nil {
			before.Object[field] = old
		}
	}
}
