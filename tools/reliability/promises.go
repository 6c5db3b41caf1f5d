package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// promise is something that holds whatever happens.
type promise struct {
	name, text, how string
	trials          int
	try             func(t trial) error
}

var promises = []promise{
	{"kills", "A run that was killed goes on with `-resume` and ends the same", "SIGKILL up to five times, each at a random moment", 40, killed(syscall.SIGKILL)},
	{"signals", "One that was told to end stops in order, with status 130, and goes on the same", "SIGTERM, SIGINT, SIGHUP, SIGUSR2 or SIGXCPU at a random moment", 25, told},
	{"full disk", "A full disk is one line and status 1, and the run goes on when there is room", "a limit of 1 to 200 kB a file", 20, limitedBy("-f %d", 1, 200)},
	{"files", "Too few open files are one line and status 1", "a limit of 8 to 17 open files (with fewer Go's own runtime does not start)", 20, limitedBy("-n %d", 8, 17)},
	{"bits", "A flipped bit is found, or changes nothing", "one bit of a random file of a finished run, then `analyze`", 300, damaged(flipBit)},
	{"truncation", "A truncated file is found, or changes nothing", "a random file cut at a random place, then `analyze`", 100, damaged(truncate)},
	{"missing", "A missing file is found, or changes nothing", "a random file removed, then `analyze`", 40, damaged(func(t trial, text []byte) []byte { return nil })},
	{"processes", "Of two processes that begin the same run one is refused", "two at once, three ways: `run`, `-resume`, `-force`", 30, together},
	{"names", "A run directory may have any name", "blanks, quotes, newlines, escape sequences, dashes, 200 characters", 12, named},
}

// begin starts a process that is not waited for.
func (t trial) begin(args ...string) (*exec.Cmd, error) {
	c := exec.Command(t.path, args...)
	return c, c.Start()
}

// again are the arguments that begin a run or go on with it.
func (t trial) again() []string {
	if _, err := os.Stat(filepath.Join(t.dir, "run.json")); err == nil {
		return []string{"run", "-resume", t.dir}
	}
	return runInto(t.dir)
}

func (t trial) finish() error {
	if r := t.run(t.again()...); r.err != nil {
		return fmt.Errorf("%w: %s", r.err, r.talk)
	}
	return t.same(t.dir)
}

func (t trial) pause() { time.Sleep(time.Duration(t.rng.Float64() * float64(t.length))) }

func killed(signal os.Signal) func(t trial) error {
	return func(t trial) error {
		for range 1 + t.rng.IntN(5) {
			c, err := t.begin(t.again()...)
			if err != nil {
				return err
			}
			t.pause()
			c.Process.Signal(signal)
			c.Wait()
		}
		return t.finish()
	}
}

func told(t trial) error {
	signals := []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGUSR2, syscall.SIGXCPU}
	c, err := t.begin(t.again()...)
	if err != nil {
		return err
	}
	time.Sleep(t.length / 10) // before that it has not begun to listen
	t.pause()
	c.Process.Signal(signals[t.number%len(signals)])
	err = c.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() != 130 {
		return fmt.Errorf("status %d after %v", exit.ExitCode(), signals[t.number%len(signals)])
	}
	return t.finish()
}

// limitedBy tries to run within a limit of the shell, and then without.
func limitedBy(limit string, lo, hi int) func(t trial) error {
	return func(t trial) error {
		if r := t.limited(fmt.Sprintf(limit, lo+t.rng.IntN(hi-lo+1)), t.again()...); r.err != nil {
			if err := r.refused(); err != nil {
				return err
			}
		}
		return t.finish()
	}
}

// damaged changes one file of a copy of the undisturbed run; nil removes it.
func damaged(damage func(t trial, text []byte) []byte) func(t trial) error {
	return func(t trial) error {
		if err := os.CopyFS(t.dir, os.DirFS(t.program.dir)); err != nil {
			return err
		}
		files, err := filepath.Glob(filepath.Join(t.dir, "checkpoints", "*", "*"))
		if err != nil {
			return err
		}
		for _, name := range []string{"run.json", "metrics.csv", "report.json"} {
			files = append(files, filepath.Join(t.dir, name))
		}
		path := files[t.rng.IntN(len(files))]
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if text = damage(t, text); text == nil {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, text, 0o666)
		}
		if err != nil {
			return err
		}
		r := t.run("analyze", t.dir, "-json")
		if r.err != nil {
			return r.refused()
		}
		if !bytes.Equal(withoutTimes(r.out), t.analysis) {
			return fmt.Errorf("%s: another result, and no word of it", path)
		}
		return nil
	}
}

func flipBit(t trial, text []byte) []byte {
	text[t.rng.IntN(len(text))] ^= 1 << t.rng.IntN(8)
	return text
}

func truncate(t trial, text []byte) []byte { return text[:t.rng.IntN(len(text))] }

// together begins two processes on one directory; the run that remains is the undisturbed one.
func together(t trial) error {
	args := runInto(t.dir)
	switch t.number % 3 {
	case 1:
		c, err := t.begin(args...)
		if err != nil {
			return err
		}
		time.Sleep(t.length / 3)
		c.Process.Kill()
		c.Wait()
		args = t.again()
	case 2:
		args = append(args, "-force")
	}
	first, err := t.begin(args...)
	if err != nil {
		return err
	}
	second := t.run(args...)
	firstErr := first.Wait()
	if second.err != nil {
		if err := second.refused(); err != nil {
			return err
		}
	}
	if firstErr != nil && second.err != nil {
		return errors.New("both were refused")
	}
	return t.same(t.dir)
}

func named(t trial) error {
	name := []string{"two words", `quote"s and 'these'`, "line\nbreak", "escape\x1b[31m", "-dash", "percent%d%s", "nul-free\ttab", "ünïcödé 雪", "semi;colon&and|pipe",
		"$HOME`id`", "..hidden..", strings.Repeat("long", 50)}[t.number%12]
	if err := os.Mkdir(t.dir, 0o777); err != nil {
		return err
	}
	dir := filepath.Join(t.dir, name)
	r := t.run(runInto(dir)...)
	if r.err != nil {
		return fmt.Errorf("%w: %s", r.err, r.talk)
	}
	if bytes.ContainsRune(append(r.out, r.talk...), '\x1b') {
		return errors.New("an escape sequence reaches the terminal")
	}
	return t.same(dir)
}
