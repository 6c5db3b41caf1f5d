package main

import "github.com/noiseprobe/noiseprobe/internal/numbers"

// mostReplicates bounds a bootstrap: more is a typing error, since p-values have no use for a seventh digit.
const mostReplicates = 1_000_000

// readNumbers reads a file, or standard input where that is what "-" stands for, and says by what name it is called in errors.
func (s *session) readNumbers(file string) (name string, shape []int, data []float64, err error) {
	var t numbers.Table
	if name = file; file == "-" {
		name = "standard input"
		t, err = numbers.ReadFrom(s.stdin, name)
	} else {
		t, err = numbers.Read(file)
	}
	if t.Notice != "" {
		s.say("%s", t.Notice)
	}
	return name, t.Shape, t.Data, err
}
