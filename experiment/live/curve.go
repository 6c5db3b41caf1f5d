package live

import (
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Point is a value at a step.
type Point struct {
	Step  int
	Value float64
}

// MarshalJSON writes [step, value] with four digits, which is more than a screen shows.
func (p Point) MarshalJSON() ([]byte, error) {
	text := strconv.AppendInt([]byte("["), int64(p.Step), 10)
	if !estimate.Number(p.Value).Defined() {
		return append(text, ",null]"...), nil
	}
	text = strconv.AppendFloat(append(text, ','), p.Value, 'g', 4, 64)
	return append(text, ']'), nil
}

// averaged are at most so many points: means over blocks of rows of losses.csv, each at the middle of its block. Of a long block no more
// than [inBlock] rows count, evenly spaced.
func averaged(rows [][]byte, most int) ([]Point, error) {
	size := (len(rows) + most - 1) / max(most, 1)
	points := make([]Point, 0, min(len(rows), most))
	for len(rows) > 0 {
		block := rows[:min(size, len(rows))]
		losses, err := parseLosses(picked(block, inBlock))
		if err != nil {
			return points, err
		}
		sum := 0.0
		for _, l := range losses {
			sum += l.loss
		}
		points = append(points, Point{stepOf(block[len(block)/2]), sum / float64(len(losses))})
		rows = rows[len(block):]
	}
	return points, nil
}

// inBlock is the number of rows that a mean is taken of.
const inBlock = 25

// picked are at most so many of the rows, evenly spaced from the last one backwards.
func picked(rows [][]byte, most int) [][]byte {
	if len(rows) <= most {
		return rows
	}
	some := make([][]byte, most)
	for i := range some {
		some[i] = rows[(i+1)*len(rows)/most-1]
	}
	return some
}
