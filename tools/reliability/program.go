package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// settings are those of every run.
const settings = "-model [8] -data synthetic -steps 40 -batch 50 -units 16 -draws 4 -eval 50 -checkpoints 0,20 -resamples 512 -blas builtin -workers 1"

// program is the program under trial, and what it makes of a run that nobody disturbs.
type program struct {
	work, path string
	dir        string // of the undisturbed run
	length     time.Duration
	print      string // its fingerprint
	analysis   []byte // what analyze -json says of it
}

// trial is one attempt to break a promise, in a directory of its own.
type trial struct {
	*program
	rng    *rand.Rand
	number int
	dir    string
}

func (p *program) undisturbed() (err error) {
	p.dir = filepath.Join(p.work, "undisturbed")
	began := time.Now()
	if r := p.run(runInto(p.dir)...); r.err != nil {
		return fmt.Errorf("%w: %s", r.err, r.talk)
	}
	p.length = time.Since(began)
	if p.print, err = fingerprint(p.dir); err != nil {
		return err
	}
	r := p.run("analyze", p.dir, "-json")
	p.analysis = withoutTimes(r.out)
	return r.err
}

func runInto(dir string) []string {
	return append([]string{"run", "-out", dir}, strings.Fields(settings)...)
}

// result is what a process said and how it ended.
type result struct {
	out, talk []byte
	status    int
	err       error
}

func (p *program) run(args ...string) result { return finished(exec.Command(p.path, args...)) }

// limited runs the program under a limit of the shell.
func (p *program) limited(limit string, args ...string) result {
	return finished(exec.Command("bash", append([]string{"-c", "ulimit " + limit + `; exec "$@"`, "bash", p.path}, args...)...))
}

func finished(c *exec.Cmd) result {
	var out, talk bytes.Buffer
	c.Stdout, c.Stderr = &out, &talk
	err := c.Run()
	r := result{out: out.Bytes(), talk: talk.Bytes(), err: err}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		r.status = exit.ExitCode()
	}
	return r
}

// refused says why an ended process did not refuse in one line with status 1; nil if it did.
func (r result) refused() error {
	lines := strings.Split(strings.TrimRight(string(r.talk), "\n"), "\n")
	last := lines[len(lines)-1]
	switch {
	case r.status != 1:
		return fmt.Errorf("status %d: %s", r.status, last)
	case bytes.Contains(r.talk, []byte("goroutine ")) || bytes.Contains(r.talk, []byte("panic")):
		return fmt.Errorf("a panic: %s", r.talk)
	case !strings.HasPrefix(last, "noiseprobe: ") && !strings.HasPrefix(last, "hint: "):
		return fmt.Errorf("no reason: %q", last)
	}
	return nil
}

// same says how a finished run differs from the undisturbed one.
func (t trial) same(dir string) error {
	print, err := fingerprint(dir)
	if err == nil && print != t.print {
		err = errors.New("ended with other files")
	}
	return err
}

var times = regexp.MustCompile(`(?m)^\s*"(seconds|checksum|version)": .*$`)

func withoutTimes(text []byte) []byte { return times.ReplaceAll(text, nil) }

// fingerprint is of the names and contents of all files of a run, but for times and for what is drawn and rolled from them.
func fingerprint(dir string) (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, path)
		if err != nil || e.IsDir() || strings.HasPrefix(name, "resume") || name == "report.html" {
			return err
		}
		text, err := os.ReadFile(path)
		switch name {
		case "metrics.csv", "losses.csv":
			text = regexp.MustCompile(`(?m),[^,]*$`).ReplaceAll(text, nil) // seconds
		case "report.json":
			text = withoutTimes(text)
		case "run.json":
			text = nil // its path is another; the report says what was run
		}
		fmt.Fprintf(h, "%s %d\n", name, len(text))
		h.Write(text)
		return err
	})
	return fmt.Sprintf("%x", h.Sum(nil)), err
}
