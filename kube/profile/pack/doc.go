// Package pack knows packs: Helm charts with what a person has to choose when one is added to a cluster profile. It finds them in
// registries (built in, folders, HTTP chart repositories, OCI), reads them, checks values against their schema, and works out presets
// and what was changed from the defaults. It installs nothing.
//
// A pack is a chart like any other, with two additions, both optional:
//
//   - annotations in Chart.yaml, for what lists show: AnnotationDisplayName and AnnotationType;
//   - a file pack.yaml beside it (Spec), for the namespace, the presets, what must be filled in, and which packs must come along.
//
// Values are those of the whole chart, from the top, with the names that Palette's packs have: pack, charts, manifests. Within this
// package they are plain maps; functions return new ones and never change what they were given.
//
// Reading a registry has deadlines and size limits and writes no file. Credentials come from docker's configuration and go to the host
// that they are for; they are in no error and no log.
package pack
