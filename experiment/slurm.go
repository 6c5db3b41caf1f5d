package experiment

import (
	"slices"
	"strings"
	"unicode"
)

// Slurm says how the runs of a sweep are given to Slurm: as the tasks of one array job. What is empty is left to Slurm.
type Slurm struct {
	// Partition, Time and Memory are the options --partition, --time and --mem of sbatch. Time and memory are those of one run.
	Partition, Time, Memory string
	// Options are other options of sbatch, each one text such as "--account=physics". They win over those above.
	Options []string
}

// options are all of them as sbatch has them.
func (s *Slurm) options() []string {
	var options []string
	for _, o := range []struct{ name, value string }{{"--partition=", s.Partition}, {"--time=", s.Time}, {"--mem=", s.Memory}} {
		if o.value != "" {
			options = append(options, o.name+o.value)
		}
	}
	return append(options, s.Options...)
}

// ours are options of sbatch that say which runs are meant, or that nothing is to be submitted.
var ours = []string{"--array", "-a", "--wrap", "--test-only"}

func (s *Slurm) check() error {
	for _, o := range s.options() {
		name, _, _ := strings.Cut(o, "=")
		switch {
		case strings.ContainsFunc(o, unicode.IsControl):
			return usage("slurm option %q: must be one line", o)
		case !strings.HasPrefix(o, "-"):
			return usage("-sbatch %s: is no option of sbatch, such as --account=NAME", o)
		case slices.Contains(ours, name):
			return usage("-sbatch %s: the sweep says itself which runs are submitted", o)
		}
	}
	return nil
}
