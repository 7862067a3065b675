package text

import (
	"fmt"
	"strings"
)

// Bytes writes an amount of memory in the binary units of Kubernetes, with at most one decimal: "512Mi", "1.5Gi", "8Gi".
func Bytes(n int64) string {
	units := []string{"", "Ki", "Mi", "Gi", "Ti", "Pi"}
	value, unit := float64(n), 0
	for value >= 1024 && unit < len(units)-1 {
		value /= 1024
		unit++
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", value), ".0") + units[unit]
}
