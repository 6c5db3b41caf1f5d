package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/noise"
)

func pageTitle(run Run) string {
	if run.Model == "" {
		return "Gradient noise"
	}
	return fmt.Sprintf("%s, alpha = %s, B = %s", run.Model, document.Plain(run.Alpha), document.Whole(run.Batch))
}

func subtitle(r *Report) string {
	run := r.Run
	if r.Analysis != nil {
		return headLines(r)[0]
	}
	how := "Noise-enhanced training"
	if run.sibling() {
		how = "Training by " + run.Noise
	}
	return fmt.Sprintf("%s on %s with %s, %s parameters, seed %d", how, run.Data.Name, run.Optimizer,
		document.Whole(run.Parameters), run.Seed)
}

// cards has the headline numbers; the ones that were not measured say so.
func cards(r *Report) []document.Card {
	var all []document.Card
	if (r.Analysis == nil || finite(r.Run.Alpha)) && r.Run.method() != noise.PNM { // whose gradient is that of one minibatch
		all = append(all, factorCard(r), batchCard(r))
	}
	if c, u := lastWithRow(r, optimizer.Stationary); c != nil {
		all = append(all, updateCard(r, c, u))
	}
	all = append(append(all, noiseCards(r)...), gammaCard(r))
	if r.Run.Model != "" {
		all = append(all, document.Card{Label: "Test accuracy", Value: document.Percent(r.Training.TestAccuracy), Note: fmt.Sprintf("after %s steps, train loss %s", document.Whole(r.Training.Steps), document.Number(r.Training.TrainLoss))})
	}
	return all
}

func factorCard(r *Report) document.Card {
	c := document.Card{Label: "Noise covariance multiplied by f", Value: document.Undefined,
		Note: "predicted " + document.Significant(noise.Factor(r.Run.Alpha)) + ", not measured"}
	if at := lastWith(r, func(c Checkpoint) bool { return leadingFactor(c) != nil }); at != nil {
		row := leadingFactor(*at)
		c.Value, c.Note = document.Number(row.Measured), evidenceNote(row.CI, row.Predicted)
	} else if r.Run.Alpha == 1 {
		c.Value, c.Note = "1", "plain SGD, by definition"
	}
	return c
}

// updateCard is f of the optimizer's update, where its moments have settled, beside that of the gradient.
func updateCard(r *Report, c *Checkpoint, u *optimizer.Update) document.Card {
	note := "f_u, with settled moments" + exactWords(u)
	if !withMoments(*c) {
		note = "f, as that of the gradient, by theory"
	}
	note = withInterval(u.CI, note)
	if _, next := lastWithRow(r, optimizer.Direct); next != nil {
		note += "; " + document.Measured(next.Ratio, next.CI) + " as they are"
	}
	return document.Card{Label: "Noise of " + optimizerWord(c.Optimizer.Name) + "'s update multiplied by", Value: document.Number(u.Ratio), Note: note}
}

func batchCard(r *Report) document.Card {
	c := document.Card{Label: "B_eff of the gradient noise", Value: document.Undefined, Note: "not measured"}
	if at := lastWith(r, func(c Checkpoint) bool { return leadingBatch(c) != nil }); at != nil {
		row := leadingBatch(*at)
		c.Value, c.Note = document.Number(row.Measured), evidenceNote(row.CI, row.Predicted)
	}
	return c
}

func evidenceNote(ci estimate.Interval, predicted estimate.Number) string {
	return withInterval(ci, fmt.Sprintf("predicted %s; over real minibatches", document.Number(predicted)))
}

// withInterval puts an interval before a note, where there is one.
func withInterval(ci estimate.Interval, note string) string {
	if !ci.Defined() {
		return note
	}
	return document.Interval(ci) + "; " + note
}

func noiseCards(r *Report) []document.Card {
	scale := document.Card{Label: "Noise scale", Value: document.Undefined, Note: "not known: no covariance was recorded"}
	directions := document.Card{Label: "Directions of the noise", Value: document.Undefined, Note: "not known"}
	at := lastWith(r, withSize)
	if at == nil {
		return []document.Card{scale, directions}
	}
	scale.Value, scale.Note = noiseScaleWords(at.NoiseSize), "samples"
	if at.NoiseSize.Exact() {
		scale.Note = "samples, from the gradients of all training samples"
	}
	if at.NoiseSize.Undefined != "" {
		scale.Note = "undefined: " + at.NoiseSize.Undefined
	}
	if v := at.Covariance; v != nil && v.EffectiveRankParticipationUnbiased.Defined() {
		directions.Value = document.Number(v.EffectiveRankParticipationUnbiased)
		directions.Note = withInterval(v.Interval(covariance.KeyParticipationUnbiased), "participation ratio")
		if at.Parameters > 0 {
			directions.Note += fmt.Sprintf(", of %s parameters", document.Whole(int(at.Parameters)))
		}
	}
	return []document.Card{scale, directions}
}

// gammaCard is how far from Gaussian single gradients are.
func gammaCard(r *Report) document.Card {
	c := document.Card{Label: "Gaussian? gamma of single gradients", Value: document.Undefined, Note: "not measured"}
	at := lastWith(r, func(c Checkpoint) bool { return c.Shape != nil && c.Shape.Conclusion != nil })
	if at == nil {
		return c
	}
	k := at.Shape.Conclusion
	c.Value, c.Note = document.Number(k.Gamma), withInterval(k.CI, "0 for a Gaussian")
	if !k.CI.Defined() {
		c.Note = "no interval: " + orUndefined(k.Reason)
	}
	return c
}

