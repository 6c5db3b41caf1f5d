package numtest

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// Full reports whether everything is to be tested that can be: every shape, every coverage, every moment of a kill. That takes several
// minutes, is what .ci/run does, and is asked for by
//
//	NOISEPROBE_TEST=all go test ./...
//
// Otherwise tests have fewer cases, and some, which say so, are left out.
func Full() bool { return os.Getenv("NOISEPROBE_TEST") == "all" && !testing.Short() }

// NeedFull skips a test that is left out unless everything is tested; what says what is not tested.
func NeedFull(t testing.TB, what string) {
	t.Helper()
	if !Full() {
		t.Skip("NOT TESTED: " + what + "; NOISEPROBE_TEST=all has it tested")
	}
}

// Cases is a number of cases: full where everything is tested, else few.
func Cases(full, few int) int {
	if Full() {
		return full
	}
	return few
}

// Rotation is a number that changes from day to day: a test that takes a part of its cases takes another one tomorrow. It is logged, and
// NOISEPROBE_TEST_DAY in the environment sets it, to see a failure again.
func Rotation(t testing.TB) uint64 {
	t.Helper()
	day := uint64(time.Now().Unix() / (24 * 60 * 60))
	if text := os.Getenv("NOISEPROBE_TEST_DAY"); text != "" {
		var err error
		if day, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("NOISEPROBE_TEST_DAY=%s: no number of a day", text)
		}
	}
	t.Logf("NOISEPROBE_TEST_DAY=%d chooses the cases", day)
	return day
}
