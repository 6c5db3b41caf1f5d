package noisescale

import (
	"os"
	"testing"
)

// TestPyTorchLog: windows of a log from PyTorch hold what per-sample gradients of the whole training set say where they begin, as printed by
// testdata/pytorch/log_norms.py at steps 100, 200 and 300. The log is one, and does not change: if intervals
// were independent, and gradients stood still in a window, 63% of such logs (0.95^9) would hold all nine values.
func TestPyTorchLog(t *testing.T) {
	f, err := os.Open("../../testdata/pytorch/norms.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := Read(f, "norms.csv", nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.Analyse(8)
	if err != nil {
		t.Fatal(err)
	}
	for window, want := range map[int]struct{ scale, trace, signal float64 }{2: {126.9, 84.55, 0.6666}, 4: {334.5, 106.6, 0.3187}, 6: {720.5, 127.1, 0.1765}} {
		w := r.Windows[window]
		if !w.CI.NoiseScale.Contains(want.scale) || !w.CI.Trace.Contains(want.trace) || !w.CI.GradientNormSq.Contains(want.signal) {
			t.Errorf("steps %d to %d: %+v, want %+v", w.First, w.Last, w.Estimate, want)
		}
	}
}