// meaning says what B_eff does and does not claim about this run.
func meaning(run Run) []document.Term {
	f := noise.Factor(run.Alpha)
	if !finite(f) || run.Batch <= 0 || run.sibling() {
		return nil
	}
	same := fmt.Sprintf("The gradient of NE with alpha = %s at B = %s has the mean of the plain gradient and the noise covariance of a "+
		"plain minibatch of about B / f = %s samples (Eqs. 10 and 11 of the paper).", document.Plain(run.Alpha), document.Whole(run.Batch), document.Significant(float64(run.Batch)/f))
	return []document.Term{{Name: "What B_eff means", Text: same}, {Name: "What B_eff does not mean", Text: strings.Join(limits(run), " ")}}
}

func limits(run Run) []string {
	texts := adamWords(run)
	texts = append(texts, "Only the covariance is matched: at the same covariance, skewness, kurtosis and tails of the noise differ.")
	if run.Alpha != 1 {
		texts = append(texts, "Nor is it cheaper: a step reads 2B samples.")
	}
	return texts
}

// settings lists what it takes to run or analyse it again.
func settings(r *Report) *document.Table {
	run := r.Run
	if r.Analysis != nil {
		return &document.Table{Rows: [][]string{
			{"gradients from", strings.Join(r.Analysis.Source, ", ")}, {"alpha", document.Number(r.Analysis.Alpha)}, {"batch B", document.Whole(run.Batch)},
			{"pairing of B and B'", run.Pairing}, {"seed", strconv.FormatUint(run.Seed, 10)}, {"noiseprobe", run.Version},
		}}
	}
	return &document.Table{Rows: [][]string{
		{"model", run.Model}, {"specification", run.Spec}, {"parameters", document.Whole(run.Parameters)},
		{"alpha", document.Plain(run.Alpha)}, {"batch B", document.Whole(run.Batch)}, {"pairing of B and B'", run.Pairing},
		{"optimizer", run.OptimizerName()}, {"learning rate", document.Plain(run.LearningRate)}, {"Adam eps", document.Plain(run.AdamEps)},
		{"seed", strconv.FormatUint(run.Seed, 10)}, {"data", run.Data.Name}, {"data from", run.Data.Source},
		{"training samples", document.Whole(run.Data.Train)}, {"test samples", document.Whole(run.Data.Test)},
		{"matrix products", run.BLAS}, {"workers", document.Whole(run.Workers)}, {"noiseprobe", run.Version}, {"Go", run.Go},
	}}
}

var glossary = []document.Term{
	{Name: "NE, noise enhancement", Text: "A step along alpha times the gradient of minibatch B plus (1 - alpha) times that of B'; alpha = 1 is plain SGD."},
	{Name: "f", Text: "alpha^2 + (1 - alpha)^2, by which NE multiplies the covariance of the noise of one minibatch."},
	{Name: "B_eff", Text: "The size of the plain minibatch with the same noise covariance: B / f."},
	{Name: "Sigma, tr Sigma", Text: "Covariance of the gradient of one unit (a sample, or a ghost batch) over the training set, and its trace: the " +
		"mean squared distance from the mean gradient."},
	{Name: "Noise scale", Text: "tr Sigma / |mean gradient|^2: the batch size at which noise and signal of a minibatch gradient are equally large."},
	{Name: "Participation ratio", Text: "(tr Sigma)^2 / tr Sigma^2: the number of directions, if all carried the same noise. Unbiased: trace and tr Sigma^2 are " +
		"estimated without the bias that n < parameters brings."},
	{Name: "F, curvature", Text: "The Gauss-Newton matrix of the loss, which for cross-entropy is the Fisher matrix of the model's own labels: the Hessian without the " +
		"part that the second derivatives of the network make."},
	{Name: "Direct", Text: "Minibatches of the whole training set through real backward passes: this evidence can contradict the theory."},
	{Name: "Resampled", Text: "Draws with replacement from the recorded units: f is a theorem there; what it shows is the shape of the noise."},
	{Name: "rho", Text: "Correlation of the noises of B and B': 0 if they are drawn independently, -B/(N-B) if disjoint."},
	{Name: "Excess kurtosis", Text: "Fourth moment over the squared variance, minus 3: 0 for a Gaussian, positive for heavier tails."},
	{Name: "Tail index", Text: "1/gamma, where P(X > x) falls like x to the power -1/gamma. Even Gaussian samples give a finite number, so it is read against " +
		"that of Gaussian samples of the same size and scale."},
	{Name: "gamma", Text: "How much more the squared length of one gradient, less the mean gradient, varies relative to its mean than that of a Gaussian of the same " +
		"covariance: 0 for a Gaussian."},
	{Name: "Excess", Text: "The same of the noise of a minibatch, relative to a Gaussian's: the variance of its squared length over that of a Gaussian of the same covariance, less 1."},
	{Name: "Effective number of samples", Text: "(sum d)^2 / sum d^2 of the squared lengths d: the number of equally long gradients that vary as little. Below 30 there are no intervals and " +
		"no verdicts from the recorded gradients."},
	{Name: "Scale exponent", Text: "s in (|alpha|^s + |1-alpha|^s)^(1/s), by which the scale of the noise follows alpha: 2 for Gaussian noise, less for infinite " +
		"variance or, while B is small, heavy tails."},
	{Name: "[lo, hi]", Text: "95% interval. An end of ∞ is unbounded; a dash is undefined."},
}
