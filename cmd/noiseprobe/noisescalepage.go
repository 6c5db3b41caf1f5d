package main

import (
	"errors"
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/noisescale"
	"github.com/noiseprobe/noiseprobe/noise"
)

// noColumn adds the way out to an error about a column that is not there.
func noColumn(err error) error {
	if missing := new(noisescale.MissingColumnError); errors.As(err, &missing) {
		return &hintError{err, fmt.Sprintf("-columns %s=NAME says what it is called there", missing.Name)}
	}
	return err
}

func noiseScaleDocument(name string, r noisescale.Result) document.Document {
	d := document.Document{
		Title: "Noise scale", Subtitle: name,
		Cards: []document.Card{
			{Label: "noise scale", Value: document.Number(r.NoiseScale), Note: "samples " + document.Interval(r.CI.NoiseScale)},
			{Label: "tr Sigma", Value: document.Number(r.Trace), Note: document.Interval(r.CI.Trace)},
			{Label: "|grad L|^2", Value: document.Number(r.GradientNormSq), Note: document.Interval(r.CI.GradientNormSq)},
		},
		Sections: []document.Section{answerSection(r), windowSection(r)},
		Glossary: noiseScaleGlossary,
		Footer:   "All numbers at full precision are in " + noiseScaleName + ".json.",
	}
	if len(r.Layers) > 0 {
		d.Sections = append(d.Sections, layerSection(r))
	}
	return d
}

var noiseScaleGlossary = []document.Term{
	{Name: "noise scale", Text: "tr Sigma / |grad L|^2: the batch size at which the noise of the mean gradient is as large as the gradient itself (McCandlish, Kaplan, Amodei et al. 2018, arXiv:1812.06162). It is the usual proxy for the critical batch size, and no measurement of it."},
	{Name: "tr Sigma", Text: "The variance of the gradient of a single sample, summed over all parameters: the mean over the steps of (|g_small|^2 - |g_big|^2) / (1/small - 1/big)."},
	{Name: "|grad L|^2", Text: "The squared norm of the gradient without noise: the mean over the steps of (big |g_big|^2 - small |g_small|^2) / (big - small)."},
	{Name: "Brackets", Text: "95% intervals. They allow for correlated steps by the variance at low frequencies, without what polynomials of low degree, the drift along training, take of it; that of the noise scale is Fieller's, which has no upper end where |grad L|^2 is not told from 0."},
}

func answerSection(r noisescale.Result) document.Section {
	s := document.Section{ID: "answer", Title: "How large is the noise scale?", Lines: []string{noiseScaleSentence(r)}}
	s.Lines = append(s.Lines, fmt.Sprintf("tr Sigma is %s, |grad L|^2 %s.", document.Measured(r.Trace, r.CI.Trace), document.Measured(r.GradientNormSq, r.CI.GradientNormSq)))
	if f := noise.Factor(r.Alpha); r.Alpha != 1 {
		s.Lines = append(s.Lines, fmt.Sprintf("This is for plain gradients. Those in the log, with noise enhancement at alpha = %s, have f = %s times the noise: for them noise equals signal at f times the batch.",
			document.Plain(r.Alpha), document.Significant(f)))
	}
	if r.Population > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("Minibatches are drawn without replacement from %s samples: |grad L|^2 is that of the loss of all of them, with tr Sigma / %s added to the difference of norms.",
			document.Whole(r.Population), document.Whole(r.Population)))
	}
	if r.Superseded > 0 {
		s.Notes = append(s.Notes, document.Plural(r.Superseded, "row")+" not counted: later rows go back to their steps or to earlier ones, as after training was resumed.")
	}
	if r.Skipped > 0 {
		s.Notes = append(s.Notes, document.Plural(r.Skipped, "row")+" skipped, for lack of norms.")
	}
	return s
}

func noiseScaleSentence(r noisescale.Result) string {
	steps := fmt.Sprintf("over %s (%d to %d)", document.Plural(r.Steps, "step"), r.First, r.Last)
	switch r.Verdict {
	case noisescale.Measured:
		return fmt.Sprintf("The noise scale is %s samples %s: the batch size at which noise and signal are equally large.", document.Measured(r.NoiseScale, r.CI.NoiseScale), steps)
	case noisescale.AtMost:
		return fmt.Sprintf("The noise scale is at most %s samples %s: tr Sigma is not told from 0.", document.Significant(r.CI.NoiseScale.Hi), steps)
	case noisescale.Impossible:
		return fmt.Sprintf("There is no noise scale %s: the small batch has smaller norms than the big one, so that tr Sigma would be below 0. Are the two exchanged, or are they sums in place of means over the samples?", steps)
	case noisescale.NoInterval:
		few := fmt.Sprintf("since the steps have fewer than %d different values of tr Sigma or of |grad L|^2.", estimate.MinDistinct)
		if !r.NoiseScale.Defined() {
			return fmt.Sprintf("There is no noise scale %s: at least one of its two parts is not above 0. They have no intervals, %s", steps, few)
		}
		return fmt.Sprintf("The noise scale is %s samples %s. It has no interval, %s", document.Number(r.NoiseScale), steps, few)
	case noisescale.AtLeast:
		return fmt.Sprintf("The noise scale is at least %s samples %s. It has no upper end, since |grad L|^2 is not told from 0.", document.Significant(r.CI.NoiseScale.Lo), steps)
	}
	if r.CI.GradientNormSq.Hi < 0 {
		return fmt.Sprintf("Nothing is known of the noise scale %s: |grad L|^2 is told to be below 0, since the big batch has smaller norms than noise alone would give. "+
			"Without any gradient this happens by chance in 1 of 40 logs; else, are the batch sizes those of the norms, or are minibatches a large part of all samples?", steps)
	}
	return fmt.Sprintf("Nothing is known of the noise scale %s: neither tr Sigma nor |grad L|^2 is told from 0.", steps)
}

