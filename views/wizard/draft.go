package wizard

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/text"
)

// step is one of the wizard's, in their order.
type step int

const (
	stepBasics step = iota
	stepType
	stepPacks
	stepConfigure
	stepNamespaces
	stepReview
	stepFinish
	steps int = iota
)

var stepNames = [steps]string{"Basics", "Type", "Packs", "Configure", "Namespaces", "Review", "Finish"}

func (s step) String() string { return stepNames[s] }

// draft is all that was entered so far, as it was typed: what is wrong with it is kept too. It is what survives a lost session, and holds
// nothing that the profile will not.
type draft struct {
	Name, Version, Description string
	Manifests                  []profile.Manifest
	Packs                      []profile.PackRef
	// Step is the one that is shown, Pack the pack that is configured in it.
	Step step
	Pack string
	// Namespaces is what is typed as the namespaces for VMs; nil: nothing that is not in the values of the pack.
	Namespaces *string
	// Object and ObjectVersion are those of the stored profile that is changed in place; empty: another one is made.
	Object, ObjectVersion string
}

// newDraft begins as a profile, or empty.
func newDraft(from *profile.Profile, replaces profile.Stored) draft {
	if from == nil {
		return draft{}
	}
	d := draft{Name: from.Name, Version: from.Version, Description: text.CleanLines(from.Description), Manifests: slices.Clone(from.Manifests), Packs: slices.Clone(from.Packs)}
	if replaces.Version != "" {
		d.Object, d.ObjectVersion = replaces.Name, replaces.Version
	}
	return d
}

// nextVersion proposes the version after the newest of those that there are, for another version than this one of a profile.
func (d *draft) nextVersion(than string, all []profile.Stored) {
	newest := than
	for _, version := range d.versionsOf(all) {
		if profile.CompareVersions(version, newest) > 0 {
			newest = version
		}
	}
	d.Version = profile.NextVersion(newest)
}

// inPlace says that a stored profile is changed, so that its name and version stay.
func (d draft) inPlace() bool { return d.ObjectVersion != "" }

// profile is what the draft amounts to. A version that is none stays as it was typed.
func (d draft) profile() profile.Profile {
	version, err := profile.NormalVersion(d.Version)
	if err != nil {
		version = d.Version
	}
	return profile.Profile{
		Name: strings.TrimSpace(d.Name), Version: version, Description: strings.TrimSpace(d.Description), Type: profile.TypeAddOn,
		Manifests: slices.Clone(d.Manifests), Packs: slices.Clone(d.Packs),
	}
}

// same tells whether two drafts would make the same profile, wherever one is in them.
func (d draft) same(other draft) bool { return reflect.DeepEqual(d.content(), other.content()) }

// content is the draft without the place where one is.
func (d draft) content() draft {
	d.Step, d.Pack = 0, ""
	if len(d.Manifests) == 0 {
		d.Manifests = nil
	}
	if len(d.Packs) == 0 {
		d.Packs = nil
	}
	return d
}

// title names the draft for people.
func (d draft) title() string {
	if d.Name == "" {
		return "a profile without a name"
	}
	return strings.TrimSpace(d.Name + " " + d.Version)
}

// nameProblem says why the profile cannot be called so; all are those of the store.
func (d draft) nameProblem(all []profile.Stored) string {
	name := strings.TrimSpace(d.Name)
	switch {
	case name == "":
		return "The profile needs a name."
	case !kube.IsNamespaceName(name):
		return "A name like this cannot be kept: " + kube.NamespaceNames + "."
	case d.versionProblem() == "" && d.taken(all):
		return d.profile().Ref().String() + " exists already: choose another name, or another version."
	}
	return ""
}

func (d draft) taken(all []profile.Stored) bool {
	if d.inPlace() {
		return false
	}
	object := d.profile().Ref().ObjectName()
	return slices.ContainsFunc(all, func(s profile.Stored) bool {
		return s.Name == object || s.Err == nil && s.Value.Ref().ObjectName() == object
	})
}

// versionProblem says why the version is none.
func (d draft) versionProblem() string {
	if _, err := profile.NormalVersion(d.Version); err != nil {
		return text.Sentence(err.Error())
	}
	return ""
}

// versionsOf lists the versions of the profile that there are, for those who make another one.
func (d draft) versionsOf(all []profile.Stored) []string {
	var out []string
	for _, s := range profile.Versions(all, strings.TrimSpace(d.Name)) {
		out = append(out, s.Value.Version)
	}
	return out
}

// splitNames takes names apart that are typed with commas or spaces between.
func splitNames(typed string) []string {
	return strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == ' ' })
}

// namespacesProblem says what is wrong with namespaces as they are typed.
func namespacesProblem(typed string) string {
	var seen []string
	for _, name := range splitNames(typed) {
		switch {
		case !kube.IsNamespaceName(name):
			return fmt.Sprintf("%q is no name for a namespace: %s.", name, kube.NamespaceNames)
		case slices.Contains(seen, name):
			return fmt.Sprintf("%s stands there twice.", name)
		case strings.HasPrefix(name, "kube-"):
			return fmt.Sprintf("%s belongs to Kubernetes itself; VMs do not go there.", name)
		}
		seen = append(seen, name)
	}
	return ""
}
