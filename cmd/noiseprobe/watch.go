package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/live"
)

type watchOptions struct {
	once bool
}

func watchCommand() command {
	return command{
		name: "watch", args: "DIR", one: "directory",
		summary: "shows a run as it goes, in a terminal",
		detail: `Shows how far the run in DIR is, how long it takes, its losses as lines of small bars, and what it found once it has a report. On a
terminal that is shown again every second until the run is over. In a directory that is no run, all runs below it are listed.
Nothing is written. NO_COLOR, set to anything, leaves out colours.
`,
		example: `noiseprobe run -model '[16]' -data synthetic -steps 20 -out seen
noiseprobe watch seen`,
		define: func(f *flags) func(*session, []string) error {
			o := &watchOptions{}
			f.BoolVar(&o.once, "once", false, "show it once, as is done where standard output is no terminal")
			return func(s *session, dirs []string) error {
				info, err := os.Stat(dirs[0])
				switch {
				case err != nil:
					return err
				case !info.IsDir():
					return fmt.Errorf("%s: is not a directory", dirs[0])
				}
				return o.watch(s, dirs[0])
			}
		},
	}
}

func (o *watchOptions) watch(s *session, dir string) error {
	const least = 20 // columns; here nothing is in a table
	if o.once || !s.terminal {
		_, err := drawWatched(s.stdout, dir, columnsOf(os.Stdout, least), false)
		return err
	}
	screen, ok := s.stdout.(*printableWriter)
	if !ok {
		return nil
	}
	colour := os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	for lines := 0; ; {
		var b bytes.Buffer
		goesOn, err := drawWatched(&b, dir, columnsOf(os.Stdout, least), colour)
		if err != nil {
			return err
		}
		if lines > 0 {
			fmt.Fprintf(screen.to, "\x1b[%dA\x1b[J", lines) // up, and away with what was below
		}
		lines = bytes.Count(b.Bytes(), []byte("\n"))
		if _, err := screen.to.Write(b.Bytes()); err != nil {
			return err
		}
		if err := screen.to.Flush(); err != nil || !goesOn {
			return err
		}
		time.Sleep(time.Second)
	}
}

// drawWatched draws a run, or the runs below a directory, and reports whether any of them goes on. What is drawn has no characters that a
// terminal acts on, but for those of colours.
func drawWatched(w io.Writer, dir string, width int, colour bool) (goesOn bool, err error) {
	if run := live.Look(dir); run.State != live.Deleted {
		v := view{w, width, colour}
		return run.State == live.Running, v.run(run)
	}
	places := live.Find(dir)
	if len(places) == 0 {
		return false, fmt.Errorf("%s: is not a run directory, it has no run.json, and there is none below it", dir)
	}
	v := view{w, width, colour}
	for _, p := range places {
		if !p.Sweep {
			run := live.Look(p.Dir)
			v.line(p.Name, run)
			goesOn = goesOn || run.State == live.Running
		}
	}
	return goesOn, nil
}

// view draws in lines of so many columns.
type view struct {
	io.Writer
	width  int
	colour bool
}

// run draws a run.
func (v view) run(r live.Run) error {
	fmt.Fprintln(v, v.fit(filepath.Base(filepath.Clean(r.Dir))))
	fmt.Fprintln(v, v.fit(r.Settings()))
	v.paragraph(v.painted(r.State)+" "+strings.Join(progressWords(r), ", "), len(v.painted(r.State))-len(r.State))
	if r.Failure != "" {
		v.paragraph(printableLine(r.Failure), 0)
		return nil
	}
	if r.Steps > 0 {
		const most = 60
		wide := min(v.width, most)
		done := wide * min(r.Step, r.Steps) / r.Steps // in this order nothing overflows
		fmt.Fprintln(v, strings.Repeat("█", done)+strings.Repeat("░", wide-done))
	}
	tick, _ := live.NewFeed(r.Dir, live.Cursor{}, v.bars()).NextOf(r)
	v.curve("minibatch loss", tick.Loss, document.Significant)
	v.curve("training loss", tick.TrainLoss, document.Significant)
	v.curve("test loss", tick.TestLoss, document.Significant)
	v.curve("test accuracy", tick.Accuracy, func(x float64) string { return document.Percent(estimate.Number(x)) })
	if r.Reported {
		return v.findings(r.Dir)
	}
	return nil
}

