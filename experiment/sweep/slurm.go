package sweep

import (
	"slices"
	"strings"
	"unicode"

	"github.com/noiseprobe/noiseprobe/experiment"
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

// ours are options of sbatch that say which runs are meant, that nothing is to be submitted, or that sbatch is to wait for the end.
var ours = []string{"--array", "--wrap", "--wait", "--test-only"}

// isOurs reports whether sbatch takes an option for one of ours: it takes the beginning of a long one, and a value at a letter.
func isOurs(option string) bool {
	if !strings.HasPrefix(option, "--") {
		return strings.HasPrefix(option, "-a") || strings.HasPrefix(option, "-W")
	}
	name, _, _ := strings.Cut(option, "=")
	return slices.ContainsFunc(ours, func(long string) bool { return strings.HasPrefix(long, name) })
}

func (s *Slurm) check() error {
	for _, o := range s.options() {
		switch {
		case strings.ContainsFunc(o, unicode.IsControl):
			return experiment.Usagef("slurm option %q: must be one line", o)
		case !strings.HasPrefix(o, "-"):
			return experiment.Usagef("-sbatch %s: is not an option of sbatch, such as --account=NAME", o)
		case !strings.HasPrefix(o, "--") && strings.ContainsFunc(o, unicode.IsSpace):
			return experiment.Usagef("-sbatch %q: sbatch takes the space for a part of the value; as in -AName or --account=NAME", o)
		case isOurs(o):
			return experiment.Usagef("-sbatch %s: which runs are submitted, and that nothing waits for them, is for the sweep to say", o)
		}
	}
	return nil
}
