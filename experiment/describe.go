package experiment

import (
	"fmt"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

// describe tells what the run will do, and with what.
func (r *run) describe(spec train.Spec, memory float64) {
	r.observer.detail("model %s: %d parameters; %s: %d + %d images, %s", spec.Text, r.trainer.Model.Parameters(),
		r.data.Name, r.data.Train.N(), r.data.Test.N(), r.data.Source)
	r.observer.detail("matrix products by %s; about %s of memory, of %s", gemm.Name(), formatBytes(memory), formatBytes(float64(r.Memory)))
	recorded := "no gradients"
	switch r.Record {
	case RecordFactored:
		recorded = fmt.Sprintf("the gradients of %s (%s)", r.units, formsInWords(r.trainer.Model.Forms(r.units.size)))
	case RecordGram:
		recorded = fmt.Sprintf("second moments of the gradients of %s", r.units)
	}
	if r.curvature.units > 0 {
		recorded += ", " + r.curvature.String() + ","
	}
	r.observer.detail("records %s at %s, and %d direct pairs at the last", recorded, listSteps(r.schedule), r.Draws)
}

// formsInWords says how layers are recorded, and what one unit takes.
func formsInWords(forms []probe.LayerForm) string {
	var dense, factored []string
	bytes := 0
	for _, f := range forms {
		bytes += f.UnitBytes()
		if f.In > 0 {
			factored = append(factored, f.Name)
		} else {
			dense = append(dense, f.Name)
		}
	}
	var words []string
	if factored != nil {
		words = append(words, "as factors "+strings.Join(factored, ", "))
	}
	if dense != nil {
		words = append(words, "dense "+strings.Join(dense, ", "))
	}
	return fmt.Sprintf("%s; %s each", strings.Join(words, "; "), formatBytes(float64(bytes)))
}

// describeMetric tells how training stands.
func (r *run) describeMetric(m report.Metric) {
	r.observer.detail("step %d: train loss %.4g, test loss %.4g, test accuracy %.3g%%", m.Step, m.TrainLoss, m.TestLoss, 100*m.TestAccuracy)
}

// listSteps names the steps, the middle ones left out where there are many.
func listSteps(steps []int) string {
	const ends = 5
	var names []string
	for i, s := range steps {
		switch {
		case i < ends || i >= len(steps)-ends:
			names = append(names, fmt.Sprint(s))
		case i == ends:
			names = append(names, "...")
		}
	}
	if len(steps) == 1 {
		return "step " + names[0]
	}
	return fmt.Sprintf("%d steps (%s)", len(steps), strings.Join(names, ", "))
}
