package report

import (
	"bytes"
	"io"
	"testing"
)

// FuzzMetrics: a metrics.csv is refused, or is the same after it is written and read again.
func FuzzMetrics(f *testing.F) {
	f.Add(MetricsHeader + "\n0,0,2.3,2.3,0.1,0.001,0.000\n100,0,2.2,,0.5,1e-05,12.346\n")
	f.Add("\ufeff" + MetricsHeader + "\r\n1,0,2,2,0.5,0.1,1\r\n")
	f.Add(MetricsHeader + "\n1,0,2,2,0.5,0.1,1\n1,0,2,2,0.5,0.1,1\n")
	f.Add("step,loss\n1,2\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := parseMetrics([]byte(text))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := WriteMetrics(&b, rows); err != nil {
			t.Fatal(err)
		}
		again, err := parseMetrics(b.Bytes())
		if err != nil || MetricsChecksum(again) != MetricsChecksum(rows) {
			t.Errorf("%q became %q, %v", text, b.String(), err)
		}
	})
}

// FuzzReport: a report.json is refused, or can be written and shown, and what is written is read as the same.
func FuzzReport(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, sampleReport()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"schema": "noiseprobe/report/1", "checkpoints": [{"covariance": {}, "shape": {}, "tails": [{}], "along": null}]}`))
	f.Add([]byte(`{"schema": "noiseprobe/report/1", "checksummed": true}`))
	f.Add([]byte(`{"schema": "noiseprobe/report/1", "checkpoints": [{"noise_size": {"from": "all-samples"}, "shape": {"rows": [{"arm": "effective", "evidence": "exact"}],
		"conclusion": {"verdict": "not-told-apart", "from": "all-samples", "gamma_verdict": "not-told-apart"}}}]}`))
	figures := sampleFigures(sampleReport(), 1)
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parse(text)
		if err != nil {
			return
		}
		var first, second bytes.Buffer
		if err := Write(&first, r); err != nil {
			t.Fatal(err)
		}
		again, err := parse(first.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if err := Write(&second, again); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("the document changed, %v", err)
		}
		if err := Text(io.Discard, again, 100); err != nil {
			t.Error(err)
		}
		WithFindings(again, figures)
	})
}
