package apply

import (
	"slices"
	"time"
)

// Verb is what happens to an object.
type Verb string

// The verbs of changes.
const (
	Create Verb = "create"
	Change Verb = "change"
	Delete Verb = "delete"
	Leave  Verb = "leave" // it is as it should be, or kept on purpose
)

// Step is what a plan does to one object.
type Step struct {
	Verb   Verb
	Object Object
	// Diff compares the live object with what it becomes, as the server worked it out. The contents of secrets are hidden.
	Diff []Line
	// Note is a sentence on it, such as why the server could not be asked beforehand.
	Note string
}

// LayerState is how a layer stands on the cluster.
type LayerState int

// The states of layers.
const (
	Absent      LayerState = iota // to be installed
	Same                          // on the cluster as the profile says
	Differs                       // to be upgraded
	Interrupted                   // an earlier run ended in the middle; it is carried on
	LeftAlone                     // somebody else installed this already
	Leaving                       // to be uninstalled, because the profile does not have it any more or goes itself
)

var layerStates = []string{"not installed", "as it should be", "differs", "interrupted", "left alone", "to be uninstalled"}

func (s LayerState) String() string { return layerStates[s] }

// LayerPlan is what a plan does to one layer.
type LayerPlan struct {
	Release, Namespace string
	Title              string // of the pack or manifest
	// From is the version on the cluster, empty where there is none; To the profile's, empty where the layer leaves.
	From, To string
	State    LayerState
	Steps    []Step // in the order in which they happen
	Notes    []string
}

// Count is how many steps have a verb.
func (l LayerPlan) Count(verb Verb) int {
	n := 0
	for _, s := range l.Steps {
		if s.Verb == verb {
			n++
		}
	}
	return n
}

// Remark is a sentence on steps of a layer that change something.
type Remark struct {
	Steps int // how many it is on
	Text  string
}

// Remarks are the notes of the steps that change something, each said once.
func (l LayerPlan) Remarks() []Remark {
	var out []Remark
	for _, s := range l.Steps {
		if s.Note == "" || s.Verb == Leave {
			continue
		}
		i := slices.IndexFunc(out, func(r Remark) bool { return r.Text == s.Note })
		if i < 0 {
			i, out = len(out), append(out, Remark{Text: s.Note})
		}
		out[i].Steps++
	}
	return out
}

// Versions reads "1.0.0 → 1.1.0", or the one version where it does not change.
func (l LayerPlan) Versions() string { return versions(l.From, l.To) }

func versions(from, to string) string {
	switch {
	case to == "":
		return from
	case from == "" || from == to:
		return to
	}
	return from + " → " + to
}

// Plan compares a profile with a cluster. It stays true for as long as nobody changes the cluster: Apply makes its own.
type Plan struct {
	Profile, Version string
	Time             time.Time
	Revision         int // that the profile would get
	Layers           []LayerPlan
	Refusals         []Refusal
	Notes            []string

	layers []layer
	before []history // the profile's releases
}

// Empty tells whether the cluster is as the profile says.
func (p *Plan) Empty() bool {
	for _, l := range p.Layers {
		if l.State != Same && l.State != LeftAlone {
			return false
		}
	}
	return true
}

// makes tells whether a layer planned so far creates an object.
func (p *Plan) makes(o Object) bool {
	return slices.ContainsFunc(p.Layers, func(l LayerPlan) bool {
		return slices.ContainsFunc(l.Steps, func(s Step) bool { return s.Verb == Create && s.Object == o })
	})
}

// Err is a RefusedError where the plan has refusals.
func (p *Plan) Err() error {
	if len(p.Refusals) == 0 {
		return nil
	}
	return &RefusedError{p.Refusals}
}

func (p *Plan) refuse(layer string, o Object, text string) {
	p.Refusals = append(p.Refusals, Refusal{layer, o, text})
}
