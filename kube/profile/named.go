package profile

import (
	"fmt"
	"strings"
)

// Named is Find for a version that somebody asked for. The error is a sentence that names the versions there are; where says where the
// profiles are kept.
func Named(all []Stored, ref Ref, where string) (Stored, error) {
	if found, ok := Find(all, ref.Name, ref.Version); ok {
		return found, nil
	}
	var versions []string
	for _, s := range Versions(all, ref.Name) {
		versions = append(versions, s.Value.Version)
	}
	if len(versions) > 0 {
		return Stored{}, fmt.Errorf("there is no version %s of the profile %s in %s; there are %s", ref.Version, ref.Name, where, strings.Join(versions, ", "))
	}
	return Stored{}, fmt.Errorf("there is no profile %q in %s", ref.Name, where)
}
