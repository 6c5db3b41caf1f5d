package experiment

import (
	"encoding/json"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// Progress is how far a run has come, as far as its saved state knows.
type Progress struct {
	// Step counts the updates, and Recorded is the last checkpoint that is complete, -1 before the first.
	Step, Recorded int
	// Stopped is why training ended, empty while it goes on.
	Stopped string
}

// Progress reads the saved state, of which there need be none. What is wrong with one that is damaged the run itself says.
func (d Directory) Progress() Progress {
	none := Progress{Recorded: -1}
	f, err := safetensors.Open(d.statePath())
	if err != nil {
		return none
	}
	defer f.Close()
	s := state{Recorded: -1}
	if json.Unmarshal([]byte(f.Metadata()["about"]), &s) != nil {
		return none
	}
	return Progress{Step: s.Trainer.Step, Recorded: s.Recorded, Stopped: s.Stopped}
}

// Finished is the training of a run that is over, nil for one that is not. A report that cannot be read will be written again.
func (d Directory) Finished() *report.Training {
	rep, err := report.Read(d.ReportPath())
	if err != nil || rep.Training.Stopped == report.StoppedInterrupted {
		return nil
	}
	return &rep.Training
}
