package experiment

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
)

// figureName is the path of a figure's numbers in the directory of a report, with slashes.
func figureName(name string) string { return "figures/" + name + ".csv" }

// figureFiles lists the numbers of figures beside the other files of a report.
func figureFiles(figures []figure.Figure) (files []report.File) {
	for _, f := range figures {
		files = append(files, report.File{Name: figureName(f.Name), Checksum: report.FigureChecksum(f)})
	}
	return files
}

// readFigures reads the figures of a report, whose numbers must be those that it was written with. A report of an earlier version does not
// say what these were.
func (d Directory) readFigures(rep *report.Report) ([]figure.Figure, error) {
	var figures []figure.Figure
	for _, name := range report.FigureNames() {
		path, want := filepath.Join(d.FiguresPath(), name+".csv"), rep.Checksum(figureName(name))
		f, err := report.ReadFigure(path)
		if errors.Is(err, fs.ErrNotExist) && want == "" {
			if later, ok := report.LaterFigure(rep, name); ok {
				f, err = later, nil
			}
			if rep.Analysis != nil && len(f.Series) == 0 {
				continue // an analysis has those with data
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: is missing, and with it the numbers behind a figure: analyze makes them again from the gradients", path)
		}
		if err != nil {
			return nil, err
		}
		if want != "" && report.FigureChecksum(f) != want {
			return nil, fmt.Errorf("%s: is not what was written with %s: it has changed since, or is damaged", path, d.ReportPath())
		}
		figures = append(figures, f)
	}
	return figures, nil
}

// Reported is the report of a run and its figures as they were written. It changes nothing, and leaves the records that the report was made
// from alone.
func (d Directory) Reported() (*report.Report, []figure.Figure, error) {
	rep, err := report.Read(d.ReportPath())
	if err != nil {
		return nil, nil, err
	}
	figures, err := d.readFigures(rep)
	return rep, report.WithFindings(rep, figures), err
}

// Drawing says how figures are drawn.
type Drawing struct {
	// Width is that of a figure in inches, 0 for the usual one.
	Width float64
	// PNG and PDF ask for files of these kinds, beside SVG.
	PNG, PDF bool
}

// FigureFile is a file of a figure, whose name ends in Ending.
type FigureFile struct {
	Ending string
	Write  func(io.Writer) error
}

// Files are those of a figure: its numbers, and a drawing of each kind.
func (r Drawing) Files(f figure.Figure) []FigureFile {
	f.Width = r.Width
	files := []FigureFile{{".csv", f.WriteCSV}, {".svg", f.WriteSVG}}
	if r.PNG {
		files = append(files, FigureFile{".png", f.WritePNG})
	}
	if r.PDF {
		files = append(files, FigureFile{".pdf", f.WritePDF})
	}
	return files
}

// Write writes the files of figures to a directory.
func (r Drawing) Write(dir string, figures []figure.Figure) error {
	for _, f := range figures {
		for _, file := range r.Files(f) {
			if err := atomicfile.Write(filepath.Join(dir, f.Name+file.Ending), file.Write); err != nil {
				return err
			}
		}
	}
	return nil
}
