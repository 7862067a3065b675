package deck

import (
	"fmt"
	"slices"

	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/shell"
)

// Keys finds what a key means on a screen that has bindings of its own besides those of every screen. Keys that would mean two things,
// among them or with those around, as of a table, are a fault.
func Keys(own []keys.Binding, around ...keys.Binding) (*keys.Map, error) {
	m, err := keys.NewMap(slices.Concat(own, Bindings())...)
	if err != nil {
		return nil, err
	}
	_, err = keys.NewMap(slices.Concat(m.Bindings(), around, shell.Bindings())...)
	return m, err
}

// MustKeys is Keys for a variable of a package: a fault is found when the program starts, and so by every test.
func MustKeys(own []keys.Binding, around ...keys.Binding) *keys.Map {
	m, err := Keys(own, around...)
	if err != nil {
		panic(fmt.Sprintf("keys of a screen: %v", err))
	}
	return m
}
