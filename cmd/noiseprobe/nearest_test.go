package main

import "testing"

// TestEditDistance: by hand, and the same both ways.
func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"run", "run", 0}, {"", "run", 3},
		{"rn", "run", 1}, {"rung", "run", 1}, {"ran", "run", 1}, // a letter too few, too many, wrong
		{"alpah", "alpha", 1}, {"lr", "rl", 1}, // neighbours
		{"ca", "abc", 3}, // 2 where a letter may be touched twice
		{"kitten", "sitting", 3},
	} {
		if d, back := editDistance(c.a, c.b), editDistance(c.b, c.a); d != c.want || back != c.want {
			t.Errorf("%q and %q: %d and %d, want %d", c.a, c.b, d, back, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"alpha", "batch", "k", "lr", "until-converged"}
	for word, want := range map[string]string{
		"alpah": "alpha", "apha": "alpha", "bach": "batch", "rl": "lr", "ls": "lr", "until-convergd": "until-converged", "untilconvergd": "until-converged",
		"x": "", "": "", "steps": "", "beta": "", "alphabet": "",
	} {
		if got := nearest(word, known); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
