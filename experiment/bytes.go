package experiment

import (
	"fmt"
	"math"
)

// formatBytes is a number of bytes with three digits and a binary unit, such as 3.5 GiB.
func formatBytes(b float64) string {
	const unit = 1024
	if b < unit {
		return fmt.Sprintf("%.0f B", b)
	}
	exponent := min(int(math.Log(b)/math.Log(unit)), 6)
	return fmt.Sprintf("%.3g %ciB", b/math.Pow(unit, float64(exponent)), "KMGTPE"[exponent-1])
}
