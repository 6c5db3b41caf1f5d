package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// runRecord is run.json: everything needed to run again.
type runRecord struct {
	Schema      string     `json:"schema"`
	Checksummed bool       `json:"checksummed,omitempty"`
	Config      Config     `json:"config"`
	Spec        string     `json:"spec"`
	Parameters  int        `json:"parameters"`
	Data        dataRecord `json:"data"`
	// Start is the checksum of the weights of Config.From.
	Start   string `json:"start,omitempty"`
	BLAS    string `json:"blas"`
	Workers int    `json:"workers"`
	Version string `json:"version"`
	Go      string `json:"go"`

	// sum is the checksum of the file, empty where it was written by a version that had none.
	sum string
}

// dataRecord identifies the data set of a run.
type dataRecord struct {
	Name     string `json:"name"`
	Source   string `json:"source"`
	Checksum string `json:"checksum"`
	Train    int    `json:"train"`
	Test     int    `json:"test"`
	// Unofficial names files of the set that are not those of its authors.
	Unofficial []string `json:"unofficial,omitempty"`
	// Seed is that of generated data where it is not the run's.
	Seed *uint64 `json:"seed,omitempty"`
}

const recordSchema = "noiseprobe/run/1"

// isRun reports whether a directory has a run.json of this program, and no link to one, whatever else may be wrong with it.
func (d Directory) isRun() bool {
	_, err := atomicfile.Taken(d.RecordPath())
	return err == nil && jsonfile.Schema(d.RecordPath()) == recordSchema
}

// open is how every command opens a run directory: it mends what a killed process has left, and reads run.json.
func (d Directory) open() (runRecord, error) {
	tidy(filepath.Clean(string(d)))
	return d.readRecord()
}

// readRecord reads run.json, whose settings are those that a run could begin with.
func (d Directory) readRecord() (r runRecord, err error) {
	r.sum, err = jsonfile.Read(d.RecordPath(), recordSchema, &r)
	switch {
	case errors.Is(err, fs.ErrNotExist) && d.isAnalysis():
		return r, fmt.Errorf("%s: is an analysis of gradients and no run: 'noiseprobe report' draws its page again, and compare takes it", string(d))
	case errors.Is(err, fs.ErrNotExist) && d.holds("*.safetensors"):
		return r, fmt.Errorf("%s: is not a run directory, it has no run.json; 'noiseprobe analyze %s' reads files of gradients", string(d), filepath.Join(string(d), "*.safetensors"))
	case errors.Is(err, fs.ErrNotExist):
		return r, fmt.Errorf("%s: is not a run directory, it has no run.json", string(d))
	case errors.Is(err, syscall.ENOTDIR):
		return r, fmt.Errorf("%s: is no run, it is not a directory", string(d))
	case err != nil:
		return r, err
	}
	if r.Config.Unit == UnitAuto { // of a version that had one kind alone
		r.Config.Unit = probe.UnitSample
	}
	return r, r.check(d.RecordPath())
}

// check refuses settings that no run can have. What is wrong is a file then, and not the usage.
func (r runRecord) check(path string) error {
	c := r.Config
	spec, err := c.Resolve()
	switch {
	case err != nil:
		return fmt.Errorf("%s: %v", path, err)
	case r.Spec != spec.Text:
		return fmt.Errorf("%s: the layers of model %s are %s, and not %.100q", path, c.Model, spec.Text, r.Spec)
	case r.Parameters < 1 || r.Data.Train < 1:
		return fmt.Errorf("%s: has %d parameters and %d training samples", path, r.Parameters, r.Data.Train)
	}
	if err := noise.CheckBatch(c.pairing(), r.Data.Train, c.Batch); err != nil {
		return fmt.Errorf("%s: %v", path, err)
	}
	return nil
}

// Config are the settings of the run.
func (d Directory) Config() (Config, error) {
	r, err := d.readRecord()
	return r.Config, err
}
