package experiment

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// TestDiagonal: the variances of the columns 0, 2, 4 and 1, 1, 4 with divisor 3 are 8/3 and 2; a checkpoint's add up to its trace.
func TestDiagonal(t *testing.T) {
	dir := t.TempDir()
	file, out := filepath.Join(dir, "g.npy"), filepath.Join(dir, "diagonal.npy")
	if err := npy.Write(file, []int{3, 2}, []float64{0, 1, 2, 1, 4, 4}); err != nil {
		t.Fatal(err)
	}
	s := DefaultFileSettings()
	s.Diagonal = out
	if _, _, err := AnalyseFiles([]string{file}, s, Observer{}); err != nil {
		t.Fatal(err)
	}
	a, err := npy.Read[float64](out)
	if err != nil {
		t.Fatal(err)
	}
	if err := numtest.AllClose(a.Data, []float64{8.0 / 3, 2}, numtest.Tol{Rel: 1e-15}); err != nil {
		t.Error(err)
	}
	if _, _, err := AnalyseFiles([]string{file}, s, Observer{}); err == nil || !strings.Contains(err.Error(), out) {
		t.Errorf("a second time: %v", err)
	}
	s.Force = true
	if _, _, err := AnalyseFiles([]string{file}, s, Observer{}); err != nil {
		t.Errorf("by force: %v", err)
	}
	var exists *ExistsError
	if err := writeArray(out, false, []int{1}, []float64{1}); !errors.As(err, &exists) {
		t.Errorf("over a file that was made meanwhile: %v", err)
	}
	s.Force = false
	for _, bad := range []string{filepath.Join(dir, "no", "d.npy"), "d.txt"} {
		s.Diagonal = bad
		if _, _, err := AnalyseFiles([]string{file}, s, Observer{}); err == nil {
			t.Errorf("%s was written", bad)
		}
	}

	rep, run := smallOnce.finished(t)
	s.Diagonal = filepath.Join(dir, "checkpoint.npy")
	if _, _, err := AnalyseFiles([]string{run.checkpoint(24, gradientsFile)}, s, Observer{}); err != nil {
		t.Fatal(err)
	}
	if a, err = npy.Read[float64](s.Diagonal); err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for _, v := range a.Data {
		total += v
	}
	last := rep.Checkpoints[len(rep.Checkpoints)-1]
	if err := numtest.Close(total, float64(last.Covariance.Trace), numtest.Tol{Rel: 1e-6}); err != nil || len(a.Data) != int(last.Parameters) {
		t.Errorf("%d variances: %v", len(a.Data), err)
	}
}

// TestOverlapAlongTraining: every checkpoint but the first is compared with the one before, where gradients were stored.
func TestOverlapAlongTraining(t *testing.T) {
	rep, _ := smallOnce.finished(t)
	for i, k := range rep.Checkpoints {
		if i == 0 {
			if k.Overlap != nil {
				t.Error("the first checkpoint has one before")
			}
			continue
		}
		o := k.Overlap
		if o == nil || o.PreviousStep != rep.Checkpoints[i-1].Step || len(o.Subspaces) != 5 || !o.MeanCosine.Defined() {
			t.Fatalf("step %d: %+v", k.Step, o)
		}
		for _, s := range o.Subspaces {
			for _, v := range []float64{float64(s.Overlap), float64(s.Halves), float64(s.SplitHalf)} {
				if !(v >= 0 && v <= 1+1e-6) {
					t.Errorf("step %d, k = %d: %g", k.Step, s.K, v)
				}
			}
		}
	}
	c := small()
	c.Record = RecordGram
	rep, _ = mustRun(t, c)
	for _, k := range rep.Checkpoints {
		if k.Overlap != nil {
			t.Errorf("step %d: products of gradients that were not stored", k.Step)
		}
		if !k.Covariance.NullEdge.Defined() || (k.Covariance.Outstanding == nil) != (k.Covariance.Withheld != "") {
			t.Errorf("step %d: the variances of parameters were not stored", k.Step)
		}
	}
}
