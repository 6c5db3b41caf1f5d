package experiment

import (
	"path/filepath"
	"testing"
)

// TestPopulationOfLog: the logs that a run writes are of minibatches from its training samples, and what else lies there is any log.
func TestPopulationOfLog(t *testing.T) {
	rep, dir := leastOnce.finished(t)
	for path, want := range map[string]int{
		dir.NormsPath(): rep.Run.Data.Train, dir.EventsPath(): rep.Run.Data.Train, dir.EventsPath() + "/": rep.Run.Data.Train, filepath.Join(dir.EventsPath(), "events.out.tfevents.1"): rep.Run.Data.Train,
		dir.path("other.csv"): 0, filepath.Join(t.TempDir(), "norms.csv"): 0, "-": 0,
	} {
		if got, err := PopulationOfLog(path); got != want || err != nil {
			t.Errorf("%s: %d, %v, want %d", path, got, err, want)
		}
	}
}
