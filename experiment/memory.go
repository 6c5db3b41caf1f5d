package experiment

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/train"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// checkMemory returns what a run needs, or says what would fit.
func (c *Config) checkMemory(spec train.Spec, data *dataset.Dataset, units unitSet) (float64, error) {
	samples := c.Batch
	if c.Alpha != 1 {
		samples *= 2
	}
	need := train.Need{
		Spec: spec, Sample: data.Shape[:], Classes: data.Classes, Samples: samples, Largest: 2 * c.Batch,
		Units: units.n(), UnitSize: units.size, Streamed: spec.Convolutional(),
	}
	if c.Alpha == 1 {
		need.Largest = 0
	}
	if spec.Convolutional() {
		need.Held = 2 * samples // of this step and the next
	}
	return checkNeed(need, c.Memory, "the run needs")
}

// checkNeed compares an estimate with a budget. An error names the largest number of samples in a step, or of units, that fits
// when everything else stays.
func checkNeed(need train.Need, budget int64, what string) (float64, error) {
	bytes, err := train.EstimateMemory(need)
	if err != nil || bytes <= float64(budget) {
		return bytes, err
	}
	fits := func(set func(n *train.Need, value int), from int) string {
		most := 0
		for step := from; step > 0; step /= 2 {
			try := need
			set(&try, most+step)
			if b, err := train.EstimateMemory(try); err == nil && b <= float64(budget) && most+step <= from {
				most += step
			}
		}
		return fmt.Sprint(most)
	}
	hint := "even the smallest does not fit, a larger -memory is needed"
	if units := fits(func(n *train.Need, v int) { n.Units = v }, need.Units); units != "0" && units != "1" {
		hint = "-units " + units + " would fit"
	} else if need.Samples > 0 {
		share := max(1, need.Samples/max(1, need.Largest/2)) // 2 where a step reads B and B'
		batch := fits(func(n *train.Need, v int) {
			n.Samples, n.Largest, n.Held = v*share, min(n.Largest, 2*v), min(n.Held, 2*v*share)
		}, need.Samples/share)
		if batch != "0" {
			hint = "-batch " + batch + " would fit"
		}
	}
	return bytes, fmt.Errorf("-memory %s: %s about %s; %s", formatBytes(float64(budget)), what, formatBytes(bytes), hint)
}
