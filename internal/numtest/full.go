package numtest

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// Full reports whether everything is to be tested: every shape, the coverage of every interval, every moment of a kill. This takes several
// minutes; .ci/run does it, with
//
//	NOISEPROBE_TEST=all go test ./...
//
// Otherwise tests have fewer cases, and some, which say so, are left out.
func Full() bool { return os.Getenv("NOISEPROBE_TEST") == "all" && !testing.Short() }

// NeedFull skips a test unless everything is tested. The argument what names what is then not tested.
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

// Rotation is a number that changes from day to day, by which a test that runs only a part of its cases chooses that part. It is logged;
// NOISEPROBE_TEST_DAY in the environment sets it, so that a failure can be repeated.
func Rotation(t testing.TB) uint64 {
	t.Helper()
	day := uint64(time.Now().Unix() / (24 * 60 * 60))
	if text := os.Getenv("NOISEPROBE_TEST_DAY"); text != "" {
		var err error
		if day, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("NOISEPROBE_TEST_DAY=%s: not the number of a day", text)
		}
	}
	t.Logf("NOISEPROBE_TEST_DAY=%d chooses the cases", day)
	return day
}

// NotShort skips, with -short, a test that repeats what others do once: the race detector sees in few what it sees in many.
func NotShort(t testing.TB, what string) {
	t.Helper()
	if testing.Short() {
		t.Skip("NOT TESTED with -short: " + what)
	}
}
