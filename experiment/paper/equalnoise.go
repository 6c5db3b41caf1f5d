package paper

import (
	"io"

	"github.com/noiseprobe/noiseprobe/analysis/compare"
	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// Pair is NE at (alpha, B) and SGD at B / f.
type Pair struct {
	NE  Cell `json:"ne"`
	SGD Cell `json:"sgd"`
}

func (r *Result) compareNoise(g *compare.Group) error { return nil }

func (r *Result) equalNoiseFigures() []report.Figure { return nil }

func (r *Result) pairsText(w io.Writer) {}
