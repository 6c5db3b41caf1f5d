package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// TestThirtyKills: a sweep of which thirty processes were killed, itself and its runs, at moments that a generator chose, ends in the
// comparison of one that nobody disturbed.
func TestThirtyKills(t *testing.T) {
	t.Parallel()
	numtest.NeedFull(t, "a sweep of which thirty processes are killed")
	dir := t.TempDir()
	sweep := func(out string) []string {
		return append([]string{"sweep", "-out", out}, strings.Fields("-data synthetic -model [8] -alpha 1,2 -batch 50 -steps 300 -units 16 -draws 4 "+
			"-eval 50 -checkpoints 0,100 -seeds 2 -blas builtin -workers 2 -jobs 2 -resamples 512")...)
	}
	began := time.Now()
	finish(t, dir, sweep("undisturbed")...)
	length := time.Since(began)
	moments := rand.New(rand.NewPCG(30, 1))
	var runs, sweeps int
	for runs+sweeps < 30 {
		p := start(t, dir, sweep("killed")...)
		over := make(chan error, 1)
		go func() { over <- p.Wait() }()
		ended := false
		for !ended && runs+sweeps < 30 {
			select {
			case <-over:
				ended = true
			case <-time.After(time.Duration(moments.Float64() * float64(length) / 6)):
				if victim := childOf(p.Process.Pid); victim != nil && moments.IntN(3) > 0 {
					victim.Kill() // the sweep goes on with the others
					runs++
				} else {
					p.Process.Kill()
					sweeps++
				}
			}
		}
		if !ended {
			p.Process.Kill()
			<-over
		}
	}
	t.Logf("killed %d runs and %d sweeps", runs, sweeps)
	finish(t, dir, sweep("killed")...)
	if a, b := comparison(t, dir, "undisturbed"), comparison(t, dir, "killed"); !bytes.Equal(a, b) {
		t.Errorf("undisturbed:\n%s\nkilled:\n%s", a, b)
	}
}

// childOf is a child of a process, nil where there is none or the system does not say.
func childOf(pid int) *os.Process {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return nil
	}
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if fields := strings.Fields(string(text)); err == nil && len(fields) > 0 {
			if child, err := strconv.Atoi(fields[0]); err == nil {
				p, _ := os.FindProcess(child)
				return p
			}
		}
	}
	return nil
}

// comparison is what compare says of a sweep, but for its name.
func comparison(t *testing.T, dir, name string) []byte {
	t.Helper()
	p := exec.Command("noiseprobe", "compare", name, "-json")
	p.Dir = dir
	text, err := p.Output()
	if err != nil {
		t.Fatalf("compare %s: %v", name, err)
	}
	return bytes.ReplaceAll(text, []byte(name+"/"), nil)
}
