package report

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/noise"
)

// sibling reports whether alpha enhances the noise in another way than by noise enhancement.
func (r Run) sibling() bool { return r.method() != noise.NE }

// siblingWords say what another method does to the noise.
func siblingWords(run Run) []string {
	f := document.Significant(noise.Factor(run.Alpha))
	if run.method() == noise.LargeNoise {
		return []string{fmt.Sprintf("Theory: the gradient g + c (g' - g'') of three minibatches with c = %s multiplies its covariance by 1 + 2 c^2 = %s, as noise enhancement does at "+
			"alpha = %s. Its third cumulant stays that of one minibatch.", document.Significant(noise.LargeNoiseWeight(run.Alpha)), f, document.Plain(run.Alpha))}
	}
	return []string{
		fmt.Sprintf("Theory: positive-negative momentum with alpha = %s leaves the noise of an update that of momentum, and shrinks its mean by sqrt f, f = %s.", document.Plain(run.Alpha), f),
		"Successive updates use a minibatch with opposite signs, so that over many steps noise and mean are those of plain SGD with a learning rate that is smaller by sqrt f.",
	}
}

// siblingBatchWords say what B_eff is by theory.
func siblingBatchWords(run Run) []string {
	effective := document.Significant(float64(run.Batch) / noise.Factor(run.Alpha))
	if run.method() == noise.PNM {
		return []string{fmt.Sprintf("By theory one update has the noise, relative to its mean, that B / f = %s samples would give it; many steps have that of B = %s.", effective, document.Whole(run.Batch))}
	}
	return []string{fmt.Sprintf("By theory %s samples, B / f; not measured.", effective)}
}

const siblingUnmeasured = "Not measured: direct draws of real minibatches are for noise enhancement alone. What is said below is of the gradients of samples, and of minibatches where it names them."
