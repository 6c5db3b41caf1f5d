package main

import (
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// thresholdMethods are those whose curves are smooth enough to be read; pickands jumps, power-law is hill with another count.
var thresholdMethods = []string{tail.NameHill, tail.NameMoment, tail.NameKernel, tail.NameGPD}

// thresholds is the threshold-stability plot: gamma against k method by method, and the k that each chose.
func thresholds(curves []tail.Curve, chosen []tail.Estimate) figure.Figure {
	var found []string
	mark := figure.Series{Name: "chosen k", Kind: figure.Points}
	var lines []figure.Series
	for _, method := range thresholdMethods {
		s := figure.Series{Name: method, Kind: figure.Line}
		for _, c := range curves {
			if c.Method != method {
				continue
			}
			for _, e := range c.Points {
				s.X, s.Y = append(s.X, float64(e.K)), append(s.Y, float64(e.Gamma))
			}
		}
		lines = append(lines, s)
		for _, e := range chosen {
			if e.Method == method && e.K > 0 {
				found = append(found, method+" "+document.Number(e.Gamma))
				mark.X, mark.Y = append(mark.X, float64(e.K)), append(mark.Y, float64(e.Gamma))
			}
		}
	}
	finding := ""
	if found != nil {
		finding = "gamma: " + strings.Join(found, ", ")
	}
	return figure.Figure{
		Name: "thresholds", Title: "Tail estimates against the threshold", XLabel: "k: number of largest values used",
		YLabel: "gamma (tail index 1/gamma)", LogX: true, Empty: "no estimate is defined at any k", Finding: finding,
		Caption: "Estimates of gamma over k, and the k that each method chose. Over the k of a power-law tail all are " +
			"flat and agree; a slope is bias. Gamma at or below 0 is no power law; hill and kernel cannot say so, moment and gpd can.",
		Series: append([]figure.Series{mark}, lines...),
	}
}
