package apply

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
)

// covers tells whether a live value has all that is wanted; what the server added does not count. path is where it has not.
func covers(want, have any, path string) (where string, same bool) {
	switch want := want.(type) {
	case nil:
		return "", true
	case map[string]any:
		if len(want) == 0 && have == nil {
			return "", true
		}
		live, ok := have.(map[string]any)
		if !ok {
			return path, false
		}
		keys := make([]string, 0, len(want))
		for key := range want {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			if path == "" && key == "stringData" {
				continue // the server turns it into data
			}
			if where, same := covers(want[key], live[key], path+"."+key); !same {
				return where, false
			}
		}
		return "", true
	case []any:
		live, ok := have.([]any)
		if !ok || len(live) != len(want) {
			return path, len(want) == 0 && have == nil
		}
		for i := range want {
			if where, same := covers(want[i], live[i], fmt.Sprintf("%s[%d]", path, i)); !same {
				return where, false
			}
		}
		return "", true
	}
	return path, equal(want, have)
}

// equal compares single values: numbers however they were decoded, and quantities however they are written. An empty value that the server
// leaves out is equal to none.
func equal(want, have any) bool {
	if have == nil {
		return want == "" || want == false || fmt.Sprint(want) == "0"
	}
	a, b := fmt.Sprint(want), fmt.Sprint(have)
	if a == b {
		return true
	}
	x, errX := resource.ParseQuantity(a)
	y, errY := resource.ParseQuantity(b)
	return errX == nil && errY == nil && x.Cmp(y) == 0
}
