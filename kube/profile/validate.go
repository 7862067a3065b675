package profile

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"vmdeck.dev/vmdeck/kube"
)

// Problem is why a profile cannot be used, in a sentence, with the field that has to be changed.
type Problem struct {
	Field string // as in Profile: "Packs", "Manifests"
	Index int    // of the pack or manifest, from 0
	// Part is the field within the pack or manifest: "Values"; empty: all of it.
	Part string
	Text string
}

const (
	longestVersion = 63        // characters: a version becomes a label
	longestRelease = 53        // characters: packs and manifests become releases of Helm
	longestContent = 512 << 10 // bytes: an object with all its manifests must fit into etcd
)

var digest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// NormalVersion reads a version as people write it, such as "1.0" or "v2.1.0", and writes it as profiles have it; nothing is
// DefaultVersion. The error is a sentence.
func NormalVersion(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return DefaultVersion, nil
	}
	v, err := semver.NewVersion(text)
	if err != nil || v.Metadata() != "" || len(v.String()) > longestVersion {
		return "", fmt.Errorf("%q is no version: three numbers such as 1.0.0, perhaps with a suffix as in 1.0.0-rc.1", text)
	}
	return v.String(), nil
}

// NextVersion is what a version is called that begins as another one: 1.1.0 after 1.0.3. What is no version is followed by DefaultVersion.
func NextVersion(version string) string {
	v, err := semver.NewVersion(version)
	if err != nil {
		return DefaultVersion
	}
	return v.IncMinor().String()
}

// faults gathers problems.
type faults []Problem

func (f *faults) add(field string, index int, part, format string, args ...any) {
	*f = append(*f, Problem{Field: field, Index: index, Part: part, Text: fmt.Sprintf(format, args...)})
}

// Validate lists what is wrong with a profile as far as it can be told without its packs; nothing means that it can be kept. A profile
// without packs and manifests can be kept, and not applied.
func (p Profile) Validate() []Problem {
	var f faults
	if p.Name == "" {
		f.add("Name", 0, "", "The profile needs a name.")
	} else if !kube.IsNamespaceName(p.Name) {
		f.add("Name", 0, "", "The profile cannot be called %q: %s.", p.Name, kube.NamespaceNames)
	}
	if normal, err := NormalVersion(p.Version); err != nil {
		f.add("Version", 0, "", "The profile's version is wrong: %s.", err)
	} else if normal != p.Version {
		f.add("Version", 0, "", "The profile's version is written %s, not %q.", normal, p.Version)
	}
	if p.Type != TypeAddOn {
		f.add("Type", 0, "", "The profile's type is %s, not %q: there is no other.", TypeAddOn, p.Type)
	}
	p.validatePacks(&f)
	p.validateManifests(&f)
	return f
}

func (p Profile) validatePacks(f *faults) {
	for i, r := range p.Packs {
		wrong := func(part, format string, args ...any) { f.add("Packs", i, part, format, args...) }
		if r.Name == "" {
			wrong("Name", "Pack %d has no name.", i+1)
			continue
		}
		if slices.ContainsFunc(p.Packs[:i], func(other PackRef) bool { return other.Name == r.Name }) {
			wrong("Name", "The pack %s is in the profile twice.", r.Name)
		}
		if r.Registry == "" {
			wrong("Registry", "The pack %s needs the registry that it comes from.", r.Name)
		}
		if r.Version == "" {
			wrong("Version", "The pack %s needs a version.", r.Name)
		} else if _, err := semver.NewVersion(r.Version); err != nil {
			wrong("Version", "The pack %s has the version %q, which is none; it looks like 1.0.0.", r.Name, r.Version)
		}
		if _, err := r.Overrides(); err != nil {
			wrong("Values", "The values of the pack %s cannot be used: %s.", r.Name, err)
		}
		if r.Namespace != "" && !kube.IsNamespaceName(r.Namespace) {
			wrong("Namespace", "The pack %s cannot be installed in %q: %s.", r.Name, r.Namespace, kube.NamespaceNames)
		}
	}
}

func (p Profile) validateManifests(f *faults) {
	for i, m := range p.Manifests {
		wrong := func(part, format string, args ...any) { f.add("Manifests", i, part, format, args...) }
		switch {
		case !kube.IsNamespaceName(m.Name) || len(m.Name) > longestRelease:
			wrong("Name", "Manifest %d cannot be called %q: it takes lower case letters, digits and dashes, a letter or digit first and last, %d at most.", i+1, m.Name, longestRelease)
		case slices.ContainsFunc(p.Manifests[:i], func(other Manifest) bool { return other.Name == m.Name }):
			wrong("Name", "The manifest %s is in the profile twice.", m.Name)
		case slices.ContainsFunc(p.Packs, func(r PackRef) bool { return r.Name == m.Name }):
			wrong("Name", "The manifest %s is called like a pack; give it another name.", m.Name)
		}
		if part, text := m.fault(); text != "" {
			wrong(part, "The manifest %s %s.", m.Name, text)
		}
	}
}

// fault says what is wrong with where a manifest comes from, as the end of a sentence.
func (m Manifest) fault() (part, text string) {
	sources := 0
	for _, source := range []string{m.URL, m.File, m.Content} {
		if source != "" {
			sources++
		}
	}
	address, err := url.Parse(m.URL)
	switch {
	case sources != 1:
		return "URL", "comes from exactly one place: a URL, a file, or its content written here"
	case m.URL != "" && (err != nil || address.Scheme != "https" || address.Host == "" || address.User != nil):
		return "URL", "needs an address that begins with https:// and carries no login"
	case m.URL != "" && m.SHA256 == "":
		return "SHA256", "comes from a URL and needs its SHA-256 digest, so that what is applied is what was reviewed"
	case m.SHA256 != "" && m.Content != "":
		return "SHA256", "is written here, so it takes no digest"
	case m.SHA256 != "" && !digest.MatchString(m.SHA256):
		return "SHA256", "has a digest that is no SHA-256: 64 lower case hexadecimal digits"
	case m.File != "" && !filepath.IsAbs(m.File):
		return "File", "needs the absolute path of its file, as the profile may be applied from anywhere"
	case len(m.Content) > longestContent:
		return "Content", fmt.Sprintf("is longer than %d KiB; keep it in a file or at a URL", longestContent>>10)
	}
	return "", ""
}

// asError makes one error of what is wrong with a profile.
func asError(problems []Problem) error {
	var all []string
	for _, p := range problems {
		all = append(all, p.Text)
	}
	if len(all) == 0 {
		return nil
	}
	return errors.New(strings.Join(all, " "))
}
