package profile

import (
	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// Layer is a pack of a profile that was found and read, with all its values.
type Layer struct {
	Ref  PackRef
	Pack *pack.Pack
	// Base are the pack's defaults with what other packs of the profile need it to have. Values are what the chart is rendered with.
	Base, Values pack.Values
	// Namespace is where the release goes.
	Namespace string
}

// Resolved is a profile whose packs were found.
type Resolved struct {
	Profile Profile
	Layers  []Layer // in the order of installation
}
