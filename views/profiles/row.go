package profiles

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/text"
)

// row is one version of a profile: one that is kept, or one that is on the cluster and kept nowhere.
type row struct {
	id     string
	ref    profile.Ref
	stored *profile.Stored // nil: it is not kept here
	uses   []profile.Use   // of this version
	others []profile.Use   // of other versions of the profile
	stand  stand
	packs  string
	// trouble is a sentence on why the version cannot be used; empty: it can.
	trouble string
	search  string
}

// stand is how a version of a profile is on the cluster, as far as Helm's releases tell.
type stand int

const (
	notApplied stand = iota
	notKnown         // releases may not be read, or were not read yet
	running
	partly // some releases are of another version
	updating
	failed
)

// usable tells whether the version can be applied or be the beginning of another.
func (r *row) usable() bool { return r.stored != nil && r.stored.Err == nil }

// since is when the version came on the cluster, or was last changed there; zero: it is not there.
func (r *row) since() time.Time {
	var at time.Time
	for _, u := range r.uses {
		if u.At.After(at) {
			at = u.At
		}
	}
	return at
}

// applied is the version of the profile that is on the cluster; empty: none.
func (r *row) applied() string {
	for _, u := range slices.Concat(r.uses, r.others) {
		return u.Ref.Version
	}
	return ""
}

// title reads "vm-platform 1.0.0", or is the name of an object whose profile cannot be read.
func (r *row) title() string {
	if r.ref.Version == "" {
		return r.ref.Name
	}
	return r.ref.String()
}

// same tells whether two rows show the same.
func same(a, b *row) bool {
	return a.search == b.search && a.trouble == b.trouble && a.stand == b.stand && version(a.stored) == version(b.stored) && slices.Equal(a.uses, b.uses) &&
		slices.Equal(a.others, b.others)
}

func version(s *profile.Stored) string {
	if s == nil {
		return ""
	}
	return s.UID + s.Version
}

// rowsOf makes the rows of what was read.
func rowsOf(s profile.State) []*row {
	byName := map[string][]profile.Use{}
	for _, u := range s.Uses {
		byName[u.Ref.Name] = append(byName[u.Ref.Name], u)
	}
	var rows []*row
	kept := map[profile.Ref]bool{}
	for i := range s.Profiles {
		stored := &s.Profiles[i]
		r := &row{id: "kept/" + stored.Name, stored: stored, ref: refOf(*stored), packs: packsOf(stored.Value)}
		if stored.Err != nil {
			r.trouble = stored.Err.Error()
		}
		if stored.Unnamed {
			r.id = fmt.Sprintf("unnamed/%d/%s", i, stored.Name)
		}
		kept[r.ref] = true
		rows = append(rows, r)
	}
	for _, u := range s.Uses {
		if !kept[u.Ref] {
			kept[u.Ref] = true
			rows = append(rows, &row{id: "there/" + u.Ref.ObjectName(), ref: u.Ref})
		}
	}
	known := !s.UsesAt.IsZero() && kube.Classify(s.UsesErr) != kube.KindForbidden
	for _, r := range rows {
		for _, u := range byName[r.ref.Name] {
			if u.Ref.Version == r.ref.Version {
				r.uses = append(r.uses, u)
			} else {
				r.others = append(r.others, u)
			}
		}
		r.stand = standOf(r, known)
		r.search = r.words()
	}
	return rows
}

// refOf is the name and version of a profile as it is kept; of one that cannot be read, what its object's name tells.
func refOf(s profile.Stored) profile.Ref {
	if s.Err == nil {
		return s.Value.Ref()
	}
	name, version, found := strings.Cut(s.Name, ".")
	cut := strings.LastIndex(name, "-")
	if s.Unnamed || !found || cut < 0 {
		return profile.Ref{Name: s.Name}
	}
	return profile.Ref{Name: name[:cut], Version: name[cut+1:] + "." + version}
}

// standOf reads how a version is on the cluster. The worst release decides.
func standOf(r *row, known bool) stand {
	if len(r.uses) == 0 {
		if !known {
			return notKnown
		}
		return notApplied
	}
	out := running
	for _, u := range r.uses {
		out = max(out, releaseStand(u.Status))
	}
	if out == running && len(r.others) > 0 {
		out = partly
	}
	return out
}

// releaseStand reads Helm's status of a release.
func releaseStand(status string) stand {
	switch {
	case status == "deployed":
		return running
	case strings.HasPrefix(status, "pending-"), status == "uninstalling":
		return updating
	}
	return failed
}

// status are Helm's words for the releases that are not as they should be, or else for all.
func (r *row) status() string {
	var words []string
	for _, u := range r.uses {
		if (r.stand <= partly || releaseStand(u.Status) == r.stand) && !slices.Contains(words, u.Status) {
			words = append(words, u.Status)
		}
	}
	return strings.Join(words, ", ")
}

// packsOf names what a profile is made of.
func packsOf(p profile.Profile) string {
	var names []string
	for _, m := range p.Manifests {
		names = append(names, m.Name)
	}
	for _, r := range p.Packs {
		names = append(names, r.Name+" "+r.Version)
	}
	return strings.Join(names, ", ")
}

// words are what the filter looks through, as they are seen.
func (r *row) words() string {
	fields := []string{r.ref.Name, r.ref.Version, r.packs, standText(r), r.trouble}
	if r.stored != nil {
		fields = append(fields, r.stored.Name, r.stored.Value.Description)
	}
	for i := range fields {
		fields[i] = strings.ToLower(text.Clean(fields[i]))
	}
	return strings.Join(fields, "\n")
}

// byRef orders by name, the newest version of each first.
func byRef(a, b *row) int {
	return cmp.Or(cmp.Compare(a.ref.Name, b.ref.Name), profile.CompareVersions(b.ref.Version, a.ref.Version), cmp.Compare(a.id, b.id))
}
