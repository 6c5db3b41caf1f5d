package noisescale

import (
	"os"
	"testing"
)

// TestPyTorchLog: windows of a log from PyTorch hold what per-sample gradients of the whole training set say where they begin, as printed by
// testdata/pytorch/log_norms.py at steps 100, 200 and 300. 14% of such logs leave out one of the three.
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
	for window, want := range map[int]struct{ scale, trace, signal float64 }{2: {146.9, 9.063, 0.06168}, 4: {239.5, 12.68, 0.05293}, 6: {590.3, 16.16, 0.02737}} {
		w := r.Windows[window]
		if !w.CI.NoiseScale.Contains(want.scale) || !w.CI.Trace.Contains(want.trace) || !w.CI.GradientNormSq.Contains(want.signal) {
			t.Errorf("steps %d to %d: %+v, want %+v", w.First, w.Last, w.Estimate, want)
		}
	}
}
