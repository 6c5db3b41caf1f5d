package experiment

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

// budgetFor is that of a run with much memory.
func budgetFor(t *testing.T, kind, spec string, sample []int, classes, units int) curvatureBudget {
	t.Helper()
	parsed, err := train.ParseSpec(spec)
	if err != nil {
		t.Fatal(err)
	}
	parsed.Ghost = 100
	m, err := train.NewModel(parsed, sample, classes, 1)
	if err != nil {
		t.Fatal(err)
	}
	s := unitSet{kind: probe.UnitSample, size: 1, samples: make([]int, units)}
	if parsed.Convolutional() {
		s = unitSet{kind: probe.UnitGhostBatch, size: 100, samples: make([]int, 100*units)}
	}
	return curvatureBudget{kind: kind, units: s, model: m, room: 4 << 30}
}

// TestCurvaturePlans: as many units as the training affords, at least those that cost little, and none without memory. 600 steps of 1000 samples, six checkpoints and 10%
// are 10,000 plain passes a checkpoint. What is asked for by name may take longer.
func TestCurvaturePlans(t *testing.T) {
	const training, room = 600e3, 4 << 30
	dense, images := []int{784}, []int{3, 8, 8}
	for _, c := range []struct {
		kind, spec     string
		sample         []int
		classes, units int
		samples        float64
		room           float64
		want           curvaturePlan
	}{
		{CurvatureAuto, "f1", dense, 10, 512, training, room, curvaturePlan{exact: true, units: 128, each: 10}},
		{CurvatureAuto, "f1", dense, 10, 64, training, room, curvaturePlan{exact: true, units: 64, each: 10}},
		{CurvatureAuto, "f1", dense, 10, 512, 1, room, curvaturePlan{exact: true, units: 64, each: 10}},
		{CurvatureAuto, "[16]", dense, 100, 512, training, room, curvaturePlan{units: 80, each: drawnLabels}},
		{CurvatureExact, "[16]", dense, 80, 512, 1, room, curvaturePlan{exact: true, units: 32, each: 80}},
		{CurvatureSampled, "f1", dense, 10, 512, training, room, curvaturePlan{units: 320, each: drawnLabels}},
		{CurvatureHessian, "f1", dense, 10, 64, training, room, curvaturePlan{exact: true, units: 64, each: 10, hessian: true}},
		{CurvatureAuto, "f1", dense, 10, 512, training, 1e5, curvaturePlan{}},
		{CurvatureOff, "f1", dense, 10, 512, training, room, curvaturePlan{}},
		// 100 ghost batches a checkpoint of 64.
		{CurvatureAuto, "[8,3,3,1]", images, 10, 64, training, room, curvaturePlan{units: 64, each: 1}},
		{CurvatureAuto, "[8,3,3,1]", images, 10, 32, training, room, curvaturePlan{units: 32, each: 2}},
		{CurvatureAuto, "[8,3,3,1]", images, 10, 64, 1, room, curvaturePlan{units: 16, each: 1}},
	} {
		b := budgetFor(t, c.kind, c.spec, c.sample, c.classes, c.units)
		b.room = c.room
		b.affords = trainingAffords(c.samples, 6, b)
		if got, err := b.plan(); err != nil || got != c.want {
			t.Errorf("%s of %s, %d units: %+v, %v, want %+v", c.kind, c.spec, c.units, got, err, c.want)
		}
	}
	b := budgetFor(t, CurvatureExact, "[16]", dense, 100, 512)
	b.affords = trainingAffords(training, 6, b)
	if _, err := b.plan(); err == nil {
		t.Error("exact with 100 classes")
	}
}
