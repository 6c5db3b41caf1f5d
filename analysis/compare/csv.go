package compare

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
)

// csvHeader is the first line of the table of runs.
var csvHeader = []string{"group", "alpha", "batch", "f", "b_eff", "seed", "quantity", "evidence", "value", "lo", "hi", "stopped", "dir"}

// WriteCSV writes a line for each quantity of each run, at full precision; lo and hi are the ends of the interval that the run's own report
// has. What is undefined is an empty field.
func (c *Comparison) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write(csvHeader)
	for i, g := range c.Groups {
		for _, r := range g.Runs {
			for _, q := range r.Values {
				out.Write([]string{
					strconv.Itoa(i + 1), estimate.CSV(r.Alpha), strconv.Itoa(r.Batch), estimate.CSV(noise.Factor(r.Alpha)),
					estimate.CSV(EffectiveBatch(r.Alpha, r.Batch)), strconv.FormatUint(r.Seed, 10), q.Quantity, q.Evidence,
					estimate.CSV(float64(q.Value)), estimate.CSV(q.CI.Lo), estimate.CSV(q.CI.Hi), r.Stopped, r.Dir,
				})
			}
		}
	}
	out.Flush()
	return out.Error()
}
