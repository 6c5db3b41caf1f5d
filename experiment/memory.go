package experiment

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/train"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// Check says what of resolved settings does not go with the data, or is not to be had on this machine. It changes nothing.
func (c *Config) Check(spec train.Spec, data *dataset.Dataset) error {
	_, _, err := c.fit(spec, data)
	return err
}

// fit is [Config.Check], and picks the units of a run and returns the memory that it needs.
func (c *Config) fit(spec train.Spec, data *dataset.Dataset) (unitSet, float64, error) {
	if err := c.machine().Check(); err != nil {
		return unitSet{}, 0, err
	}
	n := data.Train.N()
	if err := noise.CheckBatch(c.pairing(), n, c.Batch); err != nil {
		return unitSet{}, 0, fmt.Errorf("-%w", err)
	}
	units, err := pickUnits(c.Seed, n, c.Units, c.Unit, unitSize(c.Unit, c.Ghost))
	if err != nil {
		return units, 0, err
	}
	need, err := c.checkMemory(spec, data, units)
	return units, need, err
}

// checkMemory returns what a run needs, or says what would fit.
func (c *Config) checkMemory(spec train.Spec, data *dataset.Dataset, units unitSet) (float64, error) {
	need := train.Need{
		Spec: spec, Sample: data.Shape[:], Classes: data.Classes, Samples: float64(c.Batch), Minibatches: 1,
		Units: float64(units.n()), UnitSize: units.size, Streamed: spec.Convolutional(), Stored: float64(data.Train.N() + data.Test.N()),
	}
	if k := float64(c.minibatches()); k > 1 {
		need.Samples, need.Minibatches = k*need.Samples, k
		need.Largest = need.Samples // of draws at B_eff, which is at most 2B
	}
	if spec.Convolutional() {
		need.Held = 2 * need.Samples // of this step and the next
	}
	return CheckMemory(need, c.Memory, "the run needs")
}

// CheckMemory compares what is needed with a budget, in bytes, and returns the estimate. The error begins with what needs it, and says what
// would fit when everything else stays.
func CheckMemory(need train.Need, budget int64, what string) (float64, error) {
	bytes, err := train.EstimateMemory(need)
	if err != nil || bytes <= float64(budget) {
		return bytes, err
	}
	return bytes, fmt.Errorf("-memory %s: %s about %s; %s", formatBytes(float64(budget)), what, formatBytes(bytes), fitting(need, budget))
}

// fitting says what would fit a budget that need does not: fewer units, or else smaller minibatches.
func fitting(need train.Need, budget int64) string {
	fits := func(try train.Need) bool {
		bytes, err := train.EstimateMemory(try)
		return err == nil && bytes <= float64(budget)
	}
	if units := largest(need.Units, func(n float64) bool {
		try := need
		try.Units = n
		return fits(try)
	}); units >= 2 {
		return fmt.Sprintf("-units %.0f would fit", units)
	}
	batch := need.Samples / max(1, need.Minibatches)
	if most := largest(batch, func(n float64) bool {
		try, share := need, n/batch
		try.Samples, try.Largest, try.Held = share*need.Samples, share*need.Largest, share*need.Held
		return fits(try)
	}); most >= 1 {
		return fmt.Sprintf("-batch %.0f would fit", most)
	}
	return "the smallest run does not fit either"
}

// largest is about the largest whole number up to most that fits, 0 if none does, where all below one that fits fit.
func largest(most float64, fits func(n float64) bool) float64 {
	low, high := 0.0, math.Floor(most)+1
	for high-low > 1 && high-low > low*1e-12 {
		if middle := math.Floor((low + high) / 2); fits(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}
