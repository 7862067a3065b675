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
	// UID is that of the rule's object in the cluster; empty for one in a file.
	UID string
	// Err is why what is kept cannot be used as a rule; then only the name is set.
	Err error
	// Unnamed is set with Err where not even the rule's name could be read: the name stands for the place then, such as a file's.
	Unnamed bool
}

// Store keeps rules: in the cluster as custom resources, or in a folder. It is safe for concurrent use. Its errors are sentences, and
// kube.Classify sees what is behind them.
type Store interface {
	// List returns the rules, sorted by name. Where the cluster does not know the custom resource the error is ErrNotInstalled.
	List(ctx context.Context) ([]Stored, error)
	// Save makes a rule, or with a version changes the one that has it. The error is ErrExists where there is one of that name, and
	// ErrChanged when it was changed since.
	Save(ctx context.Context, rule rbac.BindingRule, version string) (Stored, error)
	// Delete removes a rule in the version given; the error is ErrChanged when it was changed since. One that is gone is as wished. The
	// bindings that it has made stay.
	Delete(ctx context.Context, rule Stored) error
	// Where says where the rules are, for people: "the cluster", "the folder /etc/vmdeck/rules".
	Where() string
}

// The errors of a store that its callers tell apart.
var (
	// ErrNotInstalled says that the cluster does not know the custom resource of rules.
	ErrNotInstalled = errors.New("the cluster does not know the custom resource rolebindingrules.vmdeck.dev")
	// ErrChanged says that a rule is not what it was when it was read.
	ErrChanged = errors.New("it was changed since you opened it, and nothing was overwritten; open it again")
	// ErrExists says that there is a rule of that name.
	ErrExists = errors.New("there is a rule of that name already; open that one, or choose another name")
)

// Find returns the rule of a name.
func Find(rules []Stored, name string) (Stored, bool) {
	for _, r := range rules {
		if r.Name == name && !r.Unnamed {
			return r, true
		}
	}
	return Stored{}, false
}
