package experiment

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// once is a run that many tests read and none may change: it is made by the first that asks.
type once struct {
	settings func() Config
	make     sync.Once
	rep      *report.Report
	dir      Directory
	err      error
}

var smallOnce, leastOnce, imagesOnce = &once{settings: small}, &once{settings: least}, &once{settings: smallImages}

// finished is the run, in a folder that is there until all tests are over.
func (o *once) finished(t *testing.T) (*report.Report, Directory) {
	t.Helper()
	o.make.Do(func() {
		dir, err := os.MkdirTemp(finishedRuns, "")
		if o.err = err; err == nil {
			o.rep, o.dir, o.err = Run(context.Background(), o.settings(), filepath.Join(dir, "run"), false, Observer{})
		}
	})
	if o.err != nil {
		t.Fatal(o.err)
	}
	return o.rep, o.dir
}

// copied is the run in a folder of the test's own, which may be changed.
func (o *once) copied(t *testing.T) (*report.Report, Directory) {
	t.Helper()
	rep, dir := o.finished(t)
	return rep, copyOf(t, dir)
}

var finishedRuns string

func TestMain(m *testing.M) {
	var err error
	if finishedRuns, err = os.MkdirTemp("", "noiseprobe-test-"); err != nil {
		panic(err)
	}
	status := m.Run()
	os.RemoveAll(finishedRuns)
	os.Exit(status)
}
