package binding

import (
	"context"
	"errors"

	"vmdeck.dev/vmdeck/rbac"
)

// Stored is a rule as it is kept.
type Stored struct {
	rbac.BindingRule
	// Version changes with every change of the rule.
	Version string
	// Err is why what is kept cannot be used as a rule; then only the name is set.
	Err error
}

// Store keeps rules: in the cluster as custom resources, or in a folder.
type Store interface {
	// List returns the rules, sorted by name. Where the cluster does not know the custom resource the error is ErrNotInstalled.
	List(ctx context.Context) ([]Stored, error)
	// Save makes a rule, or with a version changes the one that has it; it fails when that was changed since.
	Save(ctx context.Context, rule rbac.BindingRule, version string) (Stored, error)
	// Delete removes a rule in the version given. The bindings that it has made stay.
	Delete(ctx context.Context, rule Stored) error
	// Where says where the rules are, for people: "the cluster", "the folder /etc/vmdeck/rules".
	Where() string
}

// ErrNotInstalled says that the cluster does not know the custom resource of rules.
var ErrNotInstalled = errors.New("the cluster does not know the custom resource rolebindingrules.vmdeck.dev")
