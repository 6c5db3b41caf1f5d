package experiment

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// LossesHeader is the first line of losses.csv, without its newline.
const LossesHeader = "step,loss,seconds"

// LossRow is a row of losses.csv: the loss of the minibatch of the update that follows so many updates, and the seconds of training until
// then.
type LossRow struct {
	Step          int
	Loss, Seconds float64
}

// ParseLosses reads rows of losses.csv.
func ParseLosses(rows [][]byte) ([]LossRow, error) {
	parsed := make([]LossRow, len(rows))
	for i, row := range rows {
		step, rest, _ := bytes.Cut(row, []byte(","))
		loss, seconds, whole := bytes.Cut(rest, []byte(","))
		var errs [3]error
		parsed[i].Step, errs[0] = strconv.Atoi(string(step))
		parsed[i].Loss, errs[1] = estimate.ParseCSV(string(loss))
		parsed[i].Seconds, errs[2] = estimate.ParseCSV(string(seconds))
		if !whole || errs != [3]error{} {
			return nil, fmt.Errorf("losses.csv: %.40q is not a row", row)
		}
	}
	return parsed, nil
}

// lossInterval is the time between two writes of losses.csv, for whoever looks on.
const lossInterval = time.Second

// lossLog appends to losses.csv. It is there to be looked at: no result depends on it, and what is damaged is left out.
type lossLog struct {
	path    string
	rows    []byte // that are not written yet
	written time.Time
}

// add takes the loss of a step, and writes now and then.
func (l *lossLog) add(step int, loss, seconds float64) error {
	l.rows = strconv.AppendInt(l.rows, int64(step), 10)
	l.rows = append(append(l.rows, ','), estimate.CSV(loss)...)
	l.rows = strconv.AppendFloat(append(l.rows, ','), seconds, 'f', 3, 64)
	l.rows = append(l.rows, '\n')
	if time.Since(l.written) < lossInterval {
		return nil
	}
	return l.flush()
}

// flush writes what was added, in one piece of whole rows.
func (l *lossLog) flush() error {
	l.written = time.Now()
	if len(l.rows) == 0 {
		return nil
	}
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	if info, err := f.Stat(); err == nil && info.Size() == 0 {
		l.rows = append([]byte(LossesHeader+"\n"), l.rows...)
	}
	_, err = f.Write(l.rows)
	l.rows = l.rows[:0]
	return errors.Join(err, f.Close())
}

// keep drops the rows beyond a number of steps, and those from the first damaged one on.
func (l *lossLog) keep(steps int) error {
	if taken, err := atomicfile.Taken(l.path); err != nil || !taken {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	end, err := rowsBefore(steps, f)
	if err == nil {
		err = f.Truncate(end)
	}
	return errors.Join(err, f.Close())
}

// rowsBefore is where the rows of earlier steps end that are not damaged, in bytes.
func rowsBefore(step int, r io.Reader) (end int64, err error) {
	for lines := bufio.NewReader(r); ; {
		line, err := lines.ReadSlice('\n')
		switch {
		case err == io.EOF || err == bufio.ErrBufferFull: // no row is as long as the buffer
			return end, nil
		case err != nil:
			return end, err
		case end == 0 && string(line) != LossesHeader+"\n":
			return end, nil
		case end > 0:
			row, err := ParseLosses([][]byte{line[:len(line)-1]})
			if err != nil || row[0].Step >= step {
				return end, nil
			}
		}
		end += int64(len(line))
	}
}

// minibatchLosses are the losses of losses.csv for a figure: means over blocks of steps where there are many, none where the file is damaged
// or not there.
func (d Directory) minibatchLosses() (steps, losses []float64) {
	const most = 400
	text, err := atomicfile.Read(d.LossesPath(), jsonfile.Most)
	rows := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))[1:]
	if err != nil || len(rows) == 0 {
		return nil, nil
	}
	size := (len(rows) + most - 1) / most
	for block := range slices.Chunk(rows, size) {
		parsed, err := ParseLosses(block)
		if err != nil {
			return nil, nil
		}
		sum := 0.0
		for _, row := range parsed {
			sum += row.Loss
		}
		steps, losses = append(steps, float64(parsed[len(block)/2].Step)), append(losses, sum/float64(len(block)))
	}
	return steps, losses
}
