package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// compareRuns describes the first difference between two run directories, but for times: the last column of metrics.csv, the
// seconds of the report, and the training state, which has them in its metadata.
func compareRuns(a, b string) (difference string, err error) {
	first, err := contents(a)
	if err != nil {
		return "", err
	}
	second, err := contents(b)
	if err != nil {
		return "", err
	}
	for name := range second {
		if _, ok := first[name]; !ok {
			return fmt.Sprintf("only %s has %s", b, name), nil
		}
	}
	for name, data := range first {
		other, ok := second[name]
		switch {
		case !ok:
			return fmt.Sprintf("only %s has %s", a, name), nil
		case !bytes.Equal(data, other):
			return fmt.Sprintf("%s differs between %s and %s", name, a, b), nil
		}
	}
	return "", nil
}

// contents reads a run directory, times removed.
func contents(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		files[name] = withoutTimes(name, data)
		return err
	})
	return files, err
}

var times = map[string]*regexp.Regexp{
	"metrics.csv": regexp.MustCompile(`(?m),[0-9.]+$`),
	"losses.csv":  regexp.MustCompile(`(?m),[0-9.]+$`),
	"report.json": regexp.MustCompile(`(?m)^    "seconds": [0-9.e+-]+,$`),
	"report.html": regexp.MustCompile(` steps in [0-9.,]+ [a-z]+ \(`),
}

func withoutTimes(name string, data []byte) []byte {
	if strings.HasPrefix(name, "resume") {
		return nil
	}
	if re := times[name]; re != nil {
		return re.ReplaceAll(data, nil)
	}
	return data
}

// TestCompareRuns: a comparison that cannot fail would prove nothing.
func TestCompareRuns(t *testing.T) {
	write := func(metrics, extra string) string {
		dir := t.TempDir()
		for name, text := range map[string]string{"metrics.csv": metrics, extra: "x"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	base := write("step,seconds\n1,0.5\n", "a")
	for _, c := range []struct {
		name, metrics, extra string
		want                 bool
	}{
		{"times", "step,seconds\n1,0.7\n", "a", false},
		{"values", "step,seconds\n2,0.5\n", "a", true},
		{"rows", "step,seconds\n1,0.5\n2,0.6\n", "a", true},
		{"files", "step,seconds\n1,0.5\n", "b", true},
	} {
		difference, err := compareRuns(base, write(c.metrics, c.extra))
		if err != nil || (difference != "") != c.want {
			t.Errorf("%s: %q, %v", c.name, difference, err)
		}
	}
}
