package sweep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/child"
	"github.com/noiseprobe/noiseprobe/internal/filelock"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// execution carries out runs, each as a process of its own, so that one that crashes takes nothing with it.
type execution struct {
	Settings
	dir                    directory
	record                 sweepRecord
	todo                   []int
	observer               Observer
	ended, failed, running int
}

// endedRun is a run whose process is over.
type endedRun struct {
	index int
	err   error
}

const (
	tick = time.Second
	// patience is for a run of a sweep that was killed: on Linux it ends at once, elsewhere it goes on to its end.
	patience = 10 * time.Second
)

// execute carries out what is to be done, until ctx ends. Its own error is one of writing what became of the runs.
func (x *execution) execute(ctx context.Context) error {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	over := make(chan endedRun)
	var errs error
	for next := 0; ; {
		for x.running < x.Jobs && next < len(x.todo) && ctx.Err() == nil {
			i := x.todo[next]
			run := x.record.Runs[i]
			go func() { over <- endedRun{i, x.run(ctx, run)} }()
			next++
			x.running++
		}
		x.observer.progress(x.ended, x.failed, x.running, len(x.todo))
		if x.running == 0 {
			return errs
		}
		select {
		case e := <-over:
			x.running--
			errs = errors.Join(errs, x.end(ctx, e))
		case <-ticker.C:
		}
	}
}

// end takes note of a run that is over. Whether it is done is told by its report, not by its process.
func (x *execution) end(ctx context.Context, e endedRun) error {
	run := x.record.Runs[e.index]
	finished := x.dir.finished(run.Name) != nil
	if !finished && ctx.Err() != nil {
		return nil // interrupted
	}
	x.ended++
	if finished {
		return nil
	}
	x.failed++
	if errors.Is(e.err, errElsewhere) { // which is no failure of the run
		return fmt.Errorf("%s: %w", run.Name, e.err)
	}
	reason := "ended without a report"
	if e.err != nil {
		reason = e.err.Error()
	}
	x.observer.notice(fmt.Sprintf("%s failed: %s", run.Name, reason))
	return x.dir.fail(run.Name, reason)
}

// run carries out one run and returns when its process is over. An interrupt is handed on to it.
func (x *execution) run(ctx context.Context, r plannedRun) error {
	// Linux ends the child with the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	log, err := x.dir.openLog(ctx, r.Name, patience)
	if err != nil {
		return err
	}
	defer log.Close()
	begin, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, x.Program, x.dir.arguments(r, x.Flags, max(1, x.Workers/x.Jobs))...)
	// As this program was called, so are its children.
	c.Args[0] = os.Args[0]
	c.Stdout, c.Stderr = log, log
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	child.Prepare(c)
	if err := c.Run(); err != nil {
		return errors.New(x.dir.reason(r.Name, begin, err))
	}
	return nil
}

// errElsewhere is the answer to two processes that would carry out one run.
var errElsewhere = errors.New("another process carries it out")

// openLog opens what a run writes to, and holds it until the run is over. A process that was killed may still hold it for a time.
func (d directory) openLog(ctx context.Context, name string, patience time.Duration) (*os.File, error) {
	f, err := os.OpenFile(d.logPath(name), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(patience); ; {
		free, err := filelock.Try(f)
		switch {
		case free || errors.Is(err, filelock.ErrUnsupported): // which the sweep has said
			return f, nil
		case err == nil && time.Now().After(deadline):
			err = errElsewhere
		case err == nil && ctx.Err() != nil:
			err = context.Cause(ctx)
		}
		if err != nil {
			f.Close()
			return nil, err
		}
		time.Sleep(tick / 10)
	}
}

// arguments begin a run with all of its settings, or go on with one that has begun.
func (d directory) arguments(r plannedRun, flags Flags, workers int) []string {
	dir := string(d.run(r.Name))
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return []string{"run", "-resume=" + dir, fmt.Sprintf("-workers=%d", workers)}
	}
	args := []string{"run", "-out=" + dir, fmt.Sprintf("-workers=%d", workers)}
	for _, flag := range flags.Names() {
		args = append(args, "-"+flag+"="+flags.Text(r.Config, flag))
	}
	return args
}

// reason is the error that a run ended with, or how its process ended where it says none.
func (d directory) reason(name string, begin int64, err error) string {
	text, readErr := atomicfile.Read(d.logPath(name), jsonfile.Most)
	if readErr != nil || int64(len(text)) < begin {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text[begin:])), "\n")
	last := lines[len(lines)-1]
	if strings.HasPrefix(last, "hint: ") && len(lines) > 1 {
		last = lines[len(lines)-2]
	}
	var exit *exec.ExitError
	if said, ok := strings.CutPrefix(last, "noiseprobe: "); ok && errors.As(err, &exit) && exit.Exited() {
		return said
	}
	return fmt.Sprintf("%v; see %s", err, d.logPath(name))
}