// noiseScaleFinding is noiseScaleSentence in few words.
func noiseScaleFinding(r noisescale.Result) string {
	switch r.Verdict {
	case noisescale.Measured, noisescale.NoInterval:
		return document.Measured(r.NoiseScale, r.CI.NoiseScale) + " samples over all steps"
	case noisescale.AtMost:
		return "at most " + document.Significant(r.CI.NoiseScale.Hi) + " samples over all steps"
	case noisescale.AtLeast:
		return "at least " + document.Significant(r.CI.NoiseScale.Lo) + " samples over all steps"
	case noisescale.Impossible:
		return "none: the small batch has the smaller norms"
	}
	if r.CI.GradientNormSq.Hi < 0 {
		return "not known: the signal is told to be below 0"
	}
	return "not known: neither noise nor signal is told from 0"
}

// estimateCells are those of an estimate in a table, under estimateHeader.
func estimateCells(e noisescale.Estimate) []string {
	scale := document.Number(e.NoiseScale)
	if interval := document.Interval(e.CI.NoiseScale); interval != "" {
		scale += " " + interval
	}
	return []string{scale, document.Measured(e.Trace, e.CI.Trace), document.Measured(e.GradientNormSq, e.CI.GradientNormSq)}
}

var estimateHeader = []string{"noise scale", "tr Sigma", "|grad L|^2"}

func windowSection(r noisescale.Result) document.Section {
	s := document.Section{ID: "along", Title: "Along training", Table: &document.Table{Header: append([]string{"steps", "n"}, estimateHeader...)},
		Figures: []string{"noise-scale", "noise-and-signal"}}
	for _, w := range r.Windows {
		s.Table.Add(append([]string{fmt.Sprintf("%d to %d", w.First, w.Last), document.Whole(w.Steps)}, estimateCells(w.Estimate)...)...)
	}
	return s
}

func layerSection(r noisescale.Result) document.Section {
	s := document.Section{ID: "layers", Title: "Layer by layer", Table: &document.Table{Header: append([]string{"layer"}, estimateHeader...)}}
	for _, l := range r.Layers {
		s.Table.Add(append([]string{l.Name}, estimateCells(l.Estimate)...)...)
	}
	return s
}

// noiseScaleFigures are drawn along training, a point a window, in its middle.
func noiseScaleFigures(r noisescale.Result) []figure.Figure {
	scale := figure.Series{Name: "noise scale", Kind: figure.Track}
	trace := figure.Series{Name: "tr Sigma", Kind: figure.Track}
	signal := figure.Series{Name: "|grad L|^2", Kind: figure.Track}
	for _, w := range r.Windows {
		middle := (float64(w.First) + float64(w.Last)) / 2
		scale.Add(middle, w.NoiseScale, w.CI.NoiseScale)
		trace.Add(middle, w.Trace, w.CI.Trace)
		signal.Add(middle, w.GradientNormSq, w.CI.GradientNormSq)
	}
	windows := fmt.Sprintf("A point for each of %s of steps %d to %d, with its 95%% interval.", document.Plural(len(r.Windows), "window"), r.First, r.Last)
	return []figure.Figure{
		{
			Name: "noise-scale", Title: "Noise scale along training", XLabel: "step", YLabel: "noise scale (samples)", LogY: true,
			Empty: "|grad L|^2 is not positive in any window", Series: []figure.Series{scale}, Finding: noiseScaleFinding(r),
			Caption: windows + " A bar that runs to the edge has no upper end, since |grad L|^2 is not told from 0.",
		},
		{
			Name: "noise-and-signal", Title: "Noise and signal along training", XLabel: "step", YLabel: "tr Sigma, |grad L|^2", LogY: true,
			Empty: "neither is positive in any window", Series: []figure.Series{trace, signal},
			Finding: fmt.Sprintf("tr Sigma = %s, |grad L|^2 = %s", document.Measured(r.Trace, r.CI.Trace), document.Measured(r.GradientNormSq, r.CI.GradientNormSq)),
			Caption: windows + " The noise scale is the ratio of the two.",
		},
	}
}
