package experiment

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/train"
)

// stepNorms is a row of norms.csv: the norms of the gradient of the update that follows so many updates.
type stepNorms struct {
	step int
	train.StepNorms
}

// normsHeader names the columns as package analysis/noisescale does.
const normsHeader = "step,small_batch,small_norm_sq,big_batch,big_norm_sq"

// writeNorms writes norms.csv, in which the batch with more noise is the small one.
func (r *run) writeNorms() error {
	if !r.Norms {
		return nil
	}
	return atomicfile.Write(r.dir.NormsPath(), func(w io.Writer) error {
		b := bufio.NewWriter(w)
		fmt.Fprintln(b, normsHeader)
		for _, n := range r.norms {
			b.WriteString(n.format())
		}
		return b.Flush()
	})
}

func (n stepNorms) format() string {
	small, big := [2]float64{n.PartBatch, n.PartSq}, [2]float64{n.WholeBatch, n.WholeSq}
	if small[0] > big[0] {
		small, big = big, small
	}
	fields := []string{strconv.Itoa(n.step)}
	for _, v := range []float64{small[0], small[1], big[0], big[1]} {
		fields = append(fields, estimate.CSV(v))
	}
	return strings.Join(fields, ",") + "\n"
}

// restoreNorms reads the rows of the steps before the present one.
func (r *run) restoreNorms() error {
	if !r.Norms {
		return nil
	}
	path := r.dir.NormsPath()
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && r.trainer.State.Step == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if i == 0 && line == normsHeader {
			continue
		}
		n, err := parseNorms(line)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		if n.step < r.trainer.State.Step {
			r.norms = append(r.norms, n)
		}
	}
	if len(r.norms) != r.trainer.State.Step {
		return fmt.Errorf("%s: has %d of the %d steps before the saved state", path, len(r.norms), r.trainer.State.Step)
	}
	return nil
}

// parseNorms reads a row. Which of the two batches was the part of the step is not told, and does not matter.
func parseNorms(line string) (n stepNorms, err error) {
	fields := strings.Split(line, ",")
	if len(fields) != 5 {
		return n, fmt.Errorf("got %d fields, want 5", len(fields))
	}
	if n.step, err = strconv.Atoi(fields[0]); err != nil {
		return n, fmt.Errorf("step is %q, want a whole number", fields[0])
	}
	for i, to := range []*float64{&n.PartBatch, &n.PartSq, &n.WholeBatch, &n.WholeSq} {
		if *to, err = estimate.ParseCSV(fields[i+1]); err != nil {
			return n, fmt.Errorf("%q is not a number", fields[i+1])
		}
	}
	return n, nil
}
