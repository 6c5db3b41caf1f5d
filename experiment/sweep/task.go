package sweep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/noiseprobe/noiseprobe/experiment"
)

// nodePatience is for the locks of a node that is gone: NFS keeps them for a minute and a half.
const nodePatience = 2 * time.Minute

// Task is one run of a sweep that this process carries out, for Slurm, which started it.
type Task struct {
	// Arguments are those of the command that carries the run out, and Log is what that writes to.
	Arguments []string
	Log       *os.File

	dir    directory
	name   string
	before experiment.Progress
}

// BeginTask takes the run at place index of sweep.json, from 0, or nil if it is over. A run that another process carries out is an
// error.
func BeginTask(ctx context.Context, dir string, index int, flags Flags) (*Task, error) {
	d := directory(dir)
	record, err := d.existing()
	if err != nil {
		return nil, err
	}
	if index < 0 || index >= len(record.Runs) {
		return nil, experiment.Usagef("%s: has runs 0 to %d, and no run %d", d.recordPath(), len(record.Runs)-1, index)
	}
	run := record.Runs[index]
	log, err := d.openLog(ctx, run.Name, nodePatience)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.run(run.Name), err)
	}
	if d.finished(run.Name) != nil {
		return nil, log.Close()
	}
	if err := d.forget(record, []int{index}); err != nil {
		log.Close()
		return nil, err
	}
	return &Task{
		Arguments: d.arguments(run, flags, slurmProcessors()), Log: log, dir: d, name: run.Name, before: d.run(run.Name).Progress(),
	}, nil
}

// slurmProcessors is the number of processors that Slurm gave to this process, 1 where it says none. Where Slurm does not bind
// processes, they see all processors of the node.
func slurmProcessors() int {
	n, err := strconv.Atoi(os.Getenv("SLURM_CPUS_ON_NODE"))
	if err != nil {
		return 1
	}
	return max(1, n)
}

// End gives the run back. If the run has not ended, failed says why.
func (t *Task) End(failed error) error {
	defer t.Log.Close()
	if failed == nil || t.dir.finished(t.name) != nil {
		return nil
	}
	return errors.Join(failed, t.dir.fail(t.name, failed.Error()))
}

// Requeue gives back a run that has saved its state before the time limit, and has Slurm queue it again, which Slurm does by itself only
// after a preemption. A run that has come no further would never come to its end that way: it fails.
func (t *Task) Requeue() error {
	if t.dir.run(t.name).Progress() == t.before {
		return t.End(errors.New("came no step further within the time limit"))
	}
	if _, err := slurmOutput(context.Background(), slurmPatience, "scontrol", "requeue", slurmTaskID()); err != nil {
		return t.End(fmt.Errorf("saved its state before the time limit, and was not queued again: %w", err))
	}
	return t.Log.Close()
}

// slurmTaskID is the number of the job that this process is, as scontrol takes it. The last task of an array has the number of the whole
// array in SLURM_JOB_ID, which stands for all of its tasks.
func slurmTaskID() string {
	if array := os.Getenv("SLURM_ARRAY_JOB_ID"); array != "" {
		return array + "_" + os.Getenv("SLURM_ARRAY_TASK_ID")
	}
	return os.Getenv("SLURM_JOB_ID")
}
