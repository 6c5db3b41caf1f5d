package compare

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
)

// TestDirectTraceIsThatOfTheDraws: for every pairing, and independently of the units, a noise of v that is written into a report by Eq. 4 is read
// back as v over the factor of the pairing.
func TestDirectTraceIsThatOfTheDraws(t *testing.T) {
	const n, batch = 10000, 300
	for _, pairing := range []noise.Pairing{noise.Independent, noise.Disjoint, noise.Replacement} {
		for _, alpha := range []float64{1, 0.5, 1.5, 2} {
			const v, units = 0.37, 12.5
			r := &Run{Report: &report.Report{Run: report.Run{Alpha: alpha, Batch: batch, Pairing: string(pairing), Data: report.Data{Train: n}}}}
			c := checkpoint(alpha, batch, 5, units, 1)
			c.EffectiveBatch = []enhancement.EffectiveBatch{
				{Evidence: enhancement.Resampled, Alpha: alpha, Batch: batch, Measured: 1, Predicted: 2},
				{Evidence: Direct, Against: "recorded-units", Alpha: alpha, Batch: batch, CI: estimate.None(),
					Measured:  estimate.Number(noise.EffectiveBatchOf(pairing, n, v, units)),
					Predicted: estimate.Number(noise.EffectiveBatch(pairing, n, batch, alpha))},
			}
			r.Report.Checkpoints = []report.Checkpoint{c}
			// With the divisor N - 1 the covariance is N / (N - 1) times that of Eq. 4.
			want := v / noise.CovarianceFactor(pairing, n, batch, alpha) * n / (n - 1)
			near(t, string(pairing), directTrace(r), want, numtest.Tol{Rel: 1e-10})
			if directInterval(r).Defined() {
				t.Error("an interval from none")
			}
		}
	}
}

// TestDirectInterval: from an interval that Welch's formula makes of two errors, the error of the draws is recovered.
func TestDirectInterval(t *testing.T) {
	c := checkpoint(1.5, 300, 5, 10, 3)
	for _, draws := range []int{16, 64} {
		for _, se := range []float64{0.02, 0.1, 0.4} {
			const unitsSE = 0.15
			n, m := float64(c.Units-1), float64(draws-1)
			df := math.Pow(se*se+unitsSE*unitsSE, 2) / (math.Pow(se, 4)/m + math.Pow(unitsSE, 4)/n)
			half := estimate.Student(df) * math.Hypot(se, unitsSE)
			got, gotDF := withoutUnits(half, estimate.Student(n)*unitsSE, c.Units, draws)
			near(t, "se", got, se, numtest.Tol{Rel: 1e-7})
			if gotDF != m {
				t.Errorf("df %g", gotDF)
			}
		}
	}
	if se, _ := withoutUnits(0.01, 0.5, c.Units, 64); !math.IsNaN(se) {
		t.Errorf("an interval narrower than that of the units gave %g", se)
	}
	if se, _ := withoutUnits(0.5, 0.1, c.Units, 2); !math.IsNaN(se) {
		t.Errorf("two draws gave %g", se)
	}
	r := few().runs(1)[0]
	if v, ci := directTrace(r), directInterval(r); !ci.Contains(v) || ci.Hi/ci.Lo >= 1.5*1.5 {
		t.Errorf("%g in %v, that of both errors is wider", v, ci)
	}
}

// TestDirectTraceOfAllSamples: an effective batch against tr Sigma of all samples, here 20, gives the trace of the draws whatever the units say, and
// its interval is that of the draws.
func TestDirectTraceOfAllSamples(t *testing.T) {
	const n, batch, alpha, v, exact = 10000, 300, 1.5, 0.37, 20.0
	size := func(v float64) float64 { return noise.EffectiveBatchOf(noise.Independent, n, v, exact) }
	r := &Run{Report: &report.Report{Run: report.Run{Alpha: alpha, Batch: batch, Pairing: "independent", Data: report.Data{Train: n}}}}
	c := checkpoint(alpha, batch, 5, 12.5, 1)
	c.PopulationNorms = &shape.PopulationNorms{Population: covariance.Population{TraceUnbiased: exact}}
	c.EffectiveBatch = []enhancement.EffectiveBatch{{
		Evidence: Direct, Against: enhancement.RecordedUnits, ExactTrace: true, Alpha: alpha, Batch: batch, Measured: estimate.Number(size(v)),
		Predicted: estimate.Number(noise.EffectiveBatch(noise.Independent, n, batch, alpha)), CI: estimate.Interval{Lo: size(1.1 * v), Hi: size(v / 1.1)},
	}}
	r.Report.Checkpoints = []report.Checkpoint{c}
	want, tolerance := v/noise.CovarianceFactor(noise.Independent, n, batch, alpha)*n/(n-1), numtest.Tol{Rel: 1e-10}
	near(t, "tr Sigma", directTrace(r), want, tolerance)
	ci := directInterval(r)
	near(t, "lower end", ci.Lo, want/1.1, tolerance)
	near(t, "upper end", ci.Hi, want*1.1, tolerance)
	r.last().PopulationNorms = nil
	if v := directTrace(r); !math.IsNaN(v) || directInterval(r).Defined() {
		t.Errorf("%g of norms that the report does not have", v)
	}
}

func TestDirectTraceWithoutDraws(t *testing.T) {
	r := few().runs(1)[0]
	r.last().EffectiveBatch = nil
	if v := directTrace(r); !math.IsNaN(v) || directInterval(r).Defined() {
		t.Errorf("%g without draws", v)
	}
	r.Report.Checkpoints = nil
	if v := directTrace(r); !math.IsNaN(v) {
		t.Errorf("%g without checkpoints", v)
	}
}
