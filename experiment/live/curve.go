package live

import (
	"slices"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/experiment"
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

// averaged are at most so many points, of one row or more: means over blocks of rows of losses.csv, each at the middle of its block. Of a
// long block no more than [inBlock] rows count, evenly spaced.
func averaged(rows [][]byte, most int) ([]Point, error) {
	points := make([]Point, 0, min(len(rows), most))
	for block := range slices.Chunk(rows, (len(rows)+most-1)/most) {
		losses, err := experiment.ParseLosses(picked(block, inBlock))
		if err != nil {
			return points, err
		}
		sum := 0.0
		for _, l := range losses {
			sum += l.Loss
		}
		points = append(points, Point{stepOf(block[len(block)/2]), sum / float64(len(losses))})
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
