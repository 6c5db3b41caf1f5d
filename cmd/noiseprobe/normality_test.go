package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestNormalityOfBadArrays: every damaged .npy file is refused in one line with status 1. One row is a sample; the array in
// the other byte order is read.
func TestNormalityOfBadArrays(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../testdata/vectors/analyze/bad/*.npy")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	for _, path := range paths {
		want := statusFailed
		if name := filepath.Base(path); name == "big_endian.npy" || name == "one_row.npy" {
			want = statusDone
		}
		var stdout, stderr strings.Builder
		status := run([]string{"normality", path, "-json"}, &stdout, &stderr)
		text := stderr.String()
		if status != want || want == statusFailed && (stdout.Len() > 0 || strings.Count(text, "\n") != 1 || !strings.Contains(text, path)) {
			t.Errorf("%s: status %d, %q, %d bytes on standard output", path, status, text, stdout.Len())
		}
	}
}

// TestNormalityKeys: the documents have the keys of the contract, in every row of the tests too.
func TestNormalityKeys(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]struct{ keys, tests string }{
		"scalar/data/normal_n20.npy": {"n mean variance skewness.g1 skewness.G1 skewness.ci excess_kurtosis.g2 excess_kurtosis.G2 excess_kurtosis.ci tests",
			"jarque-bera dagostino-skewness dagostino-kurtosis dagostino-k2 shapiro-wilk anderson-darling lilliefors cramer-von-mises"},
		"multivar/data/exponential_n120_d3.npy": {"n d mardia.b1 mardia.b2 tests", "mardia-skewness mardia-kurtosis henze-zirkler energy"},
		"multivar/data/wide_n15_d40.npy":        {"n d mardia.b1 mardia.b2 tests", "mardia-skewness mardia-kurtosis henze-zirkler energy"},
	} {
		var stdout, stderr strings.Builder
		if status := run([]string{"normality", "../../testdata/vectors/" + path, "-json"}, &stdout, &stderr); status != statusDone {
			t.Fatalf("%s: status %d: %s", path, status, stderr.String())
		}
		var document map[string]any
		if err := json.Unmarshal([]byte(stdout.String()), &document); err != nil {
			t.Fatal(err)
		}
		for _, key := range strings.Fields(want.keys) {
			parent, name, nested := strings.Cut(key, ".")
			object := document
			if nested {
				object = document[parent].(map[string]any)
			} else {
				name = parent
			}
			if _, ok := object[name]; !ok {
				t.Errorf("%s: no key %s", path, key)
			}
		}
		var names []string
		for _, row := range document["tests"].([]any) {
			test := row.(map[string]any)
			names = append(names, test["name"].(string))
			for _, key := range []string{"statistic", "p_value", "log_p"} {
				if _, ok := test[key]; !ok {
					t.Errorf("%s: %s has no %s", path, test["name"], key)
				}
			}
		}
		if got := strings.Join(names, " "); got != want.tests {
			t.Errorf("%s: tests %q", path, got)
		}
	}
}
