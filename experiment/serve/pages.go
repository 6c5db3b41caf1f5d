package serve

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/live"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
)

var (
	//go:embed pages.html
	pagesSource string
	//go:embed live.css
	styleSource string
	//go:embed live.js
	scriptSource string
)

var script = template.JS(scriptSource)

var templates = template.Must(template.New("pages").Parse(pagesSource))

// shown is what every page of the server has.
type shown struct {
	Title   string
	Style   template.CSS
	Script  template.JS
	Content any
	// Data is for the script.
	Data any
	// Again has the page loaded again after a while.
	Again bool
}

var style = document.Style + template.CSS(styleSource)

// show writes a page of its own.
func show(w http.ResponseWriter, name string, page shown) error {
	page.Style, page.Script = style, script
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, page); err != nil {
		return err
	}
	writePage(w, b.Bytes())
	return nil
}

// writePage sends a page; whether it arrives is no concern of the server.
func writePage(w http.ResponseWriter, page []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page)
}

// line is a run on a page with curves.
type line struct {
	Name string    `json:"name"`
	Link string    `json:"link"`
	Tick live.Tick `json:"tick"`
}

// curves is what the script of a page starts from.
type curves struct {
	// Events is the address of the stream, empty for a page that stays as it is.
	Events string `json:"events,omitempty"`
	Runs   []line `json:"runs"`
}

// curvesOf reads the curves of runs by their identities.
func (s *Server) curvesOf(ids []string, most int) curves {
	all := s.watch(ids, "", most)
	fresh, cursor := s.next(all)
	c := curves{Events: "events?" + url.Values{"run": ids, "at": {cursor}}.Encode(), Runs: make([]line, len(ids))}
	for i, id := range ids {
		c.Runs[i] = line{Name: id, Link: "run?run=" + url.QueryEscape(id)}
		if p, ok := s.places.of(id); ok {
			c.Runs[i].Name = p.shown
		}
	}
	for _, n := range fresh {
		n.Tick.Reset = false
		c.Runs[n.Index].Tick = n.Tick
	}
	return c
}

// strip is the live part of the page of a run, before its report.
func strip(c curves, back bool) (template.HTML, error) {
	var b bytes.Buffer
	err := templates.ExecuteTemplate(&b, "strip", shown{Script: script, Content: back, Data: c})
	return template.HTML(b.String()), err
}

// pageOf is the page of a run as it stands: its report, or what is known before there is one. Failure says what of the run is damaged.
func (s *Server) pageOf(p place, c curves, back bool, files string) (page []byte, failure string, err error) {
	r := s.looks.look(p.Dir)
	d, figures := documentOf(p, &r)
	if r.State == live.Damaged {
		c.Runs[0].Tick.State, c.Runs[0].Tick.Failure = r.State, r.Failure
	}
	if d.Top, err = strip(c, back); err != nil {
		return nil, "", err
	}
	d.Head, d.Files = template.HTML("<style>"+styleSource+"</style>"), files
	var b bytes.Buffer
	err = d.HTML(&b, figures)
	return b.Bytes(), r.Failure, err
}

// documentOf is the report of a run. Where it cannot be read the run is damaged, unless it goes on and is about to write another.
func documentOf(p place, r *live.Run) (document.Document, []figure.Figure) {
	if r.Reported && r.State != live.Damaged {
		rep, figures, err := experiment.Directory(p.Dir).Reported()
		if err == nil {
			return report.Page(rep), figures
		}
		if r.State != live.Running {
			r.State, r.Failure = live.Damaged, err.Error()
		}
	}
	return unreported(p, *r), nil
}

// unreported is the page of a run that has no report yet.
func unreported(p place, r live.Run) document.Document {
	d := document.Document{Title: p.shown, Subtitle: r.Settings()}
	state := document.Section{ID: "state", Title: "No report yet", Lines: []string{"The report is written when training is over, or interrupted."}}
	switch r.State {
	case live.Damaged, live.Deleted:
		state = document.Section{ID: "state", Title: "This run is " + r.State, Notes: []string{r.Failure}}
	case live.Interrupted:
		state.Lines = []string{"This run was interrupted or killed; noiseprobe run -resume goes on with it."}
	}
	d.Sections = []document.Section{state}
	if t := evaluations(p.Dir); t != nil {
		d.Sections = append(d.Sections, document.Section{ID: "evaluations", Title: "Evaluations so far", Table: t})
	}
	return d
}

// evaluations is the last rows of metrics.csv.
func evaluations(dir string) *document.Table {
	const most = 20
	if checkLinks(dir) != nil {
		return nil
	}
	metrics, err := report.ReadMetrics(experiment.Directory(dir).MetricsPath())
	if err != nil || len(metrics) == 0 {
		return nil
	}
	t := &document.Table{Header: []string{"step", "epoch", "train loss", "test loss", "test accuracy", "learning rate"}}
	for _, m := range slices.Backward(metrics[max(0, len(metrics)-most):]) {
		t.Add(document.Whole(m.Step), document.Whole(m.Epoch), document.Significant(m.TrainLoss), document.Significant(m.TestLoss),
			document.Percent(estimate.Number(m.TestAccuracy)), document.Plain(m.LearningRate))
	}
	return t
}

