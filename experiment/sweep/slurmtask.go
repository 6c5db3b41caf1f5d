package sweep

import "fmt"

// SlurmTask is a run as Slurm sees it.
type SlurmTask struct {
	Job   string `json:"job"`
	Index int    `json:"index"`
	// State is Slurm's word, such as RUNNING or OUT_OF_MEMORY, empty of what it has forgotten; Reason is why, where it says so.
	State  string `json:"state"`
	Reason string `json:"reason"`
	// Requeued says of a task that waits that its run has begun, and will go on.
	Requeued bool `json:"requeued"`
	// Said is the last error of a task that is over, in Slurm's file of it.
	Said string `json:"said"`
}

// Word is the state with the reason.
func (t *SlurmTask) Word() string {
	if t.Reason != "" {
		return t.State + " (" + t.Reason + ")"
	}
	return t.State
}

func (t *SlurmTask) String() string {
	text := fmt.Sprintf("slurm task %s_%d", t.Job, t.Index)
	if t.State != "" {
		text += " is " + t.Word()
	}
	if t.Requeued {
		text += ", to go on with the run"
	}
	if t.Said != "" {
		text += ": " + t.Said
	}
	return text
}
