package identity

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// rows are what every identity of the contract is recognised by among the names of the checks.
var rows = []string{
	"SGD (Eq. 4): covariance", "SGD (Eq. 4): variance", "NE independent: covariance", "NE independent: enhancement",
	"NE disjoint: covariance", "NE disjoint: trace", "NE with replacement: covariance", "NE with replacement: variance",
	"naive (Eq. 5): covariance", "naive (Eq. 5): enhancement", "B_eff independent: enumeration", "B_eff independent: against",
	"B_eff disjoint: enumeration", "B_eff disjoint: against", "B_eff with replacement: enumeration", "B_eff with replacement: against",
	"cumulant of order 3", "cumulant of order 4", "independent: third moment", "independent: fourth moment", "disjoint: third moment",
	"disjoint: fourth moment", "with replacement: third moment", "with replacement: fourth moment", "(Eq. 5): third moment",
	"(Eq. 5): fourth moment", "kurtosis ratio", "skewness ratio", "stable noise, s = 1.5", "one pass over 2B samples",
	"Gram matrix of factors", "spectrum of the Gram matrix", "trace_unbiased", "gradient_norm_sq_unbiased",
	"SGD (Eq. 4): variance of |xi|^2, enum", "SGD (Eq. 4): variance of |xi|^2, order", "NE independent: variance of |xi|^2, enum",
	"NE independent: variance of |xi|^2, order", "NE disjoint: variance of |xi|^2, enum", "NE disjoint: variance of |xi|^2, order",
	"NE with replacement: variance of |xi|^2, enum", "NE with replacement: variance of |xi|^2, order",
	"SGD with replacement: variance of |xi|^2, enum", "SGD with replacement: variance of |xi|^2, order",
	"naive (Eq. 5): variance of |xi|^2, enum", "naive (Eq. 5): variance of |xi|^2, order", "NE with replacement: excess of the variance of |xi|^2",
	"K4: mean over every sample", "(tr Sigma)^2, unbiased", "tr Sigma^2, unbiased",
}

// At a new seed one of the checks fails with probability 0.001.
func TestEveryIdentityHolds(t *testing.T) {
	t.Parallel()
	shrink := 1
	if !numtest.Full() {
		shrink = 64
	}
	r := Verify(Settings{Seed: 3, Shrink: shrink})
	seen := map[string]bool{}
	for _, c := range r.Checks {
		if !c.OK {
			t.Errorf("%+v", c)
		}
		if seen[c.Name] {
			t.Errorf("two checks are called %q", c.Name)
		}
		seen[c.Name] = true
		if random := c.Z.Defined(); random != c.CI.Defined() || random != c.PValue.Defined() || random == c.Tolerance.Defined() {
			t.Errorf("%q is neither random nor enumerated: %+v", c.Name, c)
		}
	}
	for _, row := range rows {
		if !containsRow(r, row) {
			t.Errorf("there is no check of %q", row)
		}
	}
	if !r.OK {
		t.Error("the result does not hold")
	}
}

func containsRow(r *Result, row string) bool {
	for _, c := range r.Checks {
		if strings.Contains(c.Name, row) {
			return true
		}
	}
	return false
}

func TestTheSameSeedGivesTheSameBits(t *testing.T) {
	defer parallel.SetWorkers(0)
	settings := Settings{Seed: 5, Shrink: numtest.Cases(32, 64)}
	want := document(t, Verify(settings))
	for _, workers := range []int{5, 1, 2}[:numtest.Cases(3, 2)] {
		parallel.SetWorkers(workers)
		if document(t, Verify(settings)) != want {
			t.Errorf("another result with %d workers", workers)
		}
	}
	settings.Seed++
	if document(t, Verify(settings)) == want {
		t.Error("the seed changes nothing")
	}
}

func document(t *testing.T, r *Result) string {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestJSONHasNullsForWhatIsUndefined(t *testing.T) {
	r := &Result{FalseAlarmRate: FalseAlarmRate, Checks: []Check{exact("a", 1, 1, 0), mean("b", 0, []float64{1, -1, 2})}}
	r.judge()
	var got struct {
		FalseAlarmRate *float64 `json:"false_alarm_rate"`
		Checks         []map[string]any
	}
	if err := json.Unmarshal([]byte(document(t, r)), &got); err != nil {
		t.Fatal(err)
	}
	if got.FalseAlarmRate == nil || *got.FalseAlarmRate != 0.001 {
		t.Errorf("false_alarm_rate is %v", got.FalseAlarmRate)
	}
	want := map[string]any{"name": "a", "predicted": 1.0, "measured": 1.0, "ci": nil, "z": nil, "p_value": nil, "tolerance": 0.0, "ok": true}
	if !reflect.DeepEqual(got.Checks[0], want) {
		t.Errorf("an enumerated check is %v", got.Checks[0])
	}
	for _, key := range []string{"ci", "z", "p_value"} {
		if got.Checks[1][key] == nil {
			t.Errorf("%s of a random check is null", key)
		}
	}
}

// A p-value at the threshold holds and one below does not, and what is undefined never does.
func TestVerdicts(t *testing.T) {
	random := func(p float64) Check { return Check{PValue: estimate.Number(p), Tolerance: estimate.Undefined()} }
	r := &Result{FalseAlarmRate: 0.03, Checks: []Check{
		random(0.01), random(0.0099), random(math.NaN()),
		exact("", 1, 1.5, 0.5), exact("", 1, 1.51, 0.5), exact("", 1, math.NaN(), 0.5), exact("", math.Inf(1), math.Inf(1), 0.5),
	}}
	r.judge()
	for i, want := range []bool{true, false, false, true, false, false, false} {
		if r.Checks[i].OK != want {
			t.Errorf("check %d: %v", i, r.Checks[i].OK)
		}
	}
	if r.OK || math.Abs(float64(r.PThreshold)-0.01) > 1e-15 {
		t.Errorf("ok %v, threshold %g", r.OK, float64(r.PThreshold))
	}
}
