package experiment

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// TestKeepLosses: rows of later steps go, and those from the first damaged one on, whatever the size of the file.
func TestKeepLosses(t *testing.T) {
	const whole = LossesHeader + "\n0,2.5,0.100\n1,,0.200\n"
	l := lossLog{path: filepath.Join(t.TempDir(), "losses.csv")}
	for text, want := range map[string]string{
		whole: whole, whole + "2,1,0.300\n3,1,0.400\n": whole, whole + "1,1": whole, whole + "1,x,0.300\n1,1,0.400\n": whole, "step\n0,2.5,0.100\n": "",
	} {
		if err := os.WriteFile(l.path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(l.path, jsonfile.Most+1); err != nil { // zeros, which take no room
			t.Fatal(err)
		}
		err := l.keep(2)
		if got, _ := os.ReadFile(l.path); string(got) != want || err != nil {
			t.Errorf("%q: %d bytes, %.60q, %v", text, len(got), got, err)
		}
	}
}
