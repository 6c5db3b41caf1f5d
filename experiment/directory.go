package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Directory is a run directory:
//
//	run.json                    settings, versions, data checksums; written first, and locked by the process that carries the run out
//	metrics.csv                 a row per checkpoint and epoch
//	losses.csv                  the loss of the minibatch of every step, to look at; earlier versions have none
//	events/                     TensorBoard's files, where Config.TensorBoard asks for them: one of each process, and one of the findings
//	norms.csv                   a row per step, where Config.Norms asks for it; the saved state has its checksum
//	resume/state.safetensors    training state, every minute and at checkpoints
//	checkpoints/000100/         weights, running statistics, gradients, draws, second moments of the curvature, and the optimizer's moments after
//	                            100 updates; earlier versions have neither curvature nor moments, and null in the report
//	report.json  report.html  figures/
type Directory string

func (d Directory) path(parts ...string) string {
	return filepath.Join(append([]string{string(d)}, parts...)...)
}
func (d Directory) RecordPath() string  { return d.path(recordName) }
func (d Directory) MetricsPath() string { return d.path(metricsName) }
func (d Directory) NormsPath() string   { return d.path(normsName) }
func (d Directory) EventsPath() string  { return d.path("events") }
func (d Directory) LossesPath() string  { return d.path("losses.csv") }
func (d Directory) statePath() string   { return d.path("resume", "state.safetensors") }
func (d Directory) ReportPath() string  { return d.path("report.json") }
func (d Directory) HTMLPath() string    { return d.path("report.html") }
func (d Directory) FiguresPath() string { return d.path("figures") }

// Names that reports list as well, with slashes.
const (
	recordName      = "run.json"
	metricsName     = "metrics.csv"
	checkpointsName = "checkpoints/"
)

// normsName is that of the file that Config.Norms asks for.
const normsName = "norms.csv"

// checkpointName is the name of a file of the checkpoint after step updates.
func checkpointName(step int, name string) string {
	return fmt.Sprintf("%s%06d/%s", checkpointsName, step, name)
}

// checkpoint is the path of the same file.
func (d Directory) checkpoint(step int, name string) string {
	return d.path(filepath.FromSlash(checkpointName(step, name)))
}

// Files of a checkpoint.
const (
	weightsFile   = "weights.safetensors"
	runningFile   = "running.safetensors" // of networks with batch normalisation
	gradientsFile = "gradients.safetensors"
	optimizerFile = "optimizer.safetensors" // of adam and adamw, after the first update
	drawsFile     = "draws.safetensors"
	curvatureFile = "curvature.safetensors" // what is small of it; its columns would take as much as the gradients
)

// Checkpoints are the steps of the recorded checkpoints, ascending, also of one that is not complete.
func (d Directory) Checkpoints() ([]int, error) {
	entries, err := os.ReadDir(d.path(checkpointsName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var steps []int
	for _, e := range entries {
		if step, err := strconv.Atoi(e.Name()); err == nil {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	return steps, err
}
