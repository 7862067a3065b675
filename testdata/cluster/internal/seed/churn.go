package seed

import (
	"context"
	"errors"
	"io"
	"time"
)

// Churn is not written yet.
func Churn(ctx context.Context, dir string, rate int, d time.Duration, out io.Writer) error {
	return errors.New("not yet")
}
