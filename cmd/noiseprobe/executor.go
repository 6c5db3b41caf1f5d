package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"github.com/noiseprobe/noiseprobe/experiment/sweep"
	"github.com/noiseprobe/noiseprobe/internal/shell"
)

// executorOptions are the flags of what carries out runs, the same for every command that has many of them.
type executorOptions struct {
	executor      string
	jobs, workers int
	slurm         sweep.Slurm
	flags         *flags
}

func (o *executorOptions) define(f *flags) {
	o.flags = f
	f.group("How the runs are carried out")
	f.StringVar(&o.executor, "executor", "local", "`WHO` what carries out the runs: local, or slurm, as an array job")
	f.values["executor"] = []string{"local", "slurm"}
	f.IntVar(&o.jobs, "jobs", 0, fmt.Sprintf("`J` number of runs at once (default %d, and no limit with slurm)", sweep.DefaultJobs()))
	f.IntVar(&o.workers, "workers", 0,
		"`W` number of goroutines of all runs together, 0 for one per processor; with slurm, of each run, and of processors for it")
	f.group("Slurm")
	f.StringVar(&o.slurm.Partition, "partition", "", "`NAME` partition of Slurm")
	f.StringVar(&o.slurm.Time, "time", "", "`LIMIT` time limit of a run, such as 2:00:00; a run that reaches it is queued again")
	f.StringVar(&o.slurm.Memory, "mem", "", "`SIZE` memory of a run, such as 4G")
	f.Func("sbatch", "`OPTION` another option of sbatch, such as --account=physics; may be given several times", func(text string) error {
		o.slurm.Options = append(o.slurm.Options, text)
		return nil
	})
}

// apply checks the flags and puts what they say into the settings of a sweep.
func (o *executorOptions) apply(s *sweep.Settings) error {
	s.Jobs, s.Workers = o.jobs, o.workers
	var err error
	switch o.executor {
	case "local":
		for _, name := range []string{"partition", "time", "mem", "sbatch"} {
			if o.flags.given(name) {
				return usageError("-%s: is an option of -executor slurm", name)
			}
		}
		s.Program, err = os.Executable()
	case "slurm":
		s.Slurm = &o.slurm
		s.Program, err = lastingProgram()
	default:
		err = usageError("-executor %s: must be local or slurm", o.executor)
	}
	return err
}

// lastingProgram is the path of this program under the name that it was called by, which may be a link to the version of the day.
func lastingProgram() (string, error) {
	path, err := exec.LookPath(os.Args[0])
	if err != nil {
		path, err = os.Executable()
	}
	if err != nil {
		return "", err
	}
	path, err = filepath.Abs(path)
	if err == nil && goRun.MatchString(filepath.ToSlash(path)) {
		err = &hintError{fmt.Errorf("%s: disappears when 'go run' ends, before Slurm starts it", path), "go build ./cmd/noiseprobe makes a program that stays"}
	}
	return path, err
}

// goRun matches the path of a program that 'go run' has built.
var goRun = regexp.MustCompile(`/go-build[0-9]*/b[0-9]+/exe/`)

// sayQueued says of runs that are Slurm's how to follow them.
func sayQueued(s *session, summary *sweep.Summary) {
	if n := summary.Queued(); n > 0 {
		s.say("Slurm has %d runs; noiseprobe sweep status %s shows their state, and the same command again prints what is done", n, shell.Quote(shell.Operand(summary.Dir)))
	}
}

// withSlurmHint adds the way out where Slurm is gone and so cannot say that a job is over.
func withSlurmHint(err error) error {
	var unknown *sweep.SlurmUnknownError
	if errors.As(err, &unknown) {
		return &hintError{err, "remove " + shell.Quote(shell.Operand(unknown.Path)) + " if the job is over"}
	}
	return err
}
