package experiment

import (
	"fmt"
	"os"

	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
)

// isAnalysis reports whether a directory has the report of gradients that belong to no run: report.json, report.html and figures/ are all
// that is in it.
func (d Directory) isAnalysis() bool {
	rep, err := report.Read(d.ReportPath())
	return err == nil && rep.Analysis != nil
}

// checkOut refuses a directory that the report cannot be written to: before the analysis, not after it.
func (s GradientSettings) checkOut() error {
	if s.Out == "" {
		return nil
	}
	taken, err := atomicfile.DirTaken(s.Out)
	if err != nil || !taken {
		return err
	}
	entries, err := os.ReadDir(s.Out)
	switch {
	case err != nil:
		return err
	case len(entries) == 0:
		return nil
	case !s.Force:
		return &ExistsError{s.Out}
	case !Directory(s.Out).isAnalysis():
		return fmt.Errorf("%s: is not the directory of an analysis, and -force does not replace it", s.Out)
	}
	return nil
}

// write writes the report where it was asked for.
func (s GradientSettings) write(rep *report.Report, figures []figure.Figure) error {
	if s.Out == "" {
		return nil
	}
	if err := s.checkOut(); err != nil {
		return err
	}
	d := Directory(s.Out)
	// What an earlier analysis wrote goes first, its report.json before the rest: a directory with a report has all of it.
	for _, path := range []string{d.ReportPath(), d.HTMLPath(), d.FiguresPath()} {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	rep.Files = figureFiles(figures)
	return publish(d, rep, figures, Drawing{})
}
