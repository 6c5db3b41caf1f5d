package main

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// started is a process that a test began.
type started struct {
	*exec.Cmd
	stderr bytes.Buffer
}

// start starts noiseprobe in a directory.
func start(t *testing.T, dir string, args ...string) *started {
	t.Helper()
	p := &started{Cmd: exec.Command("noiseprobe", args...)}
	p.Dir, p.Cmd.Stderr = dir, &p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() })
	return p
}

// status waits for the end of a process; -1 is death by a signal.
func status(t *testing.T, p *exec.Cmd) int {
	t.Helper()
	err := p.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.ProcessState.ExitCode()
}

// finish runs noiseprobe to its end, which must be status 0.
func finish(t *testing.T, dir string, args ...string) {
	t.Helper()
	p := start(t, dir, args...)
	if got := status(t, p.Cmd); got != 0 {
		t.Fatalf("noiseprobe %s: status %d: %s", strings.Join(args, " "), got, p.stderr.String())
	}
}

// await waits until a file is there.
func await(t *testing.T, path string) {
	t.Helper()
	for range 3000 {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s did not appear", path)
}

// repeatable are the flags of a run with all analyses whose bytes do not depend on the machine.
func repeatable(flags string) []string {
	return slices.Concat([]string{"run"}, small(), strings.Fields("-curvature auto -blas builtin "+flags))
}

// TestInterruptedRunGoesOn: the first interrupt ends a run with a report and a hint, and the rest of it gives what an
// undisturbed run gives.
func TestInterruptedRunGoesOn(t *testing.T) {
	numtest.NeedFull(t, "an interrupt in the middle of a run")
	t.Parallel()
	dir := t.TempDir()
	flags := repeatable("-steps 400 -checkpoints 0,50,400")
	p := start(t, dir, append(flags, "-out", "a")...)
	await(t, filepath.Join(dir, "a/checkpoints/000050/gradients.safetensors"))
	p.Process.Signal(os.Interrupt)
	if got := status(t, p.Cmd); got != statusInterrupted {
		t.Fatalf("status %d: %s", got, p.stderr.String())
	}
	if want := "noiseprobe: interrupted\nhint: noiseprobe run -resume a continues the run\n"; !strings.HasSuffix(p.stderr.String(), want) {
		t.Errorf("standard error: %q", p.stderr.String())
	}
	rep, err := report.Read(filepath.Join(dir, "a/report.json"))
	if err != nil {
		t.Fatal(err)
	}
	if rep.Training.Stopped != report.StoppedInterrupted || rep.Training.Steps < 50 || rep.Training.Steps >= 400 {
		t.Errorf("report: %+v", rep.Training)
	}
	finish(t, dir, "analyze", "a")
	finish(t, dir, "run", "-resume", "a")
	finish(t, dir, append(flags, "-out", "b")...)
	if difference, err := compareRuns(filepath.Join(dir, "a"), filepath.Join(dir, "b")); difference != "" || err != nil {
		t.Error(difference, err)
	}
}

// TestStateComesFirst: when a run says that it was interrupted, its state is on the disk, and a kill costs nothing.
func TestStateComesFirst(t *testing.T) {
	t.Parallel()
	signals := heard()
	for _, signal := range signals[:numtest.Cases(len(signals), 1)] {
		dir := t.TempDir()
		p := exec.Command("noiseprobe", append(repeatable("-steps 100000 -checkpoints 0,50"), "-out", "a")...)
		p.Dir = dir
		said, err := p.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		await(t, filepath.Join(dir, "a/checkpoints/000050/gradients.safetensors"))
		p.Process.Signal(signal)
		lines := bufio.NewScanner(said)
		for lines.Scan() && !strings.Contains(lines.Text(), "interrupted at step") {
		}
		p.Process.Kill()
		p.Wait()
		_, rest, _ := strings.Cut(lines.Text(), "interrupted at step ")
		step, _, _ := strings.Cut(rest, ":")
		f, err := safetensors.Open(filepath.Join(dir, "a/resume/state.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		if about := f.Metadata()["about"]; step == "" || !strings.Contains(about, `"Step":`+step+",") {
			t.Errorf("%v at step %q: %s", signal, step, about)
		}
		f.Close()
	}
}

// TestInterrupts: work that hears of the first signal is ended by an interrupt after it, other work by the first.
func TestInterrupts(t *testing.T) {
	for _, first := range stopSignals {
		if ignored(first) {
			t.Logf("NOT TESTED: %v, which is ignored here, as after nohup", first)
			continue
		}
		p, _ := startEndless(t, "deaf")
		p.Process.Signal(first)
		if got := status(t, p); got != statusInterrupted {
			t.Errorf("deaf, %v: status %d", first, got)
		}
		p, lines := startEndless(t, "hearing")
		p.Process.Signal(first)
		if !lines.Scan() || lines.Text() != "heard" {
			t.Errorf("hearing, %v: %q", first, lines.Text())
		}
		p.Process.Signal(os.Interrupt)
		if got := status(t, p); got != statusInterrupted {
			t.Errorf("hearing, %v: status %d", first, got)
		}
	}
}

// TestSignalsThatRepeat: what comes several times for one reason does not end work that is being ended well, and SIGHUP does not count
// after nohup. What lives on is killed, which is status -1.
func TestSignalsThatRepeat(t *testing.T) {
	for _, signal := range stopSignals {
		if urgent(signal) || ignored(signal) {
			continue
		}
		p, lines := startEndless(t, "hearing")
		p.Process.Signal(signal)
		lines.Scan()
		p.Process.Signal(signal)
		time.Sleep(50 * time.Millisecond)
		p.Process.Kill()
		if got := status(t, p); got != -1 {
			t.Errorf("%v twice: status %d", signal, got)
		}
	}
	p, lines := startEndless(t, "nohup", "hearing")
	p.Process.Signal(stopSignals[2])
	time.Sleep(50 * time.Millisecond)
	p.Process.Kill()
	if lines.Scan() {
		t.Errorf("after nohup, %v: %q", stopSignals[2], lines.Text())
	}
	status(t, p)
}

// ignored is as after nohup, which tests may be run by.
func ignored(s os.Signal) bool { return signal.Ignored(s) }

// startEndless starts a program of TestMain, which says when it has started.
func startEndless(t *testing.T, name string, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	p := exec.Command(name, args...)
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "started" {
		t.Fatalf("%s: %q", name, lines.Text())
	}
	return p, lines
}

// TestInterruptedFetch: what came is kept, and the hint says so.
func TestInterruptedFetch(t *testing.T) {
	sent, over := make(chan bool), make(chan bool)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.Write(make([]byte, 100))
		w.(http.Flusher).Flush()
		close(sent)
		<-over
	}))
	defer server.Close()
	defer close(over)
	p := start(t, t.TempDir(), "data", "fetch", "fashion-mnist", "-dir", "d", "-url", server.URL)
	<-sent
	p.Process.Signal(os.Interrupt)
	if got := status(t, p.Cmd); got != statusInterrupted {
		t.Errorf("status %d", got)
	}
	if want := "noiseprobe: data fetch fashion-mnist: interrupted\nhint: the same command again fetches the rest\n"; p.stderr.String() != want {
		t.Errorf("standard error: %q", p.stderr.String())
	}
}
