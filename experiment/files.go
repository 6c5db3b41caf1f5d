package experiment

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/probe"
)

// FileSettings says how gradients in files are analysed.
type FileSettings struct {
	GradientSettings
	// Population is N, the number of units that could have been recorded; 0 leaves it to what the files say of it, if anything. So do a
	// nil Step, an empty Unit, and UnitSize and Parameters of 0: P is needed where only inner products are known.
	Population int
	Step       *int
	Unit       string
	UnitSize   int
	Parameters int
	// Diagonal, if not empty, is the .npy that the variance of every parameter's gradient is written to; one that exists is an
	// [*ExistsError] without Force.
	Diagonal string
	// Memory is what the analysis may take, in bytes.
	Memory int64
}

// DefaultFileSettings returns the settings of an analysis without flags.
func DefaultFileSettings() FileSettings {
	return FileSettings{GradientSettings: DefaultGradientSettings(), Memory: 1 << 30}
}

func (s FileSettings) check() error {
	if err := checkRules([]rule{
		{s.Population >= 0, fmt.Sprintf("-population %d: must be at least 2", s.Population)},
		{s.Step == nil || *s.Step >= 0, "-step: must not be negative"},
		{s.UnitSize >= 0, fmt.Sprintf("-unit-size %d: must be at least 1", s.UnitSize)},
		{s.Parameters >= 0, fmt.Sprintf("-parameters %d: must be at least 1", s.Parameters)},
		{s.Memory > 0, fmt.Sprintf("-memory %d: must be positive", s.Memory)},
	}); err != nil {
		return err
	}
	if s.Unit != "" {
		if err := checkName("unit", s.Unit, []string{probe.UnitSample, probe.UnitGhostBatch}); err != nil {
			return err
		}
	}
	if err := checkDiagonal(s.Diagonal, s.Force); err != nil {
		return err
	}
	return s.checkOut()
}

// AnalyseFiles describes the gradients in files, which [probe.Open] reads, and direct draws ([probe.ReadDraws]) beside them. Files whose
// metadata name different steps are checkpoints of one training.
func AnalyseFiles(paths []string, s FileSettings, o Observer) (*report.Report, []figure.Figure, error) {
	if err := s.check(); err != nil {
		return nil, nil, err
	}
	release, err := LockAround(o, s.Diagonal, s.Out)
	if err != nil {
		return nil, nil, err
	}
	defer release()
	machine := Machine{BLAS: gemm.Auto}
	if err := machine.Check(); err != nil {
		return nil, nil, err
	}
	all, err := recordings(paths, s.Step, o)
	if err != nil {
		return nil, nil, err
	}
	if s.Diagonal != "" && (len(all) > 1 || all[0].paths == nil) {
		return nil, nil, fmt.Errorf("-diagonal %s: is for the gradients of one checkpoint", s.Diagonal)
	}
	f := fileStudy{FileSettings: s, study: study{source: paths}, observer: o, several: len(all) > 1}
	defer f.close()
	if err := f.readDraws(all); err != nil {
		return nil, nil, err
	}
	for i, r := range all {
		if i > 0 {
			o.progress("analysing", i, len(all))
		}
		if err := f.analyse(r, machine); err != nil {
			return nil, nil, err
		}
	}
	rep, figures := f.conclude()
	return rep, figures, s.write(rep, figures)
}

// fileStudy is the study of checkpoints in files.
type fileStudy struct {
	study
	FileSettings
	observer Observer
	// several says that there are checkpoints to be compared.
	several bool
	before  trailOf
}

// close closes the files that are still open.
func (f *fileStudy) close() {
	if f.before.files != nil {
		f.before.files.Close()
	}
}

// analyse describes a checkpoint. Its files stay open for the next one to be compared with.
func (f *fileStudy) analyse(r recording, machine Machine) error {
	if r.paths == nil {
		f.settings = f.GradientSettings
		f.add(nil, r.draws, nil)
		return nil
	}
	files, err := f.open(r)
	if err != nil {
		return err
	}
	before := f.before.files
	defer func() {
		if before != nil {
			before.Close()
		}
		f.before.files = files
	}()
	if err := f.resolveOnce(files); err != nil {
		return err
	}
	if err := machine.Use(); err != nil {
		return err
	}
	showReading(files, f.observer)
	units, err := reduce(&files.Gradients, f.Seed)
	if err != nil {
		return err
	}
	showReading(files, Observer{}) // what is read again is not counted
	if err := f.sameTraining(r, units); err != nil {
		return err
	}
	c := f.add(units, r.draws, nil)
	if !files.Explicit() {
		c.Warnings = append(c.Warnings, gramWarning)
	}
	if f.Diagonal != "" {
		if err := writeDiagonal(f.Diagonal, f.Force, &files.Gradients); err != nil {
			return err
		}
	}
	if f.several {
		c.Overlap, err = f.before.overlap(files, units)
	}
	return err
}

