package live

import (
	"cmp"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math"
	"slices"
	"sort"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// Tick is what is new of a run.
type Tick struct {
	// Reset says that what was sent before is of another run in the same place, or of steps that were lost.
	Reset   bool     `json:"reset,omitempty"`
	State   string   `json:"state"`
	Failure string   `json:"failure,omitempty"`
	Step    int      `json:"step"`
	Steps   int      `json:"steps,omitempty"`
	Rate    float64  `json:"rate,omitempty"`
	Left    *float64 `json:"left,omitempty"`
	// Loss is of minibatches, the others are evaluations.
	Loss        []Point `json:"loss,omitempty"`
	TrainLoss   []Point `json:"train_loss,omitempty"`
	TestLoss    []Point `json:"test_loss,omitempty"`
	Accuracy    []Point `json:"accuracy,omitempty"`
	Checkpoints []int   `json:"checkpoints,omitempty"`
	Reported    bool    `json:"reported,omitempty"`
}

// Cursor is what has been seen of a run. It is about the run and not about who reads it, so that it holds after a restart.
type Cursor struct {
	// Run tells the run from another one in the same directory.
	Run uint32
	// Loss and Metric are the first steps that have not been seen.
	Loss, Metric int
}

// String is the cursor as a word; [ParseCursor] reads it.
func (c Cursor) String() string { return fmt.Sprintf("%x-%d-%d", c.Run, c.Loss, c.Metric) }

// ParseCursor reads a cursor, which is at the beginning where the word is none.
func ParseCursor(word string) (c Cursor) {
	if n, err := fmt.Sscanf(word, "%x-%d-%d", &c.Run, &c.Loss, &c.Metric); n != 3 || err != nil {
		return Cursor{}
	}
	return c
}

// Feed tells what is new of a run, time after time.
type Feed struct {
	Cursor Cursor
	// Most is the number of points of a curve in one tick.
	Most int

	dir             string
	losses, metrics follower
	last            Tick
}

// NewFeed is a feed from a cursor on.
func NewFeed(dir string, at Cursor, most int) *Feed {
	f := &Feed{Cursor: at, Most: most, dir: dir}
	f.begin()
	return f
}

// begin has the files read from their beginning.
func (f *Feed) begin() {
	d := experiment.Directory(f.dir)
	f.losses, f.metrics = follower{path: d.LossesPath(), header: experiment.LossesHeader}, follower{path: d.MetricsPath(), header: report.MetricsHeader}
}

// Dir is the directory of the run.
func (f *Feed) Dir() string { return f.dir }

// Next is what is new; false says that nothing is.
func (f *Feed) Next() (Tick, bool) { return f.NextOf(Look(f.dir)) }

// NextOf is Next for a run that has just been looked at. Of one that is damaged no more is read.
func (f *Feed) NextOf(r Run) (Tick, bool) {
	t := Tick{State: r.State, Failure: r.Failure, Step: r.Step, Steps: r.Steps, Rate: rounded(r.Rate), Checkpoints: r.Checkpoints, Reported: r.Reported}
	if left, known := r.Left(); known {
		left = rounded(left)
		t.Left = &left
	}
	if r.State != Deleted && r.State != Damaged {
		f.read(&t)
	}
	fresh := t.Reset || t.Loss != nil || t.TrainLoss != nil || t.State != f.last.State || t.Failure != f.last.Failure ||
		t.Step != f.last.Step || t.Reported != f.last.Reported || !slices.Equal(t.Checkpoints, f.last.Checkpoints)
	f.last = t
	return t, fresh
}

// read adds the rows that are new.
func (f *Feed) read(t *Tick) {
	if id := identity(f.dir); id != f.Cursor.Run {
		t.Reset = f.Cursor.Run != 0
		f.Cursor = Cursor{Run: id}
		f.begin()
	}
	losses, metrics, again, err := f.rows()
	if again {
		t.Reset = true
		f.Cursor = Cursor{Run: f.Cursor.Run}
		f.begin()
		losses, metrics, _, err = f.rows()
	}
	f.damaged(t, err)
	if len(losses) > 0 {
		if t.Loss, err = averaged(losses, f.Most); err == nil {
			f.Cursor.Loss = stepOf(losses[len(losses)-1]) + 1
		}
		f.damaged(t, err)
	}
	for _, m := range metrics {
		f.Cursor.Metric = m.Step + 1
		t.TrainLoss = append(t.TrainLoss, Point{m.Step, m.TrainLoss})
		t.TestLoss = append(t.TestLoss, Point{m.Step, m.TestLoss})
		t.Accuracy = append(t.Accuracy, Point{m.Step, m.TestAccuracy})
	}
}

// damaged takes note of the first thing that is wrong.
func (f *Feed) damaged(t *Tick, err error) {
	if err != nil && t.Failure == "" {
		t.State, t.Failure = Damaged, err.Error()
	}
}

// rows are those that the cursor has not seen; again says that it has seen rows which are no longer there.
func (f *Feed) rows() (losses [][]byte, metrics []report.Metric, again bool, err error) {
	fromStart := f.losses.offset == 0
	losses, again, err = f.losses.next()
	if n := len(losses); n > 0 {
		again = again || fromStart && stepOf(losses[n-1]) < f.Cursor.Loss-1 || !fromStart && stepOf(losses[0]) < f.Cursor.Loss
		losses = losses[sort.Search(n, func(i int) bool { return stepOf(losses[i]) >= f.Cursor.Loss }):]
	}
	rows, _, failed := f.metrics.next()
	if failed == nil {
		rows = rows[sort.Search(len(rows), func(i int) bool { return stepOf(rows[i]) >= f.Cursor.Metric }):]
		metrics, failed = parseMetrics(picked(rows, f.Most))
	}
	return losses, metrics, again, cmp.Or(unlessAbsent(err), unlessAbsent(failed))
}

// unlessAbsent leaves out that a file is not there: earlier versions have no losses.csv, and a run that begins has neither.
func unlessAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// stepOf is the step of a row. One that is damaged is taken for new, so that it is noticed.
func stepOf(row []byte) int {
	step, digits := 0, 0
	for _, c := range row {
		if c < '0' || c > '9' {
			break
		}
		step, digits = 10*step+int(c-'0'), digits+1
	}
	if digits == 0 {
		return math.MaxInt
	}
	return step
}

// identity tells a run from another one in its place, and is never 0.
func identity(dir string) uint32 {
	text, err := atomicfile.Read(experiment.Directory(dir).RecordPath(), jsonfile.Most)
	if err != nil {
		return 1
	}
	return max(1, crc32.ChecksumIEEE(text))
}

// rounded is x to three digits, of which the last is noise.
func rounded(x float64) float64 {
	if x <= 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(x))-2)
	return math.Round(x/unit) * unit
}
