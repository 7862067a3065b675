package pack

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Editor changes YAML text and keeps comments, order and what it does not touch.
type Editor struct{ root *yaml.Node } // a mapping

// EditYAML runs changes on a text. Where the text or a change is in error, the text comes back as it was.
func EditYAML(text string, change func(*Editor) error) (string, error) {
	root, err := parseNode(text)
	if err != nil {
		return text, err
	}
	if err := change(&Editor{root}); err != nil {
		return text, err
	}
	if len(root.Content) == 0 {
		return "", nil
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(root), encoder.Close()); err != nil {
		return text, fmt.Errorf("write YAML: %w", err)
	}
	return out.String(), nil
}

// Rewrite changes a text so that it has the given values, and keeps the comments and the order of the rest. Where only single values change,
// as with a preset, every other character stays too; keys that come or go have the whole text laid out anew.
func Rewrite(text string, values Values) (string, error) {
	have, err := ParseValues(text)
	if err != nil {
		return text, err
	}
	var left []Change // what needs more than exchanging one word for another
	out := text
	for _, c := range Changes(have, values) {
		ok := !c.Added && !c.Removed
		if ok {
			out, ok = splice(out, c.Path, c.Value)
		}
		if !ok {
			left = append(left, c)
		}
	}
	if len(left) == 0 {
		return out, nil
	}
	return EditYAML(out, func(e *Editor) error {
		for _, c := range left {
			if c.Removed {
				e.Remove(c.Path)
			} else if err := e.Set(c.Path, c.Value); err != nil {
				return err
			}
		}
		return nil
	})
}

func parseNode(text string) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return nil, fmt.Errorf("not YAML: %s", yamlReason(err))
	}
	if len(document.Content) == 0 {
		return &yaml.Node{Kind: yaml.MappingNode}, nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, errors.New("not a list of keys and values")
	}
	if root.HeadComment == "" {
		root.HeadComment = document.HeadComment
	}
	return root, nil
}

// Merge lays another text's keys over this one's, as Merge does with values, except that null stays as it is written.
func (e *Editor) Merge(text string) error {
	over, err := parseNode(text)
	if err != nil {
		return err
	}
	mergeNode(e.root, over)
	return nil
}

// Set writes a value at a path.
func (e *Editor) Set(at Path, value any) error {
	for i := len(at) - 1; i >= 0; i-- {
		value = map[string]any{at[i]: value}
	}
	var over yaml.Node
	if err := over.Encode(value); err != nil {
		return fmt.Errorf("write %s: %w", at, err)
	}
	mergeNode(e.root, &over)
	return nil
}

// Remove takes out what stands at a path.
func (e *Editor) Remove(at Path) {
	node := e.root
	for i, key := range at {
		k := find(node, key)
		if k < 0 {
			return
		}
		if i == len(at)-1 {
			node.Content = append(node.Content[:k:k], node.Content[k+2:]...)
			return
		}
		node = node.Content[k+1]
	}
}

// Line is the line, from 1, on which the value at a path stands in a text; where there is none, that of the nearest key above it. 0: not found.
func Line(text string, at Path) int {
	node, err := parseNode(text)
	if err != nil {
		return 0
	}
	line := 0
	for _, key := range at {
		k := find(node, key)
		if k < 0 {
			break
		}
		line, node = node.Content[k].Line, node.Content[k+1]
	}
	return line
}

func mergeNode(base, over *yaml.Node) {
	for i := 0; i+1 < len(over.Content); i += 2 {
		key, value := over.Content[i], over.Content[i+1]
		k := find(base, key.Value)
		switch {
		case k < 0:
			base.Content = append(base.Content, key, value)
		case base.Content[k+1].Kind == yaml.MappingNode && value.Kind == yaml.MappingNode:
			mergeNode(base.Content[k+1], value)
		default:
			if was := base.Content[k+1]; was.Kind == yaml.ScalarNode && value.Kind == yaml.ScalarNode {
				value.LineComment = was.LineComment
			}
			base.Content[k+1] = value
		}
	}
}

// find returns where a key stands in a mapping; -1: it has none.
func find(mapping *yaml.Node, key string) int {
	if mapping.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// splice replaces one scalar by another where it stands and leaves every other character alone. It does not do what is not that simple.
func splice(text string, at Path, value any) (string, bool) {
	root, err := parseNode(text)
	if err != nil {
		return text, false
	}
	node := root
	for _, key := range at {
		k := find(node, key)
		if k < 0 {
			return text, false
		}
		node = node.Content[k+1]
	}
	var scalar yaml.Node
	if err := scalar.Encode(value); err != nil || scalar.Kind != yaml.ScalarNode || node.Kind != yaml.ScalarNode {
		return text, false
	}
	written, err := yaml.Marshal(&scalar)
	with := strings.TrimSuffix(string(written), "\n")
	if err != nil || strings.Contains(with, "\n") {
		return text, false
	}
	lines := strings.SplitAfter(text, "\n")
	line := []rune(lines[node.Line-1])
	head, rest := string(line[:node.Column-1]), string(line[node.Column-1:])
	length := tokenLength(node, rest)
	if length == 0 {
		return text, false
	}
	lines[node.Line-1] = head + with + rest[length:]
	return strings.Join(lines, ""), true
}

// tokenLength is how many bytes a scalar takes up at the beginning of a line's rest; 0: it cannot be told.
func tokenLength(node *yaml.Node, rest string) int {
	switch node.Style {
	case 0:
		if strings.HasPrefix(rest, node.Value) {
			return len(node.Value)
		}
	case yaml.DoubleQuotedStyle:
		quoted, err := strconv.QuotedPrefix(rest)
		if err == nil {
			return len(quoted)
		}
	case yaml.SingleQuotedStyle:
		quoted := "'" + strings.ReplaceAll(node.Value, "'", "''") + "'"
		if strings.HasPrefix(rest, quoted) {
			return len(quoted)
		}
	}
	return 0
}
