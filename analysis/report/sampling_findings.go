package report

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/document"
)

// rankWords say how far the entropy rank is from what it tends to with more units.
func rankWords(c Checkpoint) string {
	if x := c.Covariance.Extrapolated["effective_rank_entropy"]; x != nil {
		return "biased down; " + document.Measured(x.Value, x.CI) + " for n to infinity"
	}
	return fmt.Sprintf("biased down, at most n - 1 = %s: it follows n", document.Whole(c.Units-1))
}

// outstandingWords count the eigenvalues that are more than the scales of parameters and units; none where that is not known.
func outstandingWords(v *covariance.Covariance) []string {
	if v.Outstanding == nil {
		return nil
	}
	words := document.Whole(*v.Outstanding) + " eigenvalues stand out from independent parameters of the same variances"
	if v.OutstandingUnitScales != nil {
		words += ", " + document.Whole(*v.OutstandingUnitScales) + " also if units may differ in length"
	}
	return []string{words + "."}
}

// overlapWords compare the last two checkpoints, where that was done.
func overlapWords(o *covariance.Overlap) []string {
	if o == nil {
		return nil
	}
	words := fmt.Sprintf("Since step %s: cosine of the mean gradients %s (%s without the noise in both)", document.Whole(o.PreviousStep),
		document.Number(o.MeanCosine), document.Number(o.MeanCosineUnbiased))
	if n := len(o.Subspaces); n > 0 {
		s := o.Subspaces[n-1]
		words += fmt.Sprintf("; the %s leading directions overlap by %s from different units, where sampling alone leaves %s",
			document.Whole(s.K), document.Number(s.Halves), document.Number(s.SplitHalf))
	}
	return []string{words + "."}
}
