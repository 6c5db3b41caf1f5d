package report

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func TestFormatMetric(t *testing.T) {
	m := Metric{Step: 100, Epoch: 5, TrainLoss: 0.1, TestLoss: math.NaN(), TestAccuracy: math.Inf(1), LearningRate: 0.0005, Seconds: 12.34567}
	if got, want := FormatMetric(m), "100,5,0.1,,,0.0005,12.346\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := FormatMetric(Metric{Seconds: math.NaN()}), "0,0,0,0,0,0,\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMetricsRoundTrip(t *testing.T) {
	metrics := sampleMetrics()
	var b bytes.Buffer
	if err := WriteMetrics(&b, metrics); err != nil {
		t.Fatal(err)
	}
	back, err := ReadMetrics(inFile(t, "metrics.csv", b.Bytes()))
	if err != nil || len(back) != len(metrics) {
		t.Fatalf("%d rows, %v", len(back), err)
	}
	for i, m := range metrics {
		if back[i].TrainLoss != m.TrainLoss || back[i].Step != m.Step || math.IsNaN(back[i].TestAccuracy) != math.IsNaN(m.TestAccuracy) {
			t.Errorf("row %d: %+v became %+v", i, m, back[i])
		}
	}
	if rows, err := ReadMetrics(inFile(t, "metrics.csv", []byte(MetricsHeader+"\n"))); err != nil || len(rows) != 0 {
		t.Errorf("no rows: %v, %v", rows, err)
	}
}

func TestReadMetricsRefusesDamage(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", `metrics.csv:1: the header is ""`},
		{"step,loss\n1,2\n", `metrics.csv:1: the header is`},
		{MetricsHeader + "\n1,0,2,2,0.5,0.1,1\n2,0,2,2\n", `metrics.csv:3: got 4 fields, want 7`},
		{MetricsHeader + "\n1.5,0,2,2,0.5,0.1,1\n", `metrics.csv:2: field 1 is "1.5", want a whole number`},
		{MetricsHeader + "\n1,0,2,two,0.5,0.1,1\n", `metrics.csv:2: field 4 is "two", want a number`},
		{MetricsHeader + "\n1,0,NaN,2,0.5,0.1,1\n", `metrics.csv:2: field 3 is "NaN", want a number`},
		{MetricsHeader + "\n\n", `metrics.csv:2: got 1 fields, want 7`},
	} {
		_, err := ReadMetrics(inFile(t, "metrics.csv", []byte(c.text)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}
