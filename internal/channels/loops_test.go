package channels

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// operands are all that the functions over rows take.
type operands struct {
	rows, channels                    int
	x, dy                             []float32
	mean, scale, shift, first, second []float32
}

// newOperands returns normal numbers, every third matrix element of them a special one if asked for.
func newOperands(root uint64, rows, channels int, special bool) operands {
	r := seed.New(root, "channels", uint64(rows), uint64(channels))
	normal := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		return x
	}
	o := operands{
		rows, channels, normal(rows * channels), normal(rows * channels),
		normal(channels), normal(channels), normal(channels), normal(channels), normal(channels),
	}
	if special {
		for i := range o.x {
			if r.IntN(3) == 0 {
				o.x[i] = o.mean[i%channels] // z is the shift
			}
			if r.IntN(30) == 0 {
				o.x[i] = specials[r.IntN(len(specials))]
			}
			if r.IntN(30) == 0 {
				o.dy[i] = specials[r.IntN(len(specials))]
			}
		}
		for c := range channels {
			o.shift[c] = []float32{o.shift[c], 0, negativeZero, specials[r.IntN(len(specials))]}[r.IntN(4)]
			o.scale[c] = []float32{o.scale[c], o.scale[c], 0, negativeZero}[r.IntN(4)]
		}
	}
	return o
}

var (
	negativeZero = float32(math.Copysign(0, -1))
	infinity     = float32(math.Inf(1))
	notANumber   = float32(math.NaN())
	specials     = []float32{0, negativeZero, infinity, -infinity, notANumber, 1e-42, -1e-42}
)

// standardised returns x - mean, z and dz of an element.
func (o operands) standardised(r, c int) (d, z, dz float64) {
	d = float64(o.x[r*o.channels+c]) - float64(o.mean[c])
	z = d*float64(o.scale[c]) + float64(o.shift[c])
	if z > 0 {
		dz = float64(o.dy[r*o.channels+c])
	}
	return d, z, dz
}

// loop is a function over rows: how long its result is, the function, its version in plain Go, and the terms by definition
// whose sum is the element of the result at r and c, or in column c.
type loop struct {
	name   string
	sums   bool
	run    func(dst []float32, o operands)
	plain  func(dst []float32, o operands)
	define func(o operands, r, c int) []float64
}

var loops = []loop{
	{
		"Sums", true,
		func(dst []float32, o operands) { Sums(dst, o.x) },
		func(dst []float32, o operands) { plainSums(0, dst, o.x) },
		func(o operands, r, c int) []float64 { return []float64{float64(o.x[r*o.channels+c])} },
	},
	{
		"SquaredDeviations", true,
		func(dst []float32, o operands) { SquaredDeviations(dst, o.x, o.mean) },
		func(dst []float32, o operands) { plainSquaredDeviations(0, dst, o.x, o.mean) },
		func(o operands, r, c int) []float64 {
			d, _, _ := o.standardised(r, c)
			return []float64{d * d}
		},
	},
	{
		"NormaliseReLU", false,
		func(dst []float32, o operands) { NormaliseReLU(dst, o.x, o.mean, o.scale, o.shift) },
		func(dst []float32, o operands) { plainNormaliseReLU(0, dst, o.x, o.mean, o.scale, o.shift) },
		func(o operands, r, c int) []float64 {
			d, z, _ := o.standardised(r, c)
			if z <= 0 {
				return nil
			}
			return []float64{d * float64(o.scale[c]), float64(o.shift[c])}
		},
	},
	{
		"DeltaSums, sum", true,
		func(dst []float32, o operands) {
			DeltaSums(dst, make([]float32, o.channels), o.x, o.dy, o.mean, o.scale, o.shift)
		},
		func(dst []float32, o operands) {
			plainDeltaSums(0, dst, make([]float32, o.channels), o.x, o.dy, o.mean, o.scale, o.shift)
		},
		func(o operands, r, c int) []float64 {
			_, _, dz := o.standardised(r, c)
			return []float64{dz}
		},
	},
	{
		"DeltaSums, dot", true,
		func(dst []float32, o operands) {
			DeltaSums(make([]float32, o.channels), dst, o.x, o.dy, o.mean, o.scale, o.shift)
		},
		func(dst []float32, o operands) {
			plainDeltaSums(0, make([]float32, o.channels), dst, o.x, o.dy, o.mean, o.scale, o.shift)
		},
		func(o operands, r, c int) []float64 {
			d, _, dz := o.standardised(r, c)
			return []float64{dz * d}
		},
	},
	{
		"Delta", false,
		func(dst []float32, o operands) { Delta(dst, o.x, o.dy, o.mean, o.scale, o.shift, o.first, o.second) },
		func(dst []float32, o operands) {
			plainDelta(0, dst, o.x, o.dy, o.mean, o.scale, o.shift, o.first, o.second)
		},
		func(o operands, r, c int) []float64 {
			d, _, dz := o.standardised(r, c)
			return []float64{float64(o.scale[c]) * dz, -float64(o.first[c]), -float64(o.second[c]) * d}
		},
	},
}

// length is the length of a result.
func (l loop) length(o operands) int {
	if l.sums {
		return o.channels
	}
	return o.rows * o.channels
}

// guard is the number of elements before and after a result that nothing may write to.
const guard = 9

// guarded returns n elements, none of them a number, amid guards, and a check that the guards are as they were.
func guarded(t *testing.T, n int) (dst []float32, check func(name string)) {
	all := make([]float32, n+2*guard)
	for i := range all {
		all[i] = float32(i)
		if i >= guard && i < guard+n {
			all[i] = notANumber
		}
	}
	return all[guard : guard+n : guard+n], func(name string) {
		t.Helper()
		for i, v := range all {
			if (i < guard || i >= guard+n) && v != float32(i) {
				t.Fatalf("%s of %d elements wrote to element %d", name, n, i-guard)
			}
		}
	}
}

// same compares bit for bit but for which NaN a NaN is.
func same(t *testing.T, name string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", name, len(got), len(want))
	}
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && (got[i] == got[i] || want[i] == want[i]) {
			t.Fatalf("%s of %d elements: [%d] = %v, want %v", name, len(want), i, got[i], want[i])
		}
	}
}
