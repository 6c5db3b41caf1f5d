package experiment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// ErrNoReport, as the cause of the end of a context, makes a run save its state and return, without a report of what was recorded:
// for a process that is about to be killed.
var ErrNoReport = errors.New("training state saved")

// nodePatience is for the locks of a node that is gone: NFS keeps them for a minute and a half.
const nodePatience = 2 * time.Minute

// SweepTask is one run of a sweep that this process carries out, for Slurm, which started it.
type SweepTask struct {
	// Arguments are those of the command that carries the run out, and Log is what that writes to.
	Arguments []string
	Log       *os.File

	dir    SweepDirectory
	name   string
	before state
}

// BeginTask takes the run at place index of sweep.json, from 0, or nil if it is over. A run that another process carries out is an
// error.
func BeginTask(ctx context.Context, dir string, index int, flags SweepFlags) (*SweepTask, error) {
	d := SweepDirectory(dir)
	record, err := d.read()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, d.notOne()
	}
	if err != nil {
		return nil, err
	}
	if index < 0 || index >= len(record.Runs) {
		return nil, usage("%s: has runs 0 to %d, and no run %d", d.recordPath(), len(record.Runs)-1, index)
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
	return &SweepTask{
		Arguments: d.arguments(run, flags, slurmProcessors()), Log: log, dir: d, name: run.Name, before: d.run(run.Name).progress(),
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
func (t *SweepTask) End(failed error) error {
	defer t.Log.Close()
	if failed == nil || t.dir.finished(t.name) != nil {
		return nil
	}
	return errors.Join(failed, t.dir.fail(t.name, failed.Error()))
}

// Requeue gives back a run that has saved its state before the time limit, and has Slurm queue it again, which Slurm does by itself only
// after a preemption. A run that has come no further would never come to its end that way: it fails.
func (t *SweepTask) Requeue() error {
	if t.dir.run(t.name).progress() == t.before {
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

// progress is what the saved state says of how far a run has come, without the time that it took.
func (d Directory) progress() state {
	s := state{Recorded: -1}
	if f, err := safetensors.Open(d.statePath()); err == nil {
		defer f.Close()
		if json.Unmarshal([]byte(f.Metadata()["about"]), &s) != nil {
			return state{Recorded: -1} // the run itself says what is wrong
		}
	}
	s.Seconds = 0
	return s
}
