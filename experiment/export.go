package experiment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/probe"
)

// ExportSettings says what [Export] writes.
type ExportSettings struct {
	// Step is the checkpoint, -1 the last one.
	Step int
	// Layer is a layer's name, empty for all of them.
	Layer string
	// Out ends in .npy or .safetensors; empty is a .npy in the current directory, named after run, step and layer.
	Out string
	// DType is float32 or float64.
	DType string
	Force bool
}

// DefaultExportSettings returns the settings of an export without flags.
func DefaultExportSettings() ExportSettings { return ExportSettings{Step: -1, DType: "float32"} }

var exportSuffixes = []string{".npy", ".safetensors"}

func (s ExportSettings) check() error {
	if err := checkName("dtype", s.DType, []string{"float32", "float64"}); err != nil {
		return err
	}
	return checkRules([]rule{
		{s.Step >= -1, fmt.Sprintf("-step %d: must not be negative", s.Step)},
		{s.Out == "" || slices.Contains(exportSuffixes, strings.ToLower(filepath.Ext(s.Out))), fmt.Sprintf("-o %s: the name must end in .npy or .safetensors", s.Out)},
	})
}

// Export writes the gradients of a checkpoint of a run directory as they are, row after row, after a check that
// they are those that the run recorded, and returns the name of the file: a .npy [n, P] with the layers side by side, or a .safetensors with one tensor [n, P] a
// layer. Only a row at a time is in memory. A file that exists is an [*ExistsError] unless forced. A gradient that does not fit
// float32 is an error, and so is the end of ctx; neither leaves a file.
func Export(ctx context.Context, dir string, s ExportSettings, o Observer) (string, error) {
	if err := s.check(); err != nil {
		return "", err
	}
	d := Directory(dir)
	step, recorded, err := d.recordedStep(s.Step)
	if err != nil {
		return "", err
	}
	if s.Out == "" {
		s.Out = exportName(dir, step, s.Layer)
	}
	if err := checkWritable(s.Out, s.Force); err != nil {
		return "", err
	}
	release, err := LockAround(o, s.Out)
	if err != nil {
		return "", err
	}
	defer release()
	if err := recorded.only(checkpointName(step, gradientsFile)).check(d); err != nil {
		return "", err
	}
	path := d.checkpoint(step, gradientsFile)
	files, err := probe.Open([]string{path}, math.Inf(1))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s: is missing: the checkpoint has no gradients", path)
	}
	if err != nil {
		return "", err
	}
	defer files.Close()
	if err := selectLayer(&files.Gradients, s.Layer, path); err != nil {
		return "", err
	}
	progress := func(done, total int) error {
		o.progress("exporting rows:", done, total)
		return context.Cause(ctx)
	}
	err = s.writer()(s.Out, &files.Gradients, progress)
	if !s.Force && errors.Is(err, fs.ErrExist) {
		err = &ExistsError{Dir: s.Out} // another process was faster
	}
	return s.Out, err
}

func (s ExportSettings) writer() func(path string, g *probe.Gradients, progress func(done, total int) error) error {
	switch single := s.DType == "float32"; {
	case single && s.Force:
		return probe.WriteRows[float32]
	case single:
		return probe.WriteNewRows[float32]
	case s.Force:
		return probe.WriteRows[float64]
	}
	return probe.WriteNewRows[float64]
}

// recordedStep is the checkpoint after so many steps, or the last one for -1, and the files of all checkpoints.
func (d Directory) recordedStep(step int) (int, recorded, error) {
	r, err := d.records()
	if err != nil {
		return 0, nil, err
	}
	rep, _ := report.Read(d.ReportPath())
	files, err := r.files(d, rep, math.MaxInt)
	if err != nil {
		return 0, nil, err
	}
	steps := files.steps()
	switch {
	case len(steps) == 0:
		return 0, nil, fmt.Errorf("%s: has no checkpoints", string(d))
	case step < 0:
		step = steps[len(steps)-1]
	case !slices.Contains(steps, step):
		return 0, nil, fmt.Errorf("%s: has no checkpoint at step %d but at %s", string(d), step, listSteps(steps))
	}
	return step, files, nil
}

func exportName(dir string, step int, layer string) string {
	name := fmt.Sprintf("%s-step%06d", filepath.Base(filepath.Clean(dir)), step)
	if layer != "" {
		name += "-" + layer
	}
	return name + ".npy"
}

// selectLayer drops all layers but the named one.
func selectLayer(g *probe.Gradients, name, path string) error {
	if name == "" {
		return nil
	}
	var names []string
	for _, l := range g.Layers {
		if l.Name() == name {
			g.Layers = []probe.Layer{l}
			return nil
		}
		names = append(names, l.Name())
	}
	return fmt.Errorf("%s: has no layer %q but %s", path, name, strings.Join(names, ", "))
}
