package report_test

import (
	"os"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// The figure has the curve alpha^2 + (1 - alpha)^2, here left out, and the measured factors.
func ExampleEnhancement() {
	r := &report.Report{Checkpoints: []report.Checkpoint{{
		Enhancement: []enhancement.Factor{{
			Alpha: 2, Pairing: "independent", Evidence: enhancement.Direct, Measured: 5.125, Predicted: 5, CI: estimate.Around(5.125, 0.25),
		}},
	}}}
	figure := report.Enhancement(r)
	figure.Series = figure.Series[1:]
	if err := figure.WriteCSV(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// series,x,y,lo,hi,kind
	// direct,2,5.125,4.875,5.375,points
}
