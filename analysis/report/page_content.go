package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
)

// Card is one headline number.
type Card struct{ Label, Value, Note string }

// Term is a word or claim with its explanation.
type Term struct{ Name, Text string }

func pageTitle(run Run) string {
	if run.Model == "" {
		return "Gradient noise"
	}
	return fmt.Sprintf("%s, alpha = %s, B = %s", run.Model, plain(run.Alpha), whole(run.Batch))
}

func subtitle(run Run) string {
	if run.Model == "" {
		return "Gradients from files"
	}
	return fmt.Sprintf("Noise-enhanced training on %s with %s, %s parameters, seed %d", run.Data.Name, run.Optimizer,
		whole(run.Parameters), run.Seed)
}

// cards has the headline numbers; the ones that were not measured say so.
func cards(r *Report) []Card {
	all := append([]Card{factorCard(r), batchCard(r)}, noiseCards(r)...)
	all = append(all, kurtosisCard(r))
	if r.Run.Model != "" {
		all = append(all, Card{"Test accuracy", percent(r.Training.TestAccuracy),
			fmt.Sprintf("after %s steps, train loss %s", whole(r.Training.Steps), number(r.Training.TrainLoss))})
	}
	return all
}

func factorCard(r *Report) Card {
	c := Card{"Noise covariance multiplied by f", undefined, "predicted " + significant(noise.Factor(r.Run.Alpha)) + ", not measured"}
	at := lastWith(r, func(c Checkpoint) bool { return bestFactor(r.Run.Alpha, c).Defined() })
	if at == nil {
		return c
	}
	row := factorRow(r.Run.Alpha, enhancement.Direct, *at)
	if row == nil || !row.Measured.Defined() {
		row = factorRow(r.Run.Alpha, enhancement.Resampled, *at)
	}
	return Card{c.Label, number(row.Measured), evidenceNote(row.CI, row.Predicted, row.Evidence)}
}

func batchCard(r *Report) Card {
	c := Card{"B_eff of the gradient noise", undefined, "not measured"}
	at := lastWith(r, func(c Checkpoint) bool { return batchRow(r.Run.Alpha, c) != nil })
	if at == nil {
		return c
	}
	row := batchRow(r.Run.Alpha, *at)
	return Card{c.Label, number(row.Measured), evidenceNote(row.CI, row.Predicted, row.Evidence)}
}

// batchRow is the row that could fail: direct noise against the recorded units; else any other.
func batchRow(alpha float64, c Checkpoint) *enhancement.EffectiveBatch {
	var found *enhancement.EffectiveBatch
	for i, row := range c.EffectiveBatch {
		if row.Alpha != alpha || !row.Measured.Defined() {
			continue
		}
		if row.Evidence == enhancement.Direct && row.Against == "recorded-units" {
			return &c.EffectiveBatch[i]
		}
		if found == nil {
			found = &c.EffectiveBatch[i]
		}
	}
	return found
}

func evidenceNote(ci estimate.Interval, predicted estimate.Number, evidence string) string {
	note := fmt.Sprintf("predicted %s; %s", number(predicted), evidence)
	if ci.Defined() {
		note = interval(ci) + "; " + note
	}
	return note
}

func noiseCards(r *Report) []Card {
	scale := Card{"Noise scale", undefined, "undefined: the gradient cannot be told from 0"}
	directions := Card{"Directions of the noise", undefined, "not known"}
	at := lastWith(r, func(c Checkpoint) bool { return c.Covariance != nil })
	if at == nil {
		scale.Note = "not known: no covariance was recorded"
		return []Card{scale, directions}
	}
	v := at.Covariance
	if v.NoiseScale.Defined() {
		scale.Value, scale.Note = number(v.NoiseScale), strings.TrimSpace(interval(ciOf(v.CI, "noise_scale"))+" samples")
	}
	if rank := v.EffectiveRankParticipationUnbiased; rank.Defined() {
		directions.Value = number(rank)
		directions.Note = fmt.Sprintf("participation ratio, of %s parameters", whole(at.Parameters))
	}
	return []Card{scale, directions}
}

// kurtosisCard compares NE with the small batch of the same covariance along the first direction.
func kurtosisCard(r *Report) Card {
	c := Card{"Excess kurtosis with NE", undefined, "not measured"}
	_, directions := lastDirections(r)
	if len(directions) == 0 || directions[0].arms[0] == nil {
		return c
	}
	d := directions[0]
	c.Value, c.Note = number(d.arms[0].ExcessKurtosisG2), "along "+d.name
	if small := d.arms[2]; small != nil {
		c.Note = fmt.Sprintf("SGD at B_eff: %s (along %s)", number(small.ExcessKurtosisG2), d.name)
	}
	return c
}

