// Package keep keeps what people wrote: as custom resources in a cluster, or as the same objects in the YAML files of a folder. Nobody's
// change is overwritten unseen, and what is broken hides nothing else.
package keep
