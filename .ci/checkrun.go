// Command checkrun reads the report of a run with alpha 1.5 on the whole of Fashion-MNIST and fails unless it says so, and
// unless the directly measured enhancement is the prediction, 1.5^2 + 0.5^2 = 2.5, within 3 times its 95% interval: a false alarm in
// some 10^-7 of runs.
package main

import (
	"fmt"
	"math"
	"os"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/report"
)

const alpha, predicted = 1.5, 2.5

func main() {
	line, err := check(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "checkrun:", err)
		os.Exit(1)
	}
	fmt.Println(line)
}

func check(path string) (string, error) {
	rep, err := report.Read(path)
	if err != nil {
		return "", err
	}
	if rep.Run.Alpha != alpha || rep.Run.Data.Train != 60_000 {
		return "", fmt.Errorf("%s: alpha %v on %d samples, want %v on 60000", path, rep.Run.Alpha, rep.Run.Data.Train, alpha)
	}
	if len(rep.Checkpoints) == 0 {
		return "", fmt.Errorf("%s: has no checkpoints", path)
	}
	for _, row := range rep.Checkpoints[len(rep.Checkpoints)-1].Enhancement {
		if row.Evidence == enhancement.Direct && row.Pairing == rep.Run.Pairing && row.Alpha == alpha {
			return verdict(path, row)
		}
	}
	return "", fmt.Errorf("%s: has no direct measurement of the enhancement", path)
}

func verdict(path string, row enhancement.Factor) (string, error) {
	line := fmt.Sprintf("f(%v) = %.4g [%.4g, %.4g], predicted %v", row.Alpha, row.Measured, row.CI.Lo, row.CI.Hi, row.Predicted)
	if row.Predicted != predicted || math.Abs(float64(row.Measured)-predicted) > 1.5*(row.CI.Hi-row.CI.Lo) {
		return "", fmt.Errorf("%s: %s, want %v", path, line, predicted)
	}
	return line, nil
}
