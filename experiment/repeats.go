package experiment

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/probe"
)

// repeatWarnings are about gradients that are zero, or several times the same.
func repeatWarnings(u *probe.Units) (warnings []string) {
	zero, equal := u.Repeats()
	switch {
	case zero == u.N:
		return []string{fmt.Sprintf("all %d gradients are zero: were they written to the file?", u.N)}
	case equal == u.N-1:
		return []string{fmt.Sprintf("all %d gradients are equal: there is no noise in them", u.N)}
	}
	if zero > 0 {
		warnings = append(warnings, fmt.Sprintf("%d of %d gradients are zero: were all written to the file?", zero, u.N))
	}
	if equal > 0 {
		warnings = append(warnings, fmt.Sprintf("%d of %d gradients are another's again", equal, u.N))
	}
	for _, l := range u.Layers {
		if l.Trace == 0 && l.MeanNormSq == 0 {
			warnings = append(warnings, fmt.Sprintf("layer %s: all of its gradients are zero", l.Name))
		}
	}
	return warnings
}
