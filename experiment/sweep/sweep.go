package sweep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/filelock"
)

// Settings say what a sweep does, and how.
type Settings struct {
	Dir   string
	Flags Flags
	// Given is the grid of the flags that were given; the others are as recorded in Dir, or else at their defaults.
	Given Grid
	// Points are runs one by one instead of a grid; nil for a grid. Only they are carried out, whatever else is recorded in Dir.
	Points []NamedRun
	// Jobs is the number of runs at once, 0 for [DefaultJobs]; Workers is the number of goroutines of all of them together, 0
	// for one for each processor.
	Jobs, Workers int
	// Program is the path of the program, which carries out each run as a process of its own.
	Program string
	// Slurm, where it is not nil, gives the runs to Slurm, which is not waited for. Jobs 0 is then no limit; Workers are those of each
	// run, 0 for the processors that Slurm gives it.
	Slurm *Slurm
}

// DefaultJobs is two: on two processors two runs of F1 at once with one worker each took 0.87 to 0.92 of the time of one after the
// other with two.
func DefaultJobs() int { return min(2, runtime.GOMAXPROCS(0)) }

// NamedRun is a run by its name, which is that of its directory, and the values of flags, in the form of [Flags].Text; the
// other flags are at their defaults.
type NamedRun struct {
	Name   string
	Values map[string]string
}

// Observer is told how a sweep goes; any of the functions may be nil.
type Observer struct {
	// Notice is a line that the user should see.
	Notice func(line string)
	// Progress is called often: of total runs that were to be done, how many have ended, failed ones among them, and run now.
	Progress func(ended, failed, running, total int)
}

func (o Observer) notice(line string) {
	if o.Notice != nil {
		o.Notice(line)
	}
}

func (o Observer) progress(ended, failed, running, total int) {
	if o.Progress != nil {
		o.Progress(ended, failed, running, total)
	}
}

// FailedRunsError says that runs of a sweep failed; the others were carried out.
type FailedRunsError struct{ Failed, Runs int }

func (e *FailedRunsError) Error() string {
	return fmt.Sprintf("%d of %d runs failed", e.Failed, e.Runs)
}

// Run carries out every run of a grid that Dir lacks, and goes on with those that were interrupted or failed. All of them are
// checked before the first starts; until then nothing is written. When ctx ends, the runs save their state, and the error is the
// context's. Runs that fail do not stop the others: the error is a [*FailedRunsError], beside the summary. A run that diverges has
// not failed.
func Run(ctx context.Context, s Settings, o Observer) (*Summary, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	d := directory(s.Dir)
	if _, err := atomicfile.DirTaken(s.Dir); err != nil {
		return nil, err
	}
	recorded, err := d.read()
	begun := err == nil
	if errors.Is(err, fs.ErrNotExist) {
		err = d.checkFree()
	}
	if err != nil {
		return nil, err
	}
	var lock *heldLock
	if begun { // else there is no directory yet, and its files wait until all is checked
		if lock, err = d.lock(); err != nil {
			return nil, err
		}
		defer lock.release()
		if recorded, err = d.read(); err != nil {
			return nil, err
		}
	}
	p := plan{flags: s.Flags, recorded: recorded, given: s.Given, points: s.Points}
	record, err := p.extended()
	if err != nil {
		return nil, err
	}
	if err := d.checkRuns(record, s.Flags); err != nil {
		return nil, err
	}
	if !begun {
		if lock, err = d.begin(); err != nil {
			return nil, err
		}
		defer lock.release()
	}
	if lock.warning != "" {
		o.notice(lock.warning)
	}
	for _, line := range p.notices {
		o.notice(line)
	}
	for _, path := range []string{d.recordPath(), d.slurmPath(), d.scriptPath()} { // which nobody else writes
		atomicfile.RemoveLeftoversOf(path)
	}
	return s.carryOut(ctx, d, lock, record, o)
}

func (s *Settings) check() error {
	if s.Jobs < 0 || s.Jobs > MostRuns {
		return experiment.Usagef("-jobs %d: must be between 0 and %d", s.Jobs, MostRuns)
	}
	if s.Workers < 0 {
		return experiment.Usagef("-workers %d: must not be negative", s.Workers)
	}
	if s.Slurm != nil {
		return s.checkSlurm()
	}
	if s.Jobs == 0 {
		s.Jobs = DefaultJobs()
	}
	if s.Workers == 0 {
		s.Workers = runtime.GOMAXPROCS(0)
	}
	return nil
}

