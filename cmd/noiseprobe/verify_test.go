package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/identity"
)

// TestVerifyJSON: one document with every key of the contract, here with few draws; testdata/verify.txtar has the whole of it.
func TestVerifyJSON(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	if err := printVerification(&session{stdout: &stdout}, identity.Verify(identity.Settings{Seed: 1, Shrink: 64}), true); err != nil {
		t.Fatal(err)
	}
	text := stdout.Bytes()
	if bytes.Contains(text, []byte("NaN")) {
		t.Error("the document has a NaN")
	}
	var document struct {
		Rate   float64                      `json:"false_alarm_rate"`
		Checks []map[string]json.RawMessage `json:"checks"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	if document.Rate != 0.001 || len(document.Checks) < 50 {
		t.Errorf("rate %g, %d checks", document.Rate, len(document.Checks))
	}
	for _, c := range document.Checks {
		for key := range strings.FieldsSeq("name predicted measured ci z ok") {
			if _, ok := c[key]; !ok {
				t.Errorf("%s: no %s", c["name"], key)
			}
		}
		if string(c["ok"]) != "true" || (string(c["z"]) == "null") != (string(c["ci"]) == "null") {
			t.Errorf("%s", c)
		}
	}
}

// A check that fails is shown, and is the status.
func TestVerifyShowsFailures(t *testing.T) {
	r := &identity.Result{FalseAlarmRate: 0.001, Checks: []identity.Check{
		{Name: "right", Predicted: 1, Measured: 1, OK: true}, {Name: "wrong", Predicted: 1, Measured: 2},
	}}
	for _, asJSON := range []bool{false, true} {
		var stdout, stderr bytes.Buffer
		s := &session{stdout: &stdout, stderr: &stderr, width: 80}
		if status := s.report(printVerification(s, r, asJSON)); status != statusCheckFailed {
			t.Errorf("status %d", status)
		}
		if text := stderr.String(); !strings.Contains(text, `some checks did not hold, the first is "wrong"`) {
			t.Errorf("standard error has %q", text)
		}
		if text := stdout.String(); !asJSON && (!strings.Contains(text, "FAILS") || !strings.Contains(text, "1 of 2 checks hold")) {
			t.Errorf("standard output has %q", text)
		}
	}
}
