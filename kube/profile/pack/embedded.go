package pack

import (
	"embed"
	"io/fs"
)

//go:embed all:charts
var charts embed.FS

// Public is the registry of the packs that are built into vmdeck.
func Public() Registry {
	return &folder{name: PublicRepo, kind: KindPublic, where: "vmdeck itself", open: func() (fs.FS, func() error, error) {
		tree, err := fs.Sub(charts, "charts")
		return tree, func() error { return nil }, err
	}}
}
