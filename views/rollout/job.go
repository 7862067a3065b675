package rollout

import (
	"fmt"

	"vmdeck.dev/vmdeck/kube/profile"
)

// deed is what is done with a profile.
type deed int

const (
	applying deed = iota
	rollingBack
	removing
)

// job is what is asked for, on whatever clusters.
type job struct {
	deed  deed
	ref   profile.Ref      // without a version: the newest one to apply
	given *profile.Profile // to be applied; nil: the one of the ref, as it is kept
	to    int              // revision to roll back to; 0: the one before the present
}

// verb is the deed at the beginning of a sentence or on a button.
func (j job) verb() string { return [...]string{"Apply", "Roll back", "Remove"}[j.deed] }

// title reads "Apply vm-platform 1.1.0".
func (j job) title() string {
	if j.deed == rollingBack && j.to > 0 {
		return fmt.Sprintf("Roll back %s to revision %d", j.ref.Name, j.to)
	}
	return j.verb() + " " + j.named()
}

// named reads "vm-platform 1.1.0", or the name alone where no version is asked for.
func (j job) named() string {
	if j.ref.Version == "" {
		return j.ref.Name
	}
	return j.ref.String()
}

// question is the title with a place, as in "Remove vm-platform from demo?".
func (j job) question(where string) string {
	return j.title() + [...]string{" to ", " on ", " from "}[j.deed] + where + "?"
}

// under is what is under way, as in "vm-platform 1.1.0 is being applied to demo".
func (j job) under(where string) string {
	return j.named() + [...]string{" is being applied to ", " is being rolled back on ", " is being removed from "}[j.deed] + where
}

// anew is what one does to go on after a run that ended early.
func (j job) anew() string {
	return [...]string{"applying it again", "rolling it back again", "removing it again"}[j.deed]
}