// progressWords say how far a run is.
func progressWords(r live.Run) []string {
	words := []string{"at step " + document.Whole(r.Step)}
	if r.Steps > 0 {
		words[0] += " of " + document.Whole(r.Steps)
	}
	if r.Rate > 0 {
		words = append(words, document.Significant(r.Rate)+" steps/s")
	}
	if left, known := r.Left(); known {
		words = append(words, duration(left)+" left")
	}
	if n := len(r.Checkpoints); n > 0 {
		words = append(words, fmt.Sprintf("%s, the last at step %s", document.Plural(n, "checkpoint"), document.Whole(r.Checkpoints[n-1])))
	}
	return words
}

// findings are the headline numbers of the report.
func (v view) findings(dir string) error {
	rep, err := report.Read(experiment.Directory(dir).ReportPath())
	if err != nil {
		return err
	}
	for _, card := range report.Page(rep).Cards {
		document.Paragraphs(v, []string{fmt.Sprintf("%s: %s (%s)", card.Label, card.Value, card.Note)}, v.width, "")
	}
	return nil
}

// Columns of the name and the value of a curve.
const nameColumns, valueColumns = 15, 9

// bars is how many bars a line has room for.
func (v view) bars() int {
	if v.narrow() {
		return v.width
	}
	return min(60, v.width-nameColumns-valueColumns-1)
}

// narrow reports whether bars have no room beside the name and the value of a curve.
func (v view) narrow() bool { return v.width < nameColumns+valueColumns+12 }

// curve draws values as bars beside each other; the lowest is the lowest bar.
func (v view) curve(name string, points []live.Point, words func(float64) string) {
	if len(points) == 0 {
		return
	}
	last := points[len(points)-1].Value
	if v.narrow() {
		fmt.Fprintf(v, "%s\n%s\n", v.fit(name+" "+words(last)), sparkline(points))
		return
	}
	fmt.Fprintf(v, "%-*s%*s %s\n", nameColumns, name, valueColumns, words(last), sparkline(points))
}

// sparkline has a bar of eight heights for each point, and a blank where it is undefined.
func sparkline(points []live.Point) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	lo, hi, some := 0.0, 0.0, false
	for _, p := range points {
		if y := p.Value; estimate.Number(y).Defined() {
			if !some {
				lo, hi, some = y, y, true
			}
			lo, hi = min(lo, y), max(hi, y)
		}
	}
	var b strings.Builder
	for _, p := range points {
		switch {
		case !estimate.Number(p.Value).Defined():
			b.WriteByte(' ')
		case hi/2 == lo/2:
			b.WriteRune(bars[0])
		default:
			height := (p.Value/2 - lo/2) / (hi/2 - lo/2) // halves do not overflow
			b.WriteRune(bars[int(height*float64(len(bars)-1)+0.5)])
		}
	}
	return b.String()
}

// line is a run among others.
func (v view) line(name string, r live.Run) {
	const stateColumns, stepColumns, lossColumns, nameAtLeast = 12, 16, 8, 20
	steps := document.Whole(r.Step)
	if r.Steps > 0 {
		steps += "/" + document.Whole(r.Steps)
	}
	loss := document.Undefined
	if r.Loss != nil {
		loss = document.Significant(r.Loss.Value)
	}
	room := v.width - stateColumns - stepColumns - lossColumns - 1
	if room < nameAtLeast { // the name has a line of its own
		fmt.Fprintln(v, v.fit(name))
		v.paragraph(fmt.Sprintf("%s %s %s", v.painted(r.State), steps, loss), len(v.painted(r.State))-len(r.State))
		return
	}
	state := v.painted(r.State) + strings.Repeat(" ", stateColumns-len(r.State))
	fmt.Fprintf(v, "%-*s %s%*s%*s\n", room, cutTo(printableLine(name), room), state, stepColumns, steps, lossColumns, loss)
}

// painted is a state in its colour.
func (v view) painted(state string) string {
	number := map[string]int{live.Running: 32, live.Damaged: 31, live.Diverged: 31, live.Interrupted: 33}[state]
	if !v.colour || number == 0 {
		return state
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", number, state)
}

// paragraph prints words in lines; unseen is how many bytes of the first line a terminal does not show, as of colours.
func (v view) paragraph(text string, unseen int) {
	if unseen > 0 {
		first := document.Wrap(text, v.width+unseen)[0]
		fmt.Fprintln(v, first)
		text = strings.TrimPrefix(text, first)
	}
	for _, line := range document.Wrap(text, v.width) {
		fmt.Fprintln(v, line)
	}
}

func (v view) fit(text string) string { return cutTo(printableLine(text), v.width) }

// cutTo is a text without what has no room.
func cutTo(text string, columns int) string {
	runes := []rune(text)
	if len(runes) <= columns {
		return text
	}
	return string(runes[:max(0, columns-1)]) + "…"
}
