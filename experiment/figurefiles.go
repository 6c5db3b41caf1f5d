package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/report"
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
			if name == report.CurvatureFigure { // directories of earlier versions have none
				f, err = report.Curvature(rep), nil
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
