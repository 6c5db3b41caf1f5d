package experiment

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// FuzzRunRecord: a run.json is refused, or has settings that a run can begin with, and is read as the same again when it is written.
func FuzzRunRecord(f *testing.F) {
	text, err := os.ReadFile("testdata/earlier/run.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(jsonfile.Seal(text))
	f.Add([]byte(`{"schema": "noiseprobe/run/1", "checksummed": true}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r, again runRecord
		if _, err := jsonfile.Parse(text, recordSchema, &r); err != nil || r.check(recordName) != nil {
			return
		}
		r.Checksummed = true
		written, err := jsonfile.Text(r)
		if err != nil {
			t.Fatal(err)
		}
		if sum, err := jsonfile.Parse(written, recordSchema, &again); sum == "" || err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%+v became %+v, %v", r, again, err)
		}
	})
}

// FuzzState: what the saved state says of training is refused, or is within its bounds, and survives a round.
func FuzzState(f *testing.F) {
	f.Add(`{"trainer":{"Step":1500,"LearningRate":0.001,"EpochLoss":1.5,"Halved":false,"ConvergenceTime":0},"optimizer_steps":1500,` +
		`"recorded":100,"stopped":"","seconds":0.8}`)
	f.Add(`{"trainer":{"Step":3,"LearningRate":0.001,"EpochLoss":1.5,"Halved":true,"ConvergenceTime":2},"optimizer_steps":3,"recorded":3,` +
		`"stopped":"max-steps","seconds":0.8,"run":"sha256:ab","rows":2,"metrics":"sha256:cd","files":[{"name":"checkpoints/000003/x","checksum":""}]}`)
	f.Fuzz(func(t *testing.T, about string) {
		s, err := parseState(about, "state")
		if err != nil {
			return
		}
		s.Files.steps()
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := parseState(string(text), "state"); err != nil || again.Trainer != s.Trainer || again.Rows != s.Rows {
			t.Errorf("%+v became %+v, %v", s, again, err)
		}
	})
}
