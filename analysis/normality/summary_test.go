package normality

import (
	"encoding/json"
	"testing"
)

func TestSummarise(t *testing.T) {
	// By hand: type 7 quartiles at ranks 2.75 and 8.25 of 0..11; fences at -5.5 - 8.25 and 8.25 + 8.25; 20 is 11.75
	// beyond Q3 (mild from 8.25), 40 is extreme (from 16.5). The trimmed mean leaves out 0 and 40.
	got := Summarise([]float64{40, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 0})
	want := Summary{12, 0, 2.75, 5.5, 8.25, 40, 6.5, 1, 1}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	data, err := json.Marshal(got)
	const text = `{"n":12,"min":0,"q1":2.75,"median":5.5,"q3":8.25,"max":40,"trimmed_mean":6.5,"mild_outliers":1,"extreme_outliers":1}`
	if err != nil || string(data) != text {
		t.Errorf("%s, %v", data, err)
	}
	if s := Summarise(nil); s.Median.Defined() || s.Min.Defined() || s.TrimmedMean.Defined() {
		t.Errorf("empty: %+v", s)
	}
	if s := Summarise([]float64{1, nan, 2}); s.Median.Defined() || s.Q1.Defined() || s.Max.Defined() || s.ExtremeOutliers != 0 {
		t.Errorf("NaN: %+v", s)
	}
}
