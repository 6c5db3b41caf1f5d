package strided

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// shapes are some with the edges of one row, one column and a single axis.
var shapes = [][]int{{1}, {5}, {1, 4}, {7, 1}, {6, 9}, {3, 2, 5}, {4, 3, 2, 2}, {2, 0}}

// store writes an array whose element at every index is a small whole number, which all formats hold; it returns the bytes and
// the array flattened in row-major order. Written from the definition of the two orders, index by index.
func store(e Element, shape []int, fortran, big bool) (file []byte, want []float64) {
	total := 1
	for _, d := range shape {
		total *= d
	}
	file = make([]byte, total*e.Size())
	for at := range total {
		value := float64(at%97) - 40
		want = append(want, value)
		place, rest, stride := at, at, 1
		if fortran {
			index := make([]int, len(shape))
			for k := len(shape) - 1; k >= 0; k-- {
				index[k], rest = rest%shape[k], rest/shape[k]
			}
			place = 0
			for k, i := range index {
				place += i * stride
				stride *= shape[k]
			}
		}
		put(file[place*e.Size():(place+1)*e.Size()], e, big, value)
	}
	return file, want
}

func put(b []byte, e Element, big bool, value float64) {
	switch e {
	case Float16:
		binary.LittleEndian.PutUint16(b, float16Bits(value))
	case BFloat16:
		binary.LittleEndian.PutUint16(b, uint16(math.Float32bits(float32(value))>>16))
	case Float32:
		binary.LittleEndian.PutUint32(b, math.Float32bits(float32(value)))
	case Float64:
		binary.LittleEndian.PutUint64(b, math.Float64bits(value))
	}
	if big {
		slices.Reverse(b)
	}
}

// float16Bits is exact for whole numbers below 2048: 1 sign bit, 5 exponent bits with bias 15, 10 fraction bits.
func float16Bits(value float64) uint16 {
	if value == 0 {
		return 0
	}
	fraction, exponent := math.Frexp(math.Abs(value)) // in [1/2, 1)
	bits := uint16(exponent+14)<<10 | uint16(fraction*2048)&1023
	if value < 0 {
		bits |= 1 << 15
	}
	return bits
}

func TestEveryBlockOfEveryFormat(t *testing.T) {
	for _, e := range []Element{Float16, BFloat16, Float32, Float64} {
		for _, shape := range shapes {
			for _, fortran := range []bool{false, true} {
				for _, big := range []bool{false, true} {
					t.Run(fmt.Sprint(e, shape, fortran, big), func(t *testing.T) {
						file, want := store(e, shape, fortran, big)
						m := &Matrix{R: bytes.NewReader(file), Element: e, BigEndian: big, Fortran: fortran, Shape: shape}
						checkBlocks(t, m, want)
					})
				}
			}
		}
	}
}

// checkBlocks reads every block of a matrix, empty ones too.
func checkBlocks(t *testing.T, m *Matrix, want []float64) {
	n, p := m.Units(), m.Parameters()
	if n*p != len(want) {
		t.Fatalf("%d rows, %d columns", n, p)
	}
	for top := range n {
		for bottom := top; bottom <= n; bottom++ {
			for left := range p {
				for right := left; right <= p; right++ {
					var block []float64
					for i := top; i < bottom; i++ {
						block = append(block, want[i*p+left:i*p+right]...)
					}
					got := make([]float64, len(block))
					if err := m.ReadBlock(got, top, bottom, left, right); err != nil || !slices.Equal(got, block) {
						t.Fatalf("rows %d to %d, columns %d to %d: %v, want %v (%v)", top, bottom, left, right, got, block, err)
					}
				}
			}
		}
	}
}

// A Fortran file is read in several pieces a column block where it is large.
func TestManyPieces(t *testing.T) {
	shape := []int{50000, 60}
	file, want := store(Float32, shape, true, false)
	m := &Matrix{R: bytes.NewReader(file), Element: Float32, Fortran: true, Shape: shape}
	got := make([]float64, len(want))
	if err := m.ReadBlock(got, 0, 50000, 0, 60); err != nil || !slices.Equal(got, want) {
		t.Errorf("differs (%v)", err)
	}
}

func TestFileThatEnds(t *testing.T) {
	for _, fortran := range []bool{false, true} {
		file, _ := store(Float32, []int{6, 9}, fortran, false)
		m := &Matrix{R: bytes.NewReader(file[:len(file)-1]), Element: Float32, Fortran: fortran, Shape: []int{6, 9}}
		if err := m.ReadBlock(make([]float64, 54), 0, 6, 0, 9); err == nil || !strings.Contains(err.Error(), "ends inside the data") {
			t.Errorf("fortran %v: %v", fortran, err)
		}
		if err := m.ReadBlock(make([]float64, 6), 0, 2, 0, 3); err != nil {
			t.Errorf("a block that is there: %v", err)
		}
	}
}

func TestBlocksOutOfRangePanic(t *testing.T) {
	file, _ := store(Float64, []int{3, 4}, false, false)
	m := &Matrix{R: bytes.NewReader(file), Element: Float64, Shape: []int{3, 4}}
	for _, b := range [][5]int{{12, 0, 4, 0, 3}, {12, 0, 3, 0, 5}, {12, -1, 2, 0, 4}, {11, 0, 3, 0, 4}} {
		numtest.Panics(t, fmt.Sprint(b), "strided: ", func() { m.ReadBlock(make([]float64, b[0]), b[1], b[2], b[3], b[4]) })
	}
}
