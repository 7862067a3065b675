package pack

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Path leads to a value, key by key.
type Path []string

// String joins the keys with dots. A key with a dot in it, or another character that would be misread, is quoted:
// pack."spectrocloud.com/install-priority".
func (p Path) String() string {
	keys := make([]string, len(p))
	for i, key := range p {
		if key == "" || strings.ContainsAny(key, `."`) {
			key = strconv.Quote(key)
		}
		keys[i] = key
	}
	return strings.Join(keys, ".")
}

// ParsePath reads what String writes.
func ParsePath(text string) (Path, error) {
	var p Path
	for rest := text; ; {
		key := ""
		if strings.HasPrefix(rest, `"`) {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return nil, fmt.Errorf("path %q: a quote is not closed", text)
			}
			key, _ = strconv.Unquote(quoted)
			rest = rest[len(quoted):]
		} else {
			end := strings.IndexAny(rest, `."`)
			if end < 0 {
				end = len(rest)
			}
			key, rest = rest[:end], rest[end:]
			if key == "" {
				return nil, fmt.Errorf("path %q: a key is empty", text)
			}
		}
		p = append(p, key)
		if rest == "" {
			return p, nil
		}
		if rest[0] != '.' {
			return nil, fmt.Errorf("path %q: keys are separated by dots", text)
		}
		rest = rest[1:]
	}
}

// with returns the path to a key below, sharing nothing with p.
func (p Path) with(key string) Path { return append(slices.Clone(p), key) }
