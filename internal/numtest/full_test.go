package numtest

import "testing"

// TestFull: everything is tested where the environment asks for it, but not with -short.
func TestFull(t *testing.T) {
	for value, want := range map[string]bool{"all": !testing.Short(), "": false, "1": false} {
		t.Setenv("NOISEPROBE_TEST", value)
		if Full() != want || Cases(10, 2) != map[bool]int{true: 10, false: 2}[want] {
			t.Errorf("NOISEPROBE_TEST=%s: %v, %d cases", value, Full(), Cases(10, 2))
		}
		skipped := true
		t.Run("NeedFull", func(t *testing.T) {
			defer func() { skipped = t.Skipped() }()
			NeedFull(t, "this")
		})
		if skipped == want {
			t.Errorf("NOISEPROBE_TEST=%s: skipped %v", value, skipped)
		}
	}
}

// TestRotation: the day moves, and can be set.
func TestRotation(t *testing.T) {
	t.Setenv("NOISEPROBE_TEST_DAY", "")
	if day := Rotation(t); day < 20_000 { // 2024-10-04
		t.Errorf("today is day %d", day)
	}
	t.Setenv("NOISEPROBE_TEST_DAY", "7")
	if day := Rotation(t); day != 7 {
		t.Errorf("day %d, want 7", day)
	}
}
