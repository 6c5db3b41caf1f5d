package shell

import (
	"os/exec"
	"testing"
)

// TestQuote: by hand, and read back by the shell of this machine, if it has one.
func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"--time=1:00:00": "--time=1:00:00",
		"a b":            "'a b'",
		"":               "''",
		`a"b\c'd #e`:     `'a"b\c'\''d #e'`,
		"$x":             "'$x'",
		"ü":              "'ü'",
		"a\nb*":          "'a\nb*'",
		"~":              "'~'",
	} {
		got := Quote(text)
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
		if sh, err := exec.LookPath("sh"); err == nil {
			if read, err := exec.Command(sh, "-c", "printf %s "+got).Output(); err != nil || string(read) != text {
				t.Errorf("sh reads %s as %q, %v", got, read, err)
			}
		}
	}
}

func TestOperand(t *testing.T) {
	for path, want := range map[string]string{"a": "a", "/-a": "/-a", "-a/b": "./-a/b", "--": "./--", "": ""} {
		if got := Operand(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
