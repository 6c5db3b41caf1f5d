package sweep

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// SlurmJob is an array job that was submitted for a sweep. The index of a task is the place of its run in sweep.json, from 0.
type SlurmJob struct {
	ID string `json:"id"`
	// Cluster is where the job is, empty if it is the one that Slurm's commands ask of themselves.
	Cluster string `json:"cluster,omitempty"`
	// Runs leaves out those that were carried out in another way since.
	Runs      []int     `json:"runs"`
	Submitted time.Time `json:"submitted"`
}

// SlurmStatus is what Slurm has to do with a sweep.
type SlurmStatus struct {
	// Jobs are all that were ever submitted.
	Jobs []SlurmJob `json:"jobs"`
	// Queued is the number of runs that Slurm has, waiting or running, nil where it could not be asked.
	Queued *int `json:"queued"`
	// Unknown is why Slurm could not be asked; then what is said of the runs is what their files tell.
	Unknown string `json:"unknown"`
}

// Queued is the number of runs that Slurm is known to have, waiting or running: until it is 0, what there is to do is to wait.
func (s *Summary) Queued() int {
	if s.Slurm == nil || s.Slurm.Queued == nil {
		return 0
	}
	return *s.Slurm.Queued
}

const slurmSchema = "noiseprobe/slurm/1"

// slurmRecord is slurm.json.
type slurmRecord struct {
	Schema      string     `json:"schema"`
	Checksummed bool       `json:"checksummed,omitempty"`
	Jobs        []SlurmJob `json:"jobs"`
}

func (d directory) slurmPath() string  { return filepath.Join(string(d), "slurm.json") }
func (d directory) scriptPath() string { return filepath.Join(string(d), "slurm.sh") }

// outputPath is what Slurm says of a task, or of all of them where index is a pattern.
func (d directory) outputPath(job, index string) string {
	return filepath.Join(string(d), "slurm", job+"_"+index+".out")
}

// submitted lists the jobs of a sweep, the oldest first; none where Slurm was never used.
func (d directory) submitted() ([]SlurmJob, error) {
	var r slurmRecord
	_, err := jsonfile.Read(d.slurmPath(), slurmSchema, &r)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return r.Jobs, nil
}

func (d directory) writeJobs(jobs []SlurmJob) error {
	return jsonfile.Write(d.slurmPath(), slurmRecord{slurmSchema, true, jobs})
}

// addJob takes note of a job.
func (d directory) addJob(job SlurmJob) error {
	jobs, err := d.submitted()
	if err != nil {
		return err
	}
	return d.writeJobs(append(jobs, job))
}

// takeBack takes note of runs that are carried out here: what becomes of them is no longer what became of their tasks.
func (d directory) takeBack(runs []int) error {
	jobs, err := d.submitted()
	if err != nil || jobs == nil {
		return err
	}
	for k := range jobs {
		jobs[k].Runs = slices.DeleteFunc(jobs[k].Runs, func(i int) bool { return slices.Contains(runs, i) })
	}
	return d.writeJobs(jobs)
}

// lastJobs gives of each run in todo, which ascends, the job that it was submitted with last.
func lastJobs(jobs []SlurmJob, todo []int) map[int]SlurmJob {
	last := map[int]SlurmJob{}
	for _, job := range jobs {
		for _, i := range job.Runs {
			last[i] = job
		}
	}
	maps.DeleteFunc(last, func(i int, _ SlurmJob) bool { _, found := slices.BinarySearch(todo, i); return !found })
	return last
}
