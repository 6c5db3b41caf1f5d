package channels

import (
	"fmt"
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

const (
	// mostChannels reaches over several vectors and all remainders.
	mostChannels = 70
	// unit is the largest relative error of one rounding to float32.
	unit = 1.0 / (1 << 24)
)

// rowCounts are all remainders of whole blocks of rows, and none.
var rowCounts = []int{0, 1, 2, 3, 4, 5, 7, 8, 13}

// A term goes through at most three roundings, the difference from the mean being one of exact numbers, and in a sum over n rows
// through n more: the error is at most n + 3 units of the sum of absolute values, and less than n + 4 with the squares of units.
// The sign of z is that of the definition: with this seed no |z| is as small as its rounding error.
func TestAgainstDefinitions(t *testing.T) {
	for _, rows := range append([]int{1024}, rowCounts...) {
		for channels := 1; channels <= mostChannels; channels += 1 + rows/100 {
			o := newOperands(1, rows, channels, false)
			for _, l := range loops {
				dst, check := guarded(t, l.length(o))
				l.run(dst, o)
				check(l.name)
				checkTerms(t, l, o, dst)
			}
		}
	}
}

func checkTerms(t *testing.T, l loop, o operands, got []float32) {
	t.Helper()
	value, size, terms := make([]float64, len(got)), make([]float64, len(got)), 4.0
	if l.sums {
		terms += float64(o.rows)
	}
	for r := range o.rows {
		for c := range o.channels {
			i := c
			if !l.sums {
				i += r * o.channels
			}
			for _, term := range l.define(o, r, c) {
				value[i] += term
				size[i] += math.Abs(term)
			}
		}
	}
	for i, v := range got {
		if err := numtest.Close(float64(v), value[i], numtest.Tol{Abs: terms * unit * size[i]}); err != nil {
			t.Fatalf("%s, %d rows of %d channels, element %d: %v", l.name, o.rows, o.channels, i, err)
		}
	}
}

// Plain Go is used for the last channels everywhere and for all of them on other machines: it must be the same function.
func TestAssemblyHasTheBitsOfGo(t *testing.T) {
	for _, rows := range append([]int{203}, rowCounts...) {
		for channels := 1; channels <= mostChannels; channels++ {
			o, untouched := newOperands(2, rows, channels, true), newOperands(2, rows, channels, true)
			for _, l := range loops {
				got, check := guarded(t, l.length(o))
				want := make([]float32, l.length(o))
				l.run(got, o)
				l.plain(want, o)
				check(l.name)
				same(t, fmt.Sprintf("%s, %d rows", l.name, rows), got, want)
			}
			for i, v := range [][]float32{o.x, o.dy, o.mean, o.scale, o.shift, o.first, o.second} {
				u := untouched
				same(t, "an argument", v, [][]float32{u.x, u.dy, u.mean, u.scale, u.shift, u.first, u.second}[i])
			}
		}
	}
}

// A sum must not depend on how many other channels there are.
func TestChannelsAreIndependent(t *testing.T) {
	const rows, channels = 37, 43
	o := newOperands(3, rows, channels, false)
	all, one := make([]float32, channels), make([]float32, 1)
	Sums(all, o.x)
	for c := range channels {
		column := make([]float32, rows)
		for r := range column {
			column[r] = o.x[r*channels+c]
		}
		Sums(one, column)
		same(t, "Sums of one channel", one, all[c:c+1])
	}
}

// arguments are the functions by name, called with operands whose lengths are those given.
var arguments = []struct {
	name    string
	lengths []int
	call    func(a [][]float32)
}{
	{"Sums", []int{11, 33}, func(a [][]float32) { Sums(a[0], a[1]) }},
	{"SquaredDeviations", []int{11, 33, 11}, func(a [][]float32) { SquaredDeviations(a[0], a[1], a[2]) }},
	{"NormaliseReLU", []int{33, 33, 11, 11, 11}, func(a [][]float32) { NormaliseReLU(a[0], a[1], a[2], a[3], a[4]) }},
	{"DeltaSums", []int{11, 11, 33, 33, 11, 11, 11}, func(a [][]float32) {
		DeltaSums(a[0], a[1], a[2], a[3], a[4], a[5], a[6])
	}},
	{"Delta", []int{33, 33, 33, 11, 11, 11, 11, 11}, func(a [][]float32) {
		Delta(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7])
	}},
	{"MaxPool", []int{66, 264}, func(a [][]float32) { MaxPool(a[0], a[1], 4, 6, 11) }},
	{"MaxPoolAdjoint", []int{264, 264, 66}, func(a [][]float32) { MaxPoolAdjoint(a[0], a[1], a[2], 4, 6, 11) }},
}

func slicesOf(lengths []int) [][]float32 {
	a := make([][]float32, len(lengths))
	for i, n := range lengths {
		a[i] = make([]float32, n, n+1)
	}
	return a
}

func TestWrongLengthsPanic(t *testing.T) {
	for _, f := range arguments {
		f.call(slicesOf(f.lengths))
		for k := range f.lengths {
			for _, by := range []int{-1, 1} {
				a := slicesOf(f.lengths)
				a[k] = a[k][:len(a[k])+by]
				numtest.Panics(t, fmt.Sprintf("%s with argument %d longer by %d", f.name, k, by), "", func() { f.call(a) })
			}
		}
	}
	numtest.Panics(t, "Sums over no channels", "", func() { Sums(nil, nil) })
}

func TestNoAllocations(t *testing.T) {
	for _, f := range arguments {
		a := slicesOf(f.lengths)
		if n := testing.AllocsPerRun(10, func() { f.call(a) }); n != 0 {
			t.Errorf("%s allocates %g times", f.name, n)
		}
	}
}
