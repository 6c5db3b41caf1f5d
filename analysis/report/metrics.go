package report

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/filekind"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// MetricsHeader is the first line of metrics.csv, without its newline.
const MetricsHeader = "step,epoch,train_loss,test_loss,test_accuracy,learning_rate,seconds"

// FormatMetric is m as one line of metrics.csv with its newline. Numbers are the shortest that read back exactly, seconds
// have 3 decimals; what was not evaluated (NaN) or is not finite is an empty field.
func FormatMetric(m Metric) string {
	return strings.Join([]string{
		strconv.Itoa(m.Step), strconv.Itoa(m.Epoch),
		estimate.CSV(m.TrainLoss), estimate.CSV(m.TestLoss), estimate.CSV(m.TestAccuracy), estimate.CSV(m.LearningRate),
		csvSeconds(m.Seconds),
	}, ",") + "\n"
}

// WriteMetrics writes a whole metrics.csv.
func WriteMetrics(w io.Writer, metrics []Metric) error {
	b := bufio.NewWriter(w)
	b.WriteString(MetricsHeader + "\n")
	for _, m := range metrics {
		b.WriteString(FormatMetric(m))
	}
	return b.Flush()
}

// ReadMetrics reads the metrics.csv at path. The error names the file and the line.
func ReadMetrics(path string) ([]Metric, error) {
	text, err := atomicfile.Read(path, jsonfile.Most)
	if err != nil {
		return nil, err
	}
	metrics, err := parseMetrics(text)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return metrics, nil
}

// parseMetrics has errors that start with the line.
func parseMetrics(text []byte) ([]Metric, error) {
	lines := strings.Split(strings.TrimSuffix(string(filekind.Text(text)), "\n"), "\n")
	if lines[0] != MetricsHeader {
		return nil, fmt.Errorf("1: the header is %.100q, want %q", lines[0], MetricsHeader)
	}
	var metrics []Metric
	for i, line := range lines[1:] {
		m, err := ParseMetric(line)
		if err == nil && i > 0 && m.Step <= metrics[i-1].Step {
			err = fmt.Errorf("step %d comes after step %d", m.Step, metrics[i-1].Step)
		}
		if err != nil {
			return nil, fmt.Errorf("%d: %w", i+2, err)
		}
		metrics = append(metrics, m)
	}
	return metrics, nil
}

// MetricsChecksum is a checksum of rows of metrics.csv, without their seconds, which are no result.
func MetricsChecksum(metrics []Metric) string {
	h := sha256.New()
	for _, m := range metrics {
		m.Seconds = 0
		io.WriteString(h, FormatMetric(m))
	}
	return fmt.Sprintf("sha256:%x", h.Sum(nil))
}

// ParseMetric is the inverse of [FormatMetric], without the newline.
func ParseMetric(line string) (m Metric, err error) {
	fields := strings.Split(line, ",")
	if len(fields) != 7 {
		return m, fmt.Errorf("got %d fields, want 7", len(fields))
	}
	for i, dst := range []*int{&m.Step, &m.Epoch} {
		if *dst, err = strconv.Atoi(fields[i]); err != nil {
			return m, fmt.Errorf("field %d is %.40q, want a whole number", i+1, fields[i])
		}
	}
	for i, dst := range []*float64{&m.TrainLoss, &m.TestLoss, &m.TestAccuracy, &m.LearningRate, &m.Seconds} {
		if *dst, err = estimate.ParseCSV(fields[i+2]); err != nil {
			return m, fmt.Errorf("field %d is %.40q, want a number", i+3, fields[i+2])
		}
	}
	return m, nil
}

// csvSeconds has milliseconds, which is more than a clock on a busy machine is good for.
func csvSeconds(x float64) string {
	if !finite(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'f', 3, 64)
}

func finite(x float64) bool { return estimate.Number(x).Defined() }
