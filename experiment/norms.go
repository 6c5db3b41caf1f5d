package experiment

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/filekind"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/train"
)

// stepNorms is a row of norms.csv: the norms of the gradient of the update that follows so many updates.
type stepNorms struct {
	step int
	train.StepNorms
}

// normsHeader names the columns as package analysis/noisescale does.
const normsHeader = "step,small_batch,small_norm_sq,big_batch,big_norm_sq"

// writeNorms writes norms.csv.
func (d Directory) writeNorms(norms []stepNorms) error {
	return atomicfile.Write(d.NormsPath(), func(w io.Writer) error {
		b := bufio.NewWriter(w)
		fmt.Fprintln(b, normsHeader)
		for _, n := range norms {
			b.WriteString(n.format())
		}
		return b.Flush()
	})
}

// values are the columns after the step. The batch with more noise is the small one.
func (n stepNorms) values() [4]float64 {
	if n.PartBatch > n.WholeBatch {
		return [4]float64{n.WholeBatch, n.WholeSq, n.PartBatch, n.PartSq}
	}
	return [4]float64{n.PartBatch, n.PartSq, n.WholeBatch, n.WholeSq}
}

func (n stepNorms) format() string {
	fields := []string{strconv.Itoa(n.step)}
	for _, v := range n.values() {
		fields = append(fields, estimate.CSV(v))
	}
	return strings.Join(fields, ",") + "\n"
}

// normsChecksum is a checksum of rows of norms.csv.
func normsChecksum(norms []stepNorms) string {
	h := sha256.New()
	for _, n := range norms {
		io.WriteString(h, n.format())
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// readNorms reads the rows of norms.csv that a state knows, one for each step.
func (d Directory) readNorms(s *state) ([]stepNorms, error) {
	path := d.NormsPath()
	f, _, err := filekind.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f) // whose lines are short, and have no carriage returns
	lines.Scan()
	if header := filekind.Text(lines.Bytes()); string(header) != normsHeader {
		return nil, fmt.Errorf("%s:1: the header is %.80q, want %q", path, header, normsHeader)
	}
	var norms []stepNorms
	for len(norms) < s.Trainer.Step && lines.Scan() {
		n, err := parseNorms(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, len(norms)+2, err)
		}
		norms = append(norms, n)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(norms) != s.Trainer.Step || normsChecksum(norms) != s.Norms {
		return nil, fmt.Errorf("%s: has lost rows, or has changed since they were written, says %s", path, d.statePath())
	}
	return norms, nil
}

// Population is the number of samples that the minibatches of a run are drawn from without replacement, 0 where they are drawn with replacement or the
// directory is no run.
func (d Directory) Population() (int, error) {
	if !d.isRun() {
		return 0, nil
	}
	r, err := d.readRecord()
	if err != nil || r.Config.pairing() == noise.Replacement {
		return 0, err
	}
	return r.Data.Train, nil
}

// PopulationOfLog is the Population of the run that a norms.csv, an event file or the directory of these is in, and 0 of any other log.
func PopulationOfLog(path string) (int, error) {
	path = filepath.Clean(path)
	for _, d := range []Directory{Directory(filepath.Dir(path)), Directory(filepath.Dir(filepath.Dir(path)))} {
		if path == filepath.Clean(d.NormsPath()) || path == filepath.Clean(d.EventsPath()) || filepath.Dir(path) == filepath.Clean(d.EventsPath()) {
			return d.Population()
		}
	}
	return 0, nil
}

// CheckNorms compares a norms.csv in a run directory with what the run recorded of it; any other log has nothing to be compared with.
func CheckNorms(path string) error {
	d := Directory(filepath.Dir(path))
	if filepath.Base(path) != filepath.Base(d.NormsPath()) || !d.isRun() {
		return nil
	}
	s, err := d.readState()
	if err == nil && s.begun() && s.Norms != "" {
		_, err = d.readNorms(&s)
	}
	return err
}

// parseNorms reads a row. Which of the two batches was the part of the step is not told, and does not matter.
func parseNorms(line string) (n stepNorms, err error) {
	fields := strings.Split(line, ",")
	if len(fields) != 5 {
		return n, fmt.Errorf("got %d fields, want 5", len(fields))
	}
	if n.step, err = strconv.Atoi(fields[0]); err != nil {
		return n, fmt.Errorf("step is %.40q, want a whole number", fields[0])
	}
	for i, to := range []*float64{&n.PartBatch, &n.PartSq, &n.WholeBatch, &n.WholeSq} {
		if *to, err = estimate.ParseCSV(fields[i+1]); err != nil {
			return n, fmt.Errorf("%.40q is not a number", fields[i+1])
		}
	}
	return n, nil
}
