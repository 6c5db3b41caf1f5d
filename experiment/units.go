package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

// unitSet says whose gradients are recorded: samples, or disjoint ghost batches.
type unitSet struct {
	kind       string // probe.UnitSample or probe.UnitGhostBatch
	size       int    // samples in a unit
	samples    []int  // of the units one after another
	population int    // units that could have been recorded
}

// unitSize is the number of samples in a unit of a kind, given the size of ghost batches.
func unitSize(unit string, ghost int) int {
	if unit == probe.UnitGhostBatch {
		return ghost
	}
	return 1
}

// pickUnits draws units of the n samples of a set: samples in ascending order, or ghost batches of a random partition of the set; all
// of them where fewer than units are there.
func pickUnits(root uint64, n, units int, kind string, size int) (unitSet, error) {
	s := unitSet{kind: kind, size: size, population: n / size}
	if s.population < 2 {
		return s, fmt.Errorf("-ghost %d: the %d training samples make %d ghost batches, and a covariance needs at least 2", size, n, s.population)
	}
	s.samples = make([]int, size*min(units, s.population))
	noise.Subset(seed.New(root, "units"), n, s.samples)
	if kind == probe.UnitSample {
		slices.Sort(s.samples)
	}
	return s, nil
}

func (s unitSet) n() int { return len(s.samples) / s.size }

// all is the population in words, and String the units.
func (s unitSet) all() string    { return s.inWords(s.population) }
func (s unitSet) String() string { return s.inWords(s.n()) }

func (s unitSet) inWords(n int) string {
	if s.kind == probe.UnitSample {
		return fmt.Sprintf("%d samples", n)
	}
	return fmt.Sprintf("%d ghost batches of %d", n, s.size)
}

// meta describes the units. The index of a ghost batch is its number.
func (s unitSet) meta(step int) probe.Meta {
	m := probe.Meta{Step: step, Unit: s.kind, UnitSize: s.size, Population: s.population, Index: s.samples}
	if s.kind == probe.UnitGhostBatch {
		m.Index = make([]int, s.n())
		for u := range m.Index {
			m.Index[u] = u
		}
	}
	return m
}

// ghostBatches are the lists of samples of all units.
func (s unitSet) ghostBatches() [][]int {
	return slices.Collect(slices.Chunk(s.samples, s.size))
}

// record passes the units through a network and fills a record that is empty.
func (s unitSet) record(m *train.Model, data train.Data, r *probe.Record) error {
	if s.kind == probe.UnitGhostBatch {
		return m.RecordGhostBatches(r, data, s.ghostBatches())
	}
	return m.RecordSamples(r, data, s.samples)
}

// recordTo records the gradients straight into a file, whatever they take, and returns them, to be read from it and closed.
func (s unitSet) recordTo(path string, m *train.Model, data train.Data, step int) (*probe.Gradients, error) {
	r, err := probe.CreateRecord(path, s.meta(step), s.n(), m.Forms(s.size))
	if err != nil {
		return nil, err
	}
	if err := s.record(m, data, r); err != nil {
		r.Abort()
		return nil, err
	}
	return r.Finish()
}

// recordUnits returns the gradients of units, in memory.
func (s unitSet) recordUnits(m *train.Model, data train.Data, step int) (*probe.Gradients, error) {
	if s.kind == probe.UnitSample {
		return m.Record(data, s.samples, s.meta(step))
	}
	r := probe.NewRecord(s.meta(step), s.n(), m.Forms(s.size))
	if err := s.record(m, data, r); err != nil {
		return nil, err
	}
	return r.Finish()
}

// gradients returns the gradients of units in memory, or where that has no room for them by way of a temporary file, which remove removes.
func (s unitSet) gradients(m *train.Model, data train.Data, spool bool) (g *probe.Gradients, remove func() error, err error) {
	if !spool {
		g, err = s.recordUnits(m, data, 0)
		return g, func() error { return nil }, err
	}
	dir, err := scratch("noiseprobe-gradients-*")
	if err != nil {
		return nil, nil, err
	}
	if g, err = s.recordTo(dir+"/gradients.safetensors", m, data, 0); err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return g, func() error { return errors.Join(g.Close(), os.RemoveAll(dir)) }, nil
}

// scratch makes a directory for what has no room in memory: among temporary files, or in the current directory where there is no place for these, as in the
// root of a container that has nothing but this program.
func scratch(pattern string) (string, error) {
	dir, err := os.MkdirTemp("", pattern)
	if errors.Is(err, fs.ErrNotExist) {
		dir, err = os.MkdirTemp(".", "."+pattern)
	}
	if err != nil {
		err = fmt.Errorf("%w; $TMPDIR may name a directory for temporary files", err)
	}
	return dir, err
}
