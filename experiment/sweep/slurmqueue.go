package sweep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/child"
)

// slurmPatience is for a controller that does not answer: its commands try for minutes.
const slurmPatience = time.Minute

// over are the states of tasks that Slurm will do no more about, or has forgotten.
var over = []string{
	"", "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED", "TIMEOUT",
}

// queued reports whether Slurm has the task, waiting or running.
func (t *SlurmTask) queued() bool { return !slices.Contains(over, t.State) }

// waiting reports whether a task that is queued has no processor.
func (t *SlurmTask) waiting() bool {
	return slices.Contains([]string{"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT"}, t.State)
}

// failed reports whether a task, whose run has not ended, is over by its own fault or that of its node.
func (t *SlurmTask) failed() bool {
	return !t.queued() && !slices.Contains([]string{"", "CANCELLED", "PREEMPTED", "REVOKED"}, t.State)
}

// slurmTasks asks Slurm about the runs in todo. Those that it was never given are not in the map. If it does not answer, the map beside
// the error has what is in files.
func (d directory) slurmTasks(ctx context.Context, todo []int) (map[int]*SlurmTask, error) {
	tasks := map[int]*SlurmTask{}
	jobs, err := d.submitted()
	if err != nil {
		return nil, err
	}
	last := lastJobs(jobs, todo)
	for _, job := range jobs {
		var wanted []int
		for _, i := range job.Runs {
			if j, ok := last[i]; ok && j.ID == job.ID && j.Cluster == job.Cluster {
				wanted = append(wanted, i)
			}
		}
		if len(wanted) == 0 {
			continue
		}
		var found map[int]*SlurmTask
		if err == nil { // a controller that did not answer is not asked again
			var asked error
			if found, asked = job.ask(ctx, wanted); asked != nil {
				err = &SlurmUnknownError{d.slurmPath(), job.ID, asked}
			}
		}
		for _, i := range wanted {
			if tasks[i] = found[i]; tasks[i] == nil {
				tasks[i] = &SlurmTask{Job: job.ID, Index: i}
			}
			if !tasks[i].queued() {
				tasks[i].Said = d.lastWord(job.ID, i)
			}
		}
	}
	return tasks, err
}

// SlurmUnknownError says that what became of a job is unknown.
type SlurmUnknownError struct {
	Path, Job string // the file that has the job
	Err       error
}

func (e *SlurmUnknownError) Error() string {
	return fmt.Sprintf("%s: what became of job %s is unknown: %v", e.Path, e.Job, e.Err)
}
func (e *SlurmUnknownError) Unwrap() error { return e.Err }

// queued counts the tasks that Slurm has, waiting or running.
func queued(tasks map[int]*SlurmTask) int {
	n := 0
	for _, t := range tasks {
		if t.queued() {
			n++
		}
	}
	return n
}

// ask is what the queue says of the tasks of a job, and of those that have left it the accounts, where there are any.
func (j SlurmJob) ask(ctx context.Context, wanted []int) (map[int]*SlurmTask, error) {
	out, err := slurmOutput(ctx, slurmPatience, "squeue", append(j.clusterOption(), "--noheader", "--array", "--states=all", "--jobs="+j.ID, "--format=%F_%K|%T|%r")...)
	// A job that ended some minutes ago is none that the queue knows.
	var refused *slurmError
	if err != nil && !(errors.As(err, &refused) && strings.Contains(refused.text, "Invalid job id")) {
		return nil, err
	}
	tasks := j.parse(out)
	if slices.ContainsFunc(wanted, func(i int) bool { return tasks[i] == nil }) {
		accounts, err := slurmOutput(ctx, slurmPatience, "sacct", append(j.clusterOption(), "--noheader", "--allocations", "--parsable2", "--jobs="+j.ID, "--format=JobID,State")...)
		if err != nil {
			return tasks, nil // there are none
		}
		for i, t := range j.parse(accounts) {
			if tasks[i] == nil && !t.queued() {
				tasks[i] = t
			}
		}
	}
	return tasks, nil
}

func (j SlurmJob) clusterOption() []string {
	if j.Cluster == "" {
		return nil
	}
	return []string{"--clusters=" + j.Cluster}
}

// parse reads lines such as 12_3|PENDING|Resources, or 12_3|CANCELLED by 1000. Others, such as a heading of a cluster, are left out.
func (j SlurmJob) parse(text string) map[int]*SlurmTask {
	tasks := map[int]*SlurmTask{}
	for line := range strings.Lines(text) {
		fields := append(strings.Split(strings.TrimSpace(line), "|"), "")
		number, ok := strings.CutPrefix(fields[0], j.ID+"_")
		index, err := strconv.Atoi(number)
		if !ok || err != nil || len(fields) < 3 {
			continue
		}
		state, _, _ := strings.Cut(fields[1], " ")
		t := &SlurmTask{Job: j.ID, Index: index, State: state, Reason: fields[2]}
		if t.Reason == "None" {
			t.Reason = ""
		}
		tasks[index] = t
	}
	return tasks
}

// slurmError is what a command of Slurm said before it failed.
type slurmError struct{ name, line, text string }

func (e *slurmError) Error() string { return e.name + ": " + e.line }

// slurmOutput is what a command of Slurm prints, also where there is an error.
func slurmOutput(ctx context.Context, patience time.Duration, name string, args ...string) (string, error) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c := exec.CommandContext(limited, name, args...)
	// A terminal's interrupt is for the sweep, and must not end sbatch between submitting a job and saying which.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	child.Prepare(c)
	out, err := c.Output()
	var exit *exec.ExitError
	switch {
	case err == nil:
	case errors.Is(err, exec.ErrNotFound):
		err = fmt.Errorf("%s is not on this machine, or not in $PATH", name)
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case errors.As(err, &exit):
		e := &slurmError{name, firstError(string(exit.Stderr)), string(exit.Stderr)}
		if err = e; limited.Err() != nil {
			e.line = strings.TrimSuffix(fmt.Sprintf("no answer within %s: %s", patience, e.line), ": ")
		} else if e.line == "" {
			e.line = exit.Error()
		}
	}
	return string(out), err
}

// firstError is the first line that calls itself an error, or else the first, of what a command of Slurm says, without its own name.
func firstError(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	for l := range strings.Lines(text) {
		if _, said, ok := strings.Cut(l, "error: "); ok {
			line = said
			break
		}
	}
	return strings.TrimRight(line, ". \n")
}

// lastWord is what Slurm, or the program before it had the log of the run, said last of a task.
func (d directory) lastWord(job string, index int) string {
	text, err := os.ReadFile(d.outputPath(job, strconv.Itoa(index)))
	if err != nil {
		return ""
	}
	last := ""
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "DUE TO JOB REQUEUE") || strings.Contains(line, "DUE TO PREEMPTION") {
			last = "" // what follows is of another try
		} else if _, said, ok := strings.Cut(line, "noiseprobe: "); ok && said != "interrupted\n" {
			last = said
		} else if _, said, ok := strings.Cut(line, "error: "); ok && strings.HasPrefix(line, "slurm") {
			last = said
		}
	}
	return strings.Trim(strings.TrimSpace(last), "* ")
}
