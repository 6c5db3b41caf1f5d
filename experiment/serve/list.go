package serve

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"runtime"
	"time"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/experiment/live"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// row is a line of the list of runs.
type row struct {
	ID, Name, Link, State, Failure, Settings string
	Step, Loss, Accuracy, Left               string
	// Share is how much of the training is over, in percent.
	Share int
}

// listed is what the list shows.
type listed struct {
	Sweeps []row
	Runs   []row
}

func (s *Server) rows() listed {
	var l listed
	var runs []place
	for _, p := range s.places.all() {
		if p.Sweep {
			l.Sweeps = append(l.Sweeps, row{ID: p.id, Name: p.shown, Link: "sweep?dir=" + url.QueryEscape(p.id)})
		} else {
			runs = append(runs, p)
		}
	}
	l.Runs = make([]row, len(runs))
	parallel.Run(runtime.GOMAXPROCS(0), len(runs), func(i int) { l.Runs[i] = rowOf(runs[i], s.looks.look(runs[i].Dir)) })
	return l
}

// rowOf puts how a run stands into words.
func rowOf(p place, r live.Run) row {
	line := row{
		ID: p.id, Name: p.shown, Link: "run?run=" + url.QueryEscape(p.id), State: r.State, Failure: r.Failure, Settings: r.Settings(),
		Step: document.Whole(r.Step), Loss: document.Undefined, Accuracy: document.Undefined,
	}
	if r.Steps > 0 {
		line.Step += " / " + document.Whole(r.Steps)
		line.Share = 100 * min(r.Step, r.Steps) / r.Steps // in this order nothing overflows
	}
	if r.Last != nil {
		line.Loss, line.Accuracy = document.Significant(r.Last.TestLoss), document.Percent(estimate.Number(r.Last.TestAccuracy))
	}
	if left, known := r.Left(); known {
		line.Left = duration(left)
	}
	return line
}

// duration is a time in words, to what is worth knowing.
func duration(seconds float64) string {
	switch d := time.Duration(seconds * float64(time.Second)); {
	case seconds > 100*24*3600:
		return "months"
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24+0.5))
	case d >= time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%d s", int(d.Seconds()+0.5))
	}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) error {
	title := "Runs"
	if len(s.places.roots) == 1 {
		title = "Runs in " + filepath.Base(s.places.roots[0])
	}
	return show(w, "list", shown{Title: title, Content: s.rows()})
}

// rendered is a row as it is on the page.
func rendered(of row) string {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, "row", of); err != nil {
		return ""
	}
	return b.String()
}

// changes is a stream of the rows of the list that have changed, by their identities. After an interruption it begins with all.
func (s *Server) changes(w http.ResponseWriter, r *http.Request) error {
	stream, err := openStream(w)
	if err != nil {
		return err
	}
	before := map[string]string{}
	first := r.Header.Get("Last-Event-ID") == ""
	for n := 1; ; n++ {
		changed, now := map[string]string{}, map[string]string{}
		for _, line := range s.rows().Runs {
			now[line.ID] = rendered(line)
			if before[line.ID] != now[line.ID] && !first {
				changed[line.ID] = now[line.ID]
			}
		}
		for id := range before {
			if _, there := now[id]; !there {
				changed[id] = ""
			}
		}
		before, first = now, false
		if err := stream.send(changed, fmt.Sprint(n), len(changed) > 0); err != nil {
			return nil
		}
		if !pause(r.Context(), 2*s.Interval) {
			return nil
		}
	}
}