// carryOut does what is to be done in a directory that is locked.
func (s *Settings) carryOut(ctx context.Context, d directory, lock *heldLock, record sweepRecord, o Observer) (*Summary, error) {
	todo := slices.DeleteFunc(d.unfinished(record), func(i int) bool { return !s.wants(record.Runs[i].Name) })
	tasks, err := d.slurmTasks(ctx, todo)
	if err != nil {
		return nil, err
	}
	if n := queued(tasks); n > 0 {
		o.notice(fmt.Sprintf("%d runs are left to Slurm, which has them already", n))
		todo = slices.DeleteFunc(todo, func(i int) bool { return tasks[i] != nil && tasks[i].queued() })
	}
	if err := d.write(record); err != nil {
		return nil, err
	}
	if s.Slurm != nil {
		todo = d.free(record, todo, o)
	}
	switch {
	case s.Slurm == nil:
		err = s.execute(ctx, d, lock, record, todo, o)
	case len(todo) > 0 && ctx.Err() == nil:
		err = s.submit(d, record, todo, tasks, o)
	}
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var summary *Summary
	if s.Slurm != nil {
		summary, err = d.summary(record, s.Flags, tasks)
	} else {
		summary, err = d.standing(ctx, record, s.Flags) // Slurm's answer may be hours old by now
	}
	if err == nil {
		err = s.failures(summary)
	}
	return summary, err
}

// free leaves out the runs that a process has in its hands, such as a task that was submitted in another way.
func (d directory) free(record sweepRecord, todo []int, o Observer) []int {
	return slices.DeleteFunc(todo, func(i int) bool {
		name := record.Runs[i].Name
		held, err := filelock.Held(d.logPath(name))
		if err == nil && held {
			o.notice(name + " is left to another process, which carries it out")
		}
		return err == nil && held
	})
}

// wants reports whether a run of the directory was asked for: without points all are.
func (s *Settings) wants(name string) bool {
	return s.Points == nil || slices.ContainsFunc(s.Points, func(p NamedRun) bool { return p.Name == name })
}

// failures counts the runs that were asked for and failed.
func (s *Settings) failures(summary *Summary) error {
	e := &FailedRunsError{Runs: len(summary.Runs)}
	if s.Points != nil {
		e.Runs = len(s.Points)
	}
	for _, r := range summary.Runs {
		if r.State == Failed && s.wants(r.Name) {
			e.Failed++
		}
	}
	if e.Failed == 0 {
		return nil
	}
	return e
}

// execute carries runs out here.
func (s *Settings) execute(ctx context.Context, d directory, lock *heldLock, record sweepRecord, todo []int, o Observer) error {
	if err := errors.Join(lock.describe(s.Jobs), d.forget(record, todo), d.takeBack(todo)); err != nil {
		return err
	}
	x := execution{Settings: *s, dir: d, record: record, todo: todo, observer: o}
	return x.execute(ctx)
}

// Status says how a sweep stands, also while another process carries it out. Slurm is asked until ctx ends.
func Status(ctx context.Context, dir string, flags Flags) (*Summary, error) {
	d := directory(dir)
	record, err := d.existing()
	if err != nil {
		return nil, err
	}
	return d.standing(ctx, record, flags)
}

// standing is the summary with what Slurm says now, or why it says nothing.
func (d directory) standing(ctx context.Context, record sweepRecord, flags Flags) (*Summary, error) {
	tasks, asked := d.slurmTasks(ctx, d.unfinished(record))
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	summary, err := d.summary(record, flags, tasks)
	if err == nil && asked != nil && summary.Slurm != nil {
		summary.Slurm.Unknown, summary.Slurm.Queued = asked.Error(), nil
	}
	return summary, err
}

// existing reads sweep.json, which has to be there.
func (d directory) existing() (sweepRecord, error) {
	r, err := d.read()
	if errors.Is(err, fs.ErrNotExist) {
		err = d.notOne()
	}
	return r, err
}

func (d directory) notOne() error {
	return fmt.Errorf("%s: is not a sweep directory, it has no sweep.json", string(d))
}

// checkFree refuses a directory that holds something else.
func (d directory) checkFree() error {
	entries, err := os.ReadDir(string(d))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	for _, e := range entries {
		// A process that was killed as it began leaves its lock, and maybe half a sweep.json under another name.
		if e.Name() != "sweep.lock" && !strings.HasPrefix(e.Name(), ".sweep.json.") {
			return d.notOne()
		}
	}
	return nil
}

// begin makes the directory and locks it.
func (d directory) begin() (*heldLock, error) {
	if err := experiment.Outside(string(d)); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(string(d), 0o777); err != nil {
		return nil, err
	}
	lock, err := d.lock()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(d.recordPath()); err == nil {
		lock.release()
		return nil, d.busy() // or was, while the plan was made
	}
	return lock, nil
}

// checkRuns refuses run directories that are not those of the sweep.
func (d directory) checkRuns(r sweepRecord, flags Flags) error {
	for _, run := range r.Runs {
		found, err := d.run(run.Name).Config()
		if err != nil {
			continue // there is none, or the run says what is wrong
		}
		found.Workers = run.Config.Workers
		if found == run.Config {
			continue
		}
		for _, flag := range flags.Names() {
			if has, want := flags.Text(found, flag), flags.Text(run.Config, flag); has != want {
				return fmt.Errorf("%s: has -%s %s, and is -%s %s in the sweep", d.run(run.Name).RecordPath(), flag, has, flag, want)
			}
		}
	}
	return nil
}
