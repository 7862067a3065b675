// Package seed fills a cluster: with a small world to look around in, or with ten thousand stored VMs to measure with.
package seed

import (
	"fmt"
	"strconv"
)

// maxBulk is more than anyone has in one cluster.
const maxBulk = 100_000

// Parse reads what --seed asks for: nothing, the demo, or a number of stored VMs.
func Parse(s string) (bulk int, demo bool, err error) {
	switch s {
	case "", "none":
		return 0, false, nil
	case "demo":
		return 0, true, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxBulk {
		return 0, false, fmt.Errorf("--seed %s: choose demo or a number up to %d", s, maxBulk)
	}
	return n, false, nil
}