// sameTraining refuses a checkpoint of another network than that of the one before, or of other units.
func (f *fileStudy) sameTraining(r recording, u *probe.Units) error {
	if len(f.checkpoints) == 0 {
		return nil
	}
	c := f.checkpoints[len(f.checkpoints)-1]
	switch {
	case c.Units == 0: // draws alone
		return nil
	case c.Parameters > 0 && u.Parameters > 0 && int(c.Parameters) != u.Parameters:
		return fmt.Errorf("%s: has %d parameters, but step %d has %d: files whose steps differ are checkpoints of one training", r.paths[0], u.Parameters, c.Step, c.Parameters)
	case c.Unit != u.Unit || c.UnitSize != u.UnitSize:
		return fmt.Errorf("%s: has gradients of one %s of %d each, but step %d of one %s of %d: checkpoints of one training have the same unit", r.paths[0],
			u.Unit, u.UnitSize, c.Step, c.Unit, c.UnitSize)
	}
	return nil
}

// resolveOnce fills in what was not given for the first checkpoint, and checks the others against it.
func (f *fileStudy) resolveOnce(files *probe.Files) error {
	if f.checkpoints != nil && f.settings.Batch > 0 {
		_, err := f.settings.resolveFor(files.Meta, files.Units())
		return err
	}
	s, err := f.resolveFor(files.Meta, files.Units())
	f.settings = s
	return err
}

// gramWarning says what inner products do not show.
const gramWarning = "the gradients of some layers are known by their inner products alone: what needs single parameters or fixed directions is not " +
	"available, such as the scale artefact, random directions, and the eigenvalues that independent parameters would give"

// open opens the files of a checkpoint; settings go over what they say.
func (f *fileStudy) open(r recording) (*probe.Files, error) {
	files, err := probe.Open(r.paths, float64(f.Memory))
	if errors.Is(err, probe.ErrMemory) {
		return nil, fmt.Errorf("-memory %s: %w", formatBytes(float64(f.Memory)), err)
	}
	if err != nil {
		return nil, err
	}
	if err := f.settle(files, r); err != nil {
		files.Close()
		return nil, err
	}
	return files, nil
}

func (f *fileStudy) settle(files *probe.Files, r recording) error {
	if r.step != nil {
		files.Step = *r.step
	}
	files.Meta.Unit, files.UnitSize = cmp.Or(f.Unit, files.Meta.Unit), cmp.Or(f.UnitSize, files.UnitSize)
	files.Population = cmp.Or(f.Population, files.Population)
	if f.Population > 0 && f.Population < files.Units() {
		return fmt.Errorf("-population %d is below the %d gradients", f.Population, files.Units())
	}
	if files.Population > 0 && files.Population < files.Units() {
		return fmt.Errorf("%s: says a population of %d, below its %d gradients", r.paths[0], files.Population, files.Units())
	}
	if f.Parameters > 0 {
		if err := files.SetParameters(f.Parameters); err != nil {
			return fmt.Errorf("-%w", err)
		}
	}
	if f.Diagonal != "" && !files.Explicit() {
		return fmt.Errorf("-diagonal %s: inner products do not show the variances of parameters", f.Diagonal)
	}
	if err := r.settleDraws(files); err != nil {
		return err
	}
	if need := f.memoryOf(files); need > float64(f.Memory) {
		return fmt.Errorf("-memory %s: the analysis of %d gradients by %d parameters needs about %s", formatBytes(float64(f.Memory)),
			files.Units(), files.Parameters(), formatBytes(need))
	}
	return nil
}

// memoryOf is about what an analysis takes: what is read when files are opened, the blocks of the largest layer, what every
// parameter leaves, the random directions and a copy of the variances among that, and n×n matrices: the Gram matrix, a copy that
// becomes reflections, its eigenvectors and what they are made in, a quarter each for one half of the units and its
// eigenvectors, and resampled minibatches. What the checkpoint before has in memory comes to that, and a half of it all for what is no longer
// used but not yet collected, and the program itself.
func (f *fileStudy) memoryOf(files *probe.Files) float64 {
	n, p := float64(files.Units()), float64(files.Parameters())
	blocks, kept := 0.0, (4*randomDirections+8)*p
	if !files.Explicit() {
		kept = 0
	}
	if f.before.files != nil {
		kept += f.before.files.LoadedBytes
	}
	for _, l := range files.Layers {
		if s, ok := l.(*probe.Streamed); ok {
			blocks = max(blocks, s.BlockBytes())
			kept += s.KeptBytes()
		}
	}
	return float64(1.5*(files.LoadedBytes+kept+max(blocks, 8*(float64(5*n*n)+float64(4*512*n))))) + 32<<20
}

// showReading tells the observer how much of the streamed layers has been read.
func showReading(f *probe.Files, o Observer) {
	const million = 1_000_000
	done, total := 0, 0
	for _, l := range f.Layers {
		if s, ok := l.(*probe.Streamed); ok {
			total += s.Units() * s.Parameters()
			s.Progress = func(numbers int) {
				if done == total { // it is read again
					done = 0
				}
				done += numbers
				o.progress("reading millions of numbers:", done/million, total/million)
			}
		}
	}
}
