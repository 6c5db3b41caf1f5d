package experiment

import "testing"

func TestFormatBytes(t *testing.T) {
	for bytes, want := range map[float64]string{
		0: "0 B", 1023: "1023 B", 1024: "1 KiB", 3.5 * (1 << 30): "3.5 GiB", 999 << 20: "999 MiB", 1000 << 20: "1000 MiB", 1023 << 20: "1023 MiB", 1 << 30: "1 GiB",
	} {
		if got := formatBytes(bytes); got != want {
			t.Errorf("%g: %s, want %s", bytes, got, want)
		}
	}
}
