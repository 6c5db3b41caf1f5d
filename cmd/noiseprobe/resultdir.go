package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
)

// resultDir is where a result goes: standard output, and a directory with NAME.html, a page with figures, the figures, and NAME.json, the
// numbers.
type resultDir struct {
	out         string
	force, json bool
	drawingOptions
}

func (d *resultDir) define(f *flags) {
	f.StringVar(&d.out, "out", "", "`DIR` directory to write: a page with figures, the figures, and the numbers")
	f.BoolVar(&d.force, "force", false, "replace files that exist")
	d.drawingOptions.define(f)
	f.BoolVar(&d.json, "json", false, "print the result as JSON instead of text")
}

// claim refuses a directory that is taken, and holds it.
func (d *resultDir) claim() (release func(), err error) {
	if err := d.check("out"); err != nil {
		return nil, err
	}
	if d.out == "" {
		return func() {}, nil
	}
	taken, err := atomicfile.DirTaken(d.out)
	switch {
	case err != nil:
		return nil, fmt.Errorf("-out %w", err)
	case taken && !d.force:
		return nil, &hintError{fmt.Errorf("-out %s: already exists", d.out), "-force replaces its files"}
	}
	return experiment.LockAround(experiment.Observer{}, d.out)
}

// print writes the directory, if there is to be one, and prints the result.
func (d *resultDir) print(s *session, name string, result any, page document.Document, figures []figure.Figure) error {
	if err := d.write(s, name, result, page, figures); err != nil {
		return err
	}
	if d.json {
		return s.printJSON(result)
	}
	return page.Text(s.stdout, s.width)
}

// write makes the directory.
func (d *resultDir) write(s *session, name string, result any, page document.Document, figures []figure.Figure) error {
	if d.out == "" {
		return nil
	}
	dir := filepath.Join(d.out, "figures")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := d.Drawing.Write(dir, figures); err != nil {
		return err
	}
	if err := atomicfile.WriteJSON(filepath.Join(d.out, name+".json"), result); err != nil {
		return err
	}
	page.Files = "figures/"
	path := filepath.Join(d.out, name+".html")
	err := atomicfile.Write(path, func(w io.Writer) error { return page.HTML(w, figures) })
	if err == nil {
		s.say("wrote %s", path)
	}
	return err
}
