package report

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// unseenWords say what the intervals of the first section rest on, and how not to rest on it.
func unseenWords(run Run, c Checkpoint) []string {
	z := c.NoiseSize
	if z.Unseen == 0 || !z.TraceCI.Defined() {
		return nil
	}
	words := fmt.Sprintf("Intervals are for a population like the recorded %s: a kind of %s that makes up less than %s of all may be missing among them, "+
		"however much of the noise it carries", unitsWord(c), unitWord(c), document.Percent(estimate.Number(z.Unseen)))
	if run.Model != "" && c.UnitSize == 1 && directRho(c) == nil {
		return []string{words + "; direct draws (-draws) come with the norms of all samples, which rule that out."}
	}
	return []string{words + "; only the gradients of all of them rule that out."}
}