func (s *Server) run(w http.ResponseWriter, r *http.Request) error {
	id := r.URL.Query().Get("run")
	p, ok := s.places.of(id)
	if !ok || p.Sweep {
		return missingError(fmt.Sprintf("there is no run %q: it may have been deleted", id))
	}
	page, _, err := s.pageOf(p, s.curvesOf([]string{id}, mostPoints), true, "figure?run="+url.QueryEscape(id)+"&name=")
	if err != nil {
		return err
	}
	writePage(w, page)
	return nil
}

func (s *Server) overlay(w http.ResponseWriter, r *http.Request) error {
	ids := r.URL.Query()["run"]
	if len(ids) == 0 || len(ids) > mostOverlaid {
		return missingError(fmt.Sprintf("curves are shown of 1 to %d runs, and %d were asked for", mostOverlaid, len(ids)))
	}
	return show(w, "overlay", shown{Title: "Curves of " + document.Plural(len(ids), "run"), Data: s.curvesOf(ids, max(40, mostPoints/len(ids)))})
}

// figure is the numbers or the drawing of a figure.
func (s *Server) figure(w http.ResponseWriter, r *http.Request) error {
	p, ok := s.places.of(r.URL.Query().Get("run"))
	name, kind, _ := strings.Cut(r.URL.Query().Get("name"), ".")
	if !ok || p.Sweep || checkLinks(p.Dir) != nil {
		return missingError("there is no such run")
	}
	_, figures, err := experiment.Directory(p.Dir).Reported()
	if err != nil {
		return missingError(err.Error())
	}
	at := slices.IndexFunc(figures, func(f figure.Figure) bool { return f.Name == name })
	write := map[string]struct {
		kind  string
		write func(figure.Figure, io.Writer) error
	}{
		"csv": {"text/csv; charset=utf-8", figure.Figure.WriteCSV},
		"svg": {"image/svg+xml", figure.Figure.WriteSVG},
	}[kind]
	if at < 0 || write.write == nil {
		return missingError("there is no such figure")
	}
	w.Header().Set("Content-Type", write.kind)
	w.Header().Set("Content-Disposition", "inline; filename="+name+"."+kind)
	return write.write(figures[at], w)
}

// swept is what the page of a sweep shows.
type swept struct {
	*sweep.Summary
	Varying []string
	Points  [][]string
	Runs    []row
	All     string
	Left    string
}

func (s *Server) sweep(w http.ResponseWriter, r *http.Request) error {
	id := r.URL.Query().Get("dir")
	p, ok := s.places.of(id)
	if !ok || !p.Sweep {
		return missingError(fmt.Sprintf("there is no sweep %q", id))
	}
	summary, err := s.sweeps.of(r.Context(), p.Dir, s.Flags)
	if err != nil {
		return err
	}
	page := swept{Summary: summary, Varying: summary.Varying, Points: pointsOf(summary)}
	if summary.SecondsLeft.Defined() {
		page.Left = duration(float64(summary.SecondsLeft))
	}
	all := url.Values{}
	for _, run := range summary.Runs {
		of := row{Name: run.Name, State: run.State, Failure: run.Failure, Step: document.Undefined, Loss: document.Undefined, Accuracy: document.Undefined}
		if at, there := s.places.of(id + "/" + run.Name); there {
			of = rowOf(at, s.looks.look(at.Dir))
			of.Name = run.Name
			all.Add("run", of.ID)
		}
		page.Runs = append(page.Runs, of)
	}
	if n := len(all["run"]); n > 0 && n <= mostOverlaid {
		page.All = "overlay?" + all.Encode()
	}
	return show(w, "sweep", shown{Title: p.shown, Content: page, Again: summary.Active})
}

// pointsOf is a row for each point of the grid: its settings, then statistics over seeds.
func pointsOf(summary *sweep.Summary) [][]string {
	var rows [][]string
	for _, point := range summary.Points {
		var cells []string
		for _, flag := range summary.Varying {
			cells = append(cells, point.Settings[flag])
		}
		a, l, c := point.TestAccuracy, point.TestLoss, point.ConvergenceTime
		cells = append(cells, document.Whole(point.Runs), document.Whole(a.N), document.Percent(a.Mean), document.Percent(a.SD),
			document.Number(l.Mean), document.Number(l.SD), document.Number(c.Mean), document.Number(c.SD), document.Whole(point.Diverged))
		rows = append(rows, cells)
	}
	return rows
}
