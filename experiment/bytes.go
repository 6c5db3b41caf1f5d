package experiment

import (
	"fmt"
	"math"
)

// formatBytes is a number of bytes with three digits and a binary unit, such as 3.5 GiB; four from 1000 to 1023.
func formatBytes(b float64) string {
	const unit = 1024
	if b < unit {
		return fmt.Sprintf("%.0f B", b)
	}
	exponent := min(int(math.Log(b)/math.Log(unit)), 6)
	format, value := "%.3g %ciB", b/math.Pow(unit, float64(exponent))
	if value >= 999.5 { // which %.3g writes as 1e+03
		format = "%.0f %ciB"
	}
	return fmt.Sprintf(format, value, "KMGTPE"[exponent-1])
}
