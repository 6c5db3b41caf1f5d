package experiment

import "fmt"

// SlurmTask is a run as Slurm sees it.
type SlurmTask struct {
	Job   string `json:"job"`
	Index int    `json:"index"`
	// State is Slurm's word, such as RUNNING or OUT_OF_MEMORY, and Reason why a task waits, empty if Slurm gives none.
	State  string `json:"state"`
	Reason string `json:"reason"`
}

func (t *SlurmTask) String() string {
	text := fmt.Sprintf("slurm task %s_%d is %s", t.Job, t.Index, t.State)
	if t.Reason != "" {
		text += " (" + t.Reason + ")"
	}
	return text
}
