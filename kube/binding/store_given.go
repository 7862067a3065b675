package binding

import (
	"context"
	"errors"

	"vmdeck.dev/vmdeck/rbac"
)

// GivenStore has rules that somebody has at hand and that are kept nowhere. where is for people.
func GivenStore(rules []Stored, where string) Store { return givenStore{rules, where} }

type givenStore struct {
	rules []Stored
	where string
}

var errGiven = errors.New("these rules are kept nowhere, so they cannot be changed")

func (g givenStore) List(context.Context) ([]Stored, error) { return g.rules, nil }

func (g givenStore) Save(context.Context, rbac.BindingRule, string) (Stored, error) {
	return Stored{}, errGiven
}

func (g givenStore) Delete(context.Context, Stored) error { return errGiven }

func (g givenStore) Where() string { return g.where }
