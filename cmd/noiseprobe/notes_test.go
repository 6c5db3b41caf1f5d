package main

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// degenerate are samples of which not everything can be computed.
var degenerate = map[string][]float64{
	"one": {3}, "two": {1, 2}, "three": {1, 2, 2}, "four": {8, 4, 2, 0}, "zeros": {0, 0, 0}, "constant": {5, 5, 5, 5, 5, 5, 5, 5, 5},
	"halves": append(make([]float64, 25), ones(25)...), "outlier": append(make([]float64, 99), 1), "mirrored": {-4, -3, -2, -1, 1, 2, 3, 4, 5, -5},
	"small": counted(30), "whole numbers": append(counted(60), ones(60)...),
}

func ones(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

func counted(n int) []float64 {
	x := ones(n)
	for i := range x {
		x[i] = float64(i * i % 7)
	}
	return x
}

// TestEveryDashHasItsReason: a name in whose row something is "-" is explained below its table, or by a warning at the end.
func TestEveryDashHasItsReason(t *testing.T) {
	for name, x := range degenerate {
		for _, s := range []tail.Settings{{Seed: 1}, {K: 2, Replicates: -1}, {K: 6, Side: tail.Left, Replicates: -1}, {K: 1000, Side: tail.Right, Replicates: -1}} {
			var b bytes.Buffer
			printTail(page{&b, 80}, tail.Analyse(x, s))
			expectReasons(t, fmt.Sprintf("tail of %s, %+v", name, s), b.String())
		}
		var b bytes.Buffer
		printSample(page{&b, 80}, normality.Univariate(x))
		expectReasons(t, "normality of "+name, b.String())
		for _, d := range []int{1, 2, 3} {
			if n := len(x) / d; n > 1 {
				b.Reset()
				rows := normality.Multivariate(normality.Rows{N: n, D: d, X: x[:n*d]}, normality.MultivariateOptions{})
				printRows(page{&b, 80}, rows)
				expectReasons(t, fmt.Sprintf("rows of %d of %s", d, name), b.String())
			}
		}
	}
}

var (
	dashed    = regexp.MustCompile(`(?m)^  ((?:skewness|excess kurtosis) g[12]|is it a power law|or [a-z-]+|[a-zA-Z0-9-]+)\b.* -( |;|$)`)
	explained = regexp.MustCompile(`(?m)^(?:  |warning: )([a-zA-Z0-9, -]+): `)
	headers   = regexp.MustCompile(`(?m)^  (method|test|stable law) `)
	folded    = regexp.MustCompile(`(?m)\n    +|(^warning: .*)\n  `)
)

func expectReasons(t *testing.T, about, text string) {
	t.Helper()
	text = folded.ReplaceAllString(text, "$1 ")
	text, ending, _ := strings.Cut(text, "\nwarning: ")
	if ending != "" {
		ending = "\nwarning: " + ending
	}
	for _, table := range strings.Split(headers.ReplaceAllString(text, "\x00$0"), "\x00") {
		for _, m := range dashed.FindAllStringSubmatch(table, -1) {
			who := strings.TrimPrefix(m[1], "or ")
			if who == "is it a power law" {
				who = "KS"
			}
			moment := slices.Contains([]string{"skewness g1", "excess kurtosis g2", "variance", "b1", "b2"}, who) // these are explained together
			if !(moment && ending != "") && !strings.Contains(names(table+ending), ", "+who+",") {
				t.Errorf("%s: no reason for %q in\n%s", about, m[0], text+ending)
			}
		}
	}
}

// names are those before reasons, each between commas.
func names(text string) (all string) {
	for _, m := range explained.FindAllStringSubmatch(text, -1) {
		all += ", " + m[1] + ","
	}
	return all
}
