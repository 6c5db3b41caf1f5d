package experiment

import "fmt"

// SlurmTask is a run as Slurm sees it.
type SlurmTask struct {
	Job   string `json:"job"`
	Index int    `json:"index"`
	// State is Slurm's word, such as RUNNING or OUT_OF_MEMORY, and Reason why a task waits, empty if Slurm gives none.
	State  string `json:"state"`
	Reason string `json:"reason"`
	// Requeued says of a task that waits that its run has begun, and will go on.
	Requeued bool `json:"requeued"`
}

// Word is the state with the reason.
func (t *SlurmTask) Word() string {
	if t.Reason != "" {
		return t.State + " (" + t.Reason + ")"
	}
	return t.State
}

func (t *SlurmTask) String() string {
	text := fmt.Sprintf("slurm task %s_%d is %s", t.Job, t.Index, t.Word())
	if t.Requeued {
		text += ", to go on with the run"
	}
	return text
}
