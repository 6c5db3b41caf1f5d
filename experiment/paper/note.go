package paper

import "fmt"

// note says what is not as in the paper.
func (r *Result) note() {
	add := func(format string, args ...any) { r.Notes = append(r.Notes, fmt.Sprintf(format, args...)) }
	scale := r.plan.scale()
	if scale.Note != "" {
		add("Scale %s: %s.", r.Scale, scale.Note)
	}
	if r.plan.Seeds != scale.Seeds {
		add("Seeds asked for: %d, where the scale has %d.", r.plan.Seeds, scale.Seeds)
	}
	if largest, ok := scale.LargestBatch[r.Model]; ok {
		add("Batch sizes above %d are %d here.", largest, largest)
	}
	if r.Missing > 0 {
		add("%d of %d runs are missing.", r.Missing, r.Runs)
	}
	model := theSettings.Models[r.Model]
	if r.Train > 0 && (r.Data != model.Flags["data"] || r.Train != model.Train) {
		add("Trained on %d samples of %s; the paper on %d of %s.", r.Train, r.Data, model.Train, model.Flags["data"])
	}
}
