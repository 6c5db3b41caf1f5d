package paper

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"time"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/bench"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// Need is what is left to do, and about how long it takes.
type Need struct {
	Runs    int
	Samples float64 // that training reads
	// Time is that of all runs on this machine; the longest run takes Longest.
	Time, Longest time.Duration
}

// smallData is the size of the embedded and the synthetic data sets.
const smallData = 10_000

// Estimate times the engine for a moment and multiplies. Epochs until convergence are those that the published times come to, and at the
// other scales rough figures: the estimate is good to a factor of two.
func (p *Plan) Estimate(ctx context.Context, dir string, workers int) (Need, error) {
	var need Need
	var todo []Cell
	for seed := 1; seed <= p.Seeds; seed++ {
		for _, cell := range p.Cells {
			if experiment.Directory(filepath.Join(dir, cell.run(seed))).Finished() == nil {
				todo = append(todo, cell)
			}
		}
	}
	if len(todo) == 0 {
		return need, nil
	}
	rate, err := p.rate(ctx, workers)
	if err != nil {
		return need, err
	}
	need.Runs = len(todo)
	for _, cell := range todo {
		samples := p.samples(cell)
		need.Samples += samples
		need.Longest = max(need.Longest, duration(samples/rate))
	}
	need.Time = duration(need.Samples / rate)
	return need, nil
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// samples that a run reads.
func (p *Plan) samples(cell Cell) float64 {
	v := p.values(cell, 1)
	train := float64(theSettings.Models[p.Model].Train)
	if v["data"] == dataset.Embedded || v["data"] == dataset.Synthetic {
		train = smallData
	}
	bound, _ := strconv.ParseFloat(v["steps"], 64)
	steps := math.Min(bound, math.Ceil(p.epochs(cell.Alpha)*train/float64(cell.Batch)))
	if cell.Alpha != 1 {
		steps *= 2
	}
	return steps * float64(cell.Batch)
}

// rate is samples a second in training, on all processors.
func (p *Plan) rate(ctx context.Context, workers int) (float64, error) {
	s := bench.Default()
	s.Model, s.Batch, s.Units, s.Workers, s.Time = p.Model, theSettings.Models[p.Model].TimedBatch, 0, workers, 200*time.Millisecond
	b, err := bench.Run(ctx, s, experiment.Observer{})
	if err != nil {
		return 0, err
	}
	return b.SamplesPerSecond, nil
}

// rough is a duration as one would say it.
func rough(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", math.Max(1, d.Seconds()))
	case d < 3*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 72*time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}
