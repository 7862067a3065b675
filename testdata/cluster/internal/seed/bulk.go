package seed

import (
	"context"
	"errors"

	"vmdeck/testdata/cluster/internal/state"
)

// Bulk is not written yet.
func Bulk(ctx context.Context, f *state.Folder, n int, say func(string, ...any)) error {
	return errors.New("not yet")
}
