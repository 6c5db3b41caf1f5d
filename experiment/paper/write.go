package paper

import (
	"encoding/csv"
	"io"
	"path/filepath"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// JSON writes the result as a document.
func (r *Result) JSON(w io.Writer) error {
	return jsonfile.Encode(w, r)
}

// Write puts the result beside the runs: EXPERIMENT.json, EXPERIMENT.csv and, of a figure, EXPERIMENT.svg.
func (r *Result) Write() error {
	path := func(extension string) string { return filepath.Join(r.Dir, r.Experiment+extension) }
	if err := atomicfile.Write(path(".json"), r.JSON); err != nil {
		return err
	}
	if err := atomicfile.Write(path(".csv"), r.CSV); err != nil {
		return err
	}
	figures := r.Figures()
	if len(figures) == 0 {
		return nil
	}
	return atomicfile.Write(path(".svg"), func(w io.Writer) error { return figure.WritePanels(w, figures...) })
}

// CSV writes the rows, an empty field for what is undefined.
func (r *Result) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write([]string{"experiment", "model", "scale", "alpha", "batch", "effective_batch", "quantity", "n", "mean", "sd", "ci_lo", "ci_hi",
		"published_mean", "published_sd", "difference", "difference_lo", "difference_hi"})
	for _, row := range r.Rows {
		for _, q := range []struct {
			name string
			Measured
		}{{"accuracy", row.Accuracy}, {"convergence_time", row.ConvergenceTime}} {
			cells := []string{r.Experiment, r.Model, r.Scale, field(row.Alpha), strconv.Itoa(row.Batch), field(row.BEff), q.name, strconv.Itoa(q.N),
				field(q.Mean), field(q.SD), field(q.CI.Lo), field(q.CI.Hi), "", "", "", "", ""}
			if p := q.Published; p != nil {
				cells[12], cells[13] = field(p.Mean), field(p.SD)
			}
			if d := q.Difference; d != nil {
				cells[14], cells[15], cells[16] = field(d.Value), field(d.CI.Lo), field(d.CI.Hi)
			}
			out.Write(cells)
		}
	}
	out.Flush()
	return out.Error()
}

func field[T ~float64](x T) string { return estimate.CSV(float64(x)) }
