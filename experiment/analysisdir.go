package experiment

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/filekind"
)

// isAnalysis reports whether a directory has the report of gradients that belong to no run: report.json, report.html and figures/ are all
// that is in it.
func (d Directory) isAnalysis() bool {
	rep, err := report.Read(d.ReportPath())
	return err == nil && rep.Analysis != nil
}

// holds reports whether a directory has files whose names match the pattern.
func (d Directory) holds(pattern string) bool {
	found, err := fs.Glob(os.DirFS(string(d)), pattern)
	return err == nil && len(found) > 0
}

// beganAnalysis reports whether a directory has what a process has left that was killed while it wrote an analysis there: the page, which
// is the first file, and no report.json, which is the last.
func (d Directory) beganAnalysis() bool {
	_, err := os.Lstat(d.ReportPath())
	f, _, opened := filekind.Open(d.HTMLPath())
	if !errors.Is(err, fs.ErrNotExist) || opened != nil || d.isRun() {
		return false
	}
	defer f.Close()
	begin := make([]byte, 512)
	n, _ := io.ReadFull(f, begin)
	return bytes.Contains(begin[:n], []byte("<title>noiseprobe: "))
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
	if err != nil || len(entries) == 0 {
		return err
	}
	ours := Directory(s.Out).isAnalysis() || Directory(s.Out).beganAnalysis()
	switch {
	case !s.Force:
		return &ExistsError{s.Out, !ours}
	case !ours:
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
