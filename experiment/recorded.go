package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// recorded are the files of the complete checkpoints, as the saved state and the report list them: what is missing, or has come from
// elsewhere, is found. A run of an earlier version has no list.
type recorded []report.File

// checkpointsOf are the files of checkpoints among those of a report.
func checkpointsOf(rep *report.Report) recorded {
	return slices.DeleteFunc(slices.Clone(rep.Files), func(f report.File) bool { return !strings.HasPrefix(f.Name, checkpointsName) })
}

// filesOf lists what there is of a checkpoint.
func (d Directory) filesOf(step int) (recorded, error) {
	var files recorded
	for _, name := range []string{weightsFile, runningFile, gradientsFile, curvatureFile, optimizerFile, drawsFile} {
		if _, err := os.Lstat(d.checkpoint(step, name)); err != nil {
			continue
		}
		sum, err := checksumOf(d.checkpoint(step, name))
		if err != nil {
			return nil, err
		}
		files = append(files, report.File{Name: checkpointName(step, name), Checksum: sum})
	}
	return files, nil
}

// checksumOf is what an array file says of its contents.
func checksumOf(path string) (string, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return f.Metadata()["checksum"], nil
}

// steps are the checkpoints, ascending.
func (r recorded) steps() []int {
	var steps []int
	for _, f := range r {
		if fields := strings.Split(f.Name, "/"); len(fields) == 3 {
			if step, err := strconv.Atoi(fields[1]); err == nil {
				steps = append(steps, step)
			}
		}
	}
	slices.Sort(steps)
	return slices.Compact(steps)
}

// only is what the list has under a name.
func (r recorded) only(name string) recorded {
	return slices.DeleteFunc(slices.Clone(r), func(f report.File) bool { return f.Name != name })
}

// check compares the list with what the directory has.
func (r recorded) check(d Directory) error {
	for _, f := range r {
		path := d.path(filepath.FromSlash(f.Name))
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: is missing, and was recorded", path)
		}
		sum, err := checksumOf(path)
		if err != nil {
			return err
		}
		if sum != f.Checksum {
			return fmt.Errorf("%s: is not the file that was recorded there", path)
		}
	}
	return nil
}

// found lists the checkpoints of a run of an earlier version up to the last step: those with a row in metrics.csv, without which one was
// killed while it was recorded.
func (d Directory) found(metrics []report.Metric, last int) (recorded, error) {
	steps, err := d.Checkpoints()
	if err != nil {
		return nil, err
	}
	var files recorded
	for _, step := range steps {
		if _, complete := metricAt(metrics, step); !complete || step > last {
			continue
		}
		more, err := d.filesOf(step)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return files, nil
}
