package sweep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/shell"
)

// checkSlurm refuses before anything is written what could not be submitted.
func (s *Settings) checkSlurm() error {
	if err := s.Slurm.check(); err != nil {
		return err
	}
	if _, err := exec.LookPath("sbatch"); err != nil {
		return fmt.Errorf("sbatch is not on this machine, or not in $PATH: -executor slurm needs a machine from which Slurm takes jobs")
	}
	return nil
}

// submit gives the runs in todo to Slurm, and adds their tasks to those that it has.
func (s *Settings) submit(d directory, record sweepRecord, todo []int, tasks map[int]*SlurmTask, o Observer) error {
	options, err := s.sbatchOptions(d, todo)
	if err != nil {
		return err
	}
	text, err := s.script(d, options)
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(d.scriptPath(), []byte(text)); err != nil {
		return err
	}
	// Slurm makes no folder for what it says.
	if err := os.MkdirAll(filepath.Dir(d.outputPath("", "")), 0o777); err != nil {
		return err
	}
	// The options of the script are for those who submit it by hand; SBATCH_* variables would win over them, and not over these.
	out, err := slurmOutput(context.Background(), sbatchPatience, "sbatch", append(append([]string{"--parsable"}, options...), shell.Operand(d.scriptPath()))...)
	id := jobID.FindStringSubmatch(strings.TrimSpace(out))
	switch {
	case id != nil && err != nil: // it was submitted all the same, as with SBATCH_WAIT
		o.notice(err.Error())
	case err != nil:
		return tooLarge(err, todo[len(todo)-1])
	case id == nil:
		return fmt.Errorf("sbatch: said %q, which is not the number of a job", strings.TrimSpace(out))
	}
	job := SlurmJob{ID: id[1], Cluster: id[2], Runs: todo, Submitted: time.Now().UTC().Truncate(time.Second)}
	if err := errors.Join(d.addJob(job), d.forget(record, todo)); err != nil {
		return fmt.Errorf("job %s was submitted, and then: %w", job.ID, err)
	}
	for _, i := range todo {
		tasks[i] = &SlurmTask{Job: job.ID, Index: i, State: "PENDING"}
	}
	o.notice(fmt.Sprintf("submitted %d runs to Slurm: array job %s", len(todo), job.ID))
	return nil
}

// sbatchPatience is longer than sbatch itself tries where the queue is full.
const sbatchPatience = 3 * time.Minute

// tooLarge adds which limit an array may have met.
func tooLarge(err error, last int) error {
	var refused *slurmError
	if errors.As(err, &refused) && strings.Contains(refused.text, "Invalid job array specification") {
		return fmt.Errorf("%w: run %d of sweep.json may be above MaxArraySize, or the runs be more than max_array_tasks, of scontrol show config; "+
			"sweeps in several directories have smaller arrays", err, last)
	}
	return err
}

// jobID is the last line that sbatch prints: a number, and maybe the name of a cluster.
var jobID = regexp.MustCompile(`(?:^|\n)([0-9]+)(?:;(.+))?$`)
