package numtest

import (
	"math"
	"testing"
)

func TestCloseComplainsAboutWrongValues(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	cases := []struct {
		got, want float64
		tol       Tol
		ok        bool
	}{
		{1, 1, Tol{}, true},
		{1, 1.1, Tol{}, false},
		{1, 1.1, Tol{Abs: 0.11}, true},
		{1, 1.1, Tol{Abs: 0.09}, false},
		{1000, 1001, Tol{Rel: 1e-3}, true},
		{1000, 1002, Tol{Rel: 1e-3}, false},
		{0, 1e-300, Tol{Rel: 0.5}, false},
		{nan, nan, Tol{}, true},
		{nan, 1, Tol{Abs: 1, Rel: 1}, false},
		{1, nan, Tol{Abs: 1, Rel: 1}, false},
		{inf, inf, Tol{}, true},
		{inf, -inf, Tol{Rel: 1}, false},
		{inf, 1, Tol{Rel: 1}, false},
	}
	for _, c := range cases {
		if err := Close(c.got, c.want, c.tol); (err == nil) != c.ok {
			t.Errorf("Close(%v, %v, %+v) = %v", c.got, c.want, c.tol, err)
		}
	}
}

func TestSlicesComplain(t *testing.T) {
	if AllClose([]float64{1, 2}, []float64{1}, Tol{Abs: 9}) == nil {
		t.Error("lengths differ, no error")
	}
	if AllClose([]float64{1, 2}, []float64{1, 3}, Tol{Abs: 0.5}) == nil {
		t.Error("second element differs, no error")
	}
	if AllClose32([]float32{1}, []float32{2}, Tol{}) == nil {
		t.Error("float32 differs, no error")
	}
	if CloseToLargest([]float64{100, 1}, []float64{100, 0}, 1e-3) == nil {
		t.Error("1 against 0 beside 100 passed at 1e-3")
	}
	if err := CloseToLargest([]float64{100, 0.05}, []float64{100, 0}, 1e-3); err != nil {
		t.Error(err)
	}
}