// meaning says what B_eff does and does not claim about this run.
func meaning(run Run) []Term {
	f := noise.Factor(run.Alpha)
	if !finite(f) || run.Batch <= 0 {
		return nil
	}
	same := fmt.Sprintf("The gradient of NE with alpha = %s at B = %s has the mean of the plain gradient and the noise covariance of a "+
		"plain minibatch of about B / f = %s samples (Eqs. 10 and 11 of the paper).", plain(run.Alpha), whole(run.Batch), significant(float64(run.Batch)/f))
	terms := []Term{{"What B_eff means", same}}
	return append(terms, Term{"What B_eff does not mean", strings.Join(limits(run), " ")})
}

func limits(run Run) []string {
	texts := adamWords(run.Optimizer)
	texts = append(texts, "Only the covariance is matched: at the same covariance, skewness, kurtosis and tails of the noise differ.")
	if run.Alpha != 1 {
		texts = append(texts, "Nor is it cheaper: a step reads 2B samples.")
	}
	return texts
}

// settings lists what it takes to run it again; nil for gradients that come from no run.
func settings(run Run) *Table {
	if run.Model == "" {
		return nil
	}
	return &Table{Rows: [][]string{
		{"model", run.Model}, {"specification", run.Spec}, {"parameters", whole(run.Parameters)},
		{"alpha", plain(run.Alpha)}, {"batch B", whole(run.Batch)}, {"pairing of B and B'", run.Pairing},
		{"optimizer", run.Optimizer}, {"learning rate", plain(run.LearningRate)}, {"Adam eps", plain(run.AdamEps)},
		{"seed", strconv.FormatUint(run.Seed, 10)}, {"data", run.Data.Name}, {"data from", run.Data.Source},
		{"training samples", whole(run.Data.Train)}, {"test samples", whole(run.Data.Test)},
		{"matrix products", run.BLAS}, {"workers", whole(run.Workers)}, {"noiseprobe", run.Version}, {"Go", run.Go},
	}}
}

var glossary = []Term{
	{"NE, noise enhancement", "A step along alpha times the gradient of minibatch B plus (1 - alpha) times that of B'; alpha = 1 is plain SGD."},
	{"f", "alpha^2 + (1 - alpha)^2, by which NE multiplies the covariance of the noise of one minibatch."},
	{"B_eff", "The size of the plain minibatch with the same noise covariance: B / f."},
	{"Sigma, tr Sigma", "Covariance of the gradient of one unit (a sample, or a ghost batch) over the training set, and its trace: the " +
		"mean squared distance from the mean gradient."},
	{"Noise scale", "tr Sigma / |mean gradient|^2: the batch size at which noise and signal of a minibatch gradient are equally large."},
	{"Participation ratio", "(tr Sigma)^2 / tr Sigma^2: the number of directions, if all carried the same noise. Unbiased: trace and tr Sigma^2 are " +
		"estimated without the bias that n < parameters brings."},
	{"Direct", "Minibatches of the whole training set through real backward passes: this evidence can contradict the theory."},
	{"Resampled", "Draws with replacement from the recorded units: f is a theorem there; what it shows is the shape of the noise."},
	{"rho", "Correlation of the noises of B and B': 0 if they are drawn independently, -B/(N-B) if disjoint."},
	{"Excess kurtosis", "Fourth moment over the squared variance, minus 3: 0 for a Gaussian, positive for heavier tails."},
	{"Tail index", "1/gamma, where P(X > x) falls like x to the power -1/gamma. Even Gaussian samples give a finite number, so it is read against " +
		"that of Gaussian samples of the same size and scale."},
	{"Fourth cumulant ratio", "That of NE over that of SGD at B_eff, which has the same covariance: between -1 and 1, NE is nearer to Gaussian. Along one " +
		"direction, by k-statistics."},
	{"Scale exponent", "s in (|alpha|^s + |1-alpha|^s)^(1/s), by which the scale of the noise follows alpha: 2 for Gaussian noise, less for infinite " +
		"variance or, while B is small, heavy tails."},
	{"[lo, hi]", "95% interval. An end of ∞ is unbounded; a dash is undefined."},
}
