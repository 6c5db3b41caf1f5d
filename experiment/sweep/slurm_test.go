package sweep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/noiseprobe/noiseprobe/experiment"
)

func TestRanges(t *testing.T) {
	for want, numbers := range map[string][]int{
		"0": {0}, "0-3": {0, 1, 2, 3}, "0-1,3": {0, 1, 3}, "2,5-6,9": {2, 5, 6, 9},
	} {
		if got := ranges(numbers); got != want {
			t.Errorf("%v: %s, want %s", numbers, got, want)
		}
	}
}

// TestQuoted: sbatch reads back what was quoted. That sbatch 22.05 takes --comment=a"b\c'd #e from such a line was tried.
func TestQuoted(t *testing.T) {
	for text, want := range map[string]string{
		"--time=1:00:00": "--time=1:00:00", "a b": `"a b"`, "": `""`, `a"b\c'd #e`: `"a\"b\\c'd #e"`, "$x": `"$x"`, "ü": `"ü"`,
	} {
		if got := sbatchQuoted(text); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestScript(t *testing.T) {
	s := Settings{Program: "/a b/noiseprobe", Slurm: &Slurm{Partition: "long", Options: []string{"--signal=B:USR1@300"}}}
	d := directory(filepath.Join(t.TempDir(), "50%"))
	options, err := s.sbatchOptions(d, []int{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.script(d, options)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if lines[0] != "#!/bin/sh" || !strings.HasPrefix(lines[len(lines)-1], "exec '/a b/noiseprobe' sweep task ") {
		t.Errorf("%s", text)
	}
	for _, want := range []string{"#SBATCH --array=1-2\n", "#SBATCH --job-name=50%\n", "/50%%/slurm/%A_%a.out"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	// Of two lines with one option the last counts.
	if ours, given := slices.Index(lines, "#SBATCH --signal=B:USR1@60"), slices.Index(lines, "#SBATCH --signal=B:USR1@300"); ours < 0 || given < ours {
		t.Errorf("%s", text)
	}
	if _, err := s.sbatchOptions("a\nb", []int{0}); err == nil {
		t.Error("a name of two lines")
	}
}

func TestParseTasks(t *testing.T) {
	const text = "CLUSTER: east\n12_3|PENDING|Resources\n12_4|RUNNING|None\n12_5|CANCELLED by 1000\n12_6|TIMEOUT\n" +
		"12_[7-9]|PENDING\n120_1|RUNNING|None\n12_x|RUNNING|None\n12_2\n\n"
	var got []string
	tasks := SlurmJob{ID: "12"}.parse(text)
	for i := range 10 {
		if task := tasks[i]; task != nil {
			got = append(got, fmt.Sprint(i, " ", task.Word(), " ", task.queued(), task.waiting(), task.failed()))
		}
	}
	want := "3 PENDING (Resources) true true false|4 RUNNING true false false|5 CANCELLED false false false|6 TIMEOUT false false true"
	if strings.Join(got, "|") != want {
		t.Errorf("%q", got)
	}
}

func TestFirstError(t *testing.T) {
	for text, want := range map[string]string{
		"sbatch: error: no such partition.\nsbatch: error: more\n":                       "no such partition",
		"sbatch: Job creation temporarily disabled, retrying\nsbatch: error: Job held\n": "Job held",
		"slurm_load_jobs error: Unable to contact slurm controller":                      "Unable to contact slurm controller",
		"usage: sbatch\nmore": "usage: sbatch",
		"":                    "",
	} {
		if got := firstError(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestSlurmOutput: what was printed before a failure is not lost, nor why a command did not answer.
func TestSlurmOutput(t *testing.T) {
	fakeSlurm(t, "sbatch", `echo 17; echo "note" >&2; echo "sbatch: error: $1" >&2; [ "$1" != slow ] || exec sleep 60; exit 1`)
	out, err := slurmOutput(t.Context(), time.Minute, "sbatch", "refused")
	if out != "17\n" || err == nil || err.Error() != "sbatch: refused" {
		t.Errorf("%q, %v", out, err)
	}
	out, err = slurmOutput(t.Context(), time.Second, "sbatch", "slow")
	if out != "17\n" || err == nil || err.Error() != "sbatch: no answer within 1s: slow" {
		t.Errorf("%q, %v", out, err)
	}
	ended, cancel := context.WithCancelCause(t.Context())
	interrupt := errors.New("interrupted")
	cancel(interrupt)
	if _, err := slurmOutput(ended, time.Minute, "sbatch", "slow"); !errors.Is(err, interrupt) {
		t.Errorf("after an interrupt: %v", err)
	}
}

// TestSubmitted: a job whose number was printed is recorded, whatever sbatch does then.
func TestSubmitted(t *testing.T) {
	d := sweepOf(t)
	record, err := d.read()
	if err != nil {
		t.Fatal(err)
	}
	fakeSlurm(t, "sbatch", `echo 17; echo "sbatch: error: a task failed" >&2; exit 1`)
	s, tasks := Settings{Program: "/noiseprobe", Slurm: &Slurm{}}, map[int]*SlurmTask{}
	var said []string
	if err := s.submit(d, record, []int{0, 1}, tasks, Observer{Notice: func(line string) { said = append(said, line) }}); err != nil {
		t.Fatal(err)
	}
	if jobs, err := d.submitted(); err != nil || len(jobs) != 1 || jobs[0].ID != "17" || len(tasks) != 2 || said[0] != "sbatch: a task failed" {
		t.Errorf("%v, %v, %v, %q", jobs, err, tasks, said)
	}
	fakeSlurm(t, "sbatch", `echo "sbatch: error: Batch job submission failed: Invalid job array specification" >&2; exit 1`)
	if err := s.submit(d, record, []int{1}, tasks, Observer{}); err == nil || !strings.Contains(err.Error(), "run 1 of sweep.json may be above MaxArraySize") {
		t.Error(err)
	}
}

// TestControllerThatHangs: of several jobs one is asked about, and how many runs are queued is then not known.
func TestControllerThatHangs(t *testing.T) {
	d := sweepOf(t)
	asked := filepath.Join(t.TempDir(), "asked")
	fakeSlurm(t, "squeue", `echo x >>"`+asked+`"; echo "slurm_load_jobs error: Unable to contact slurm controller" >&2; exit 1`)
	if err := errors.Join(d.addJob(SlurmJob{ID: "1", Runs: []int{0}}), d.addJob(SlurmJob{ID: "2", Runs: []int{1}})); err != nil {
		t.Fatal(err)
	}
	s, err := Status(t.Context(), string(d), fewFlags{})
	if err != nil || s.Slurm.Queued != nil || s.Queued() != 0 || !strings.Contains(s.Slurm.Unknown, "job 1 is unknown") {
		t.Errorf("%+v, %v", s, err)
	}
	if text, err := os.ReadFile(asked); string(text) != "x\n" {
		t.Errorf("squeue was asked %d times, %v", len(text)/2, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Status(ended, string(d), fewFlags{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after an interrupt: %v", err)
	}
}

// TestAnswerAfterALocalSweep: what Slurm said before the runs here began is of no use when they have ended.
func TestAnswerAfterALocalSweep(t *testing.T) {
	d := sweepOf(t)
	state := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(state, []byte("RUNNING"), 0o644); err != nil {
		t.Fatal(err)
	}
	fakeSlurm(t, "squeue", `echo "17_0|$(cat "`+state+`")|None"`)
	// The run that is carried out here takes as long as task 17_0 needs to fail.
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nprintf OUT_OF_MEMORY >"+state+"; exit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := d.addJob(SlurmJob{ID: "17", Runs: []int{0}}); err != nil {
		t.Fatal(err)
	}
	s, err := Run(t.Context(), Settings{Dir: string(d), Flags: fewFlags{}, Jobs: 1, Workers: 1, Program: program}, Observer{})
	var failed *FailedRunsError
	if !errors.As(err, &failed) || failed.Failed != 2 || !strings.Contains(s.Runs[0].Failure, "OUT_OF_MEMORY") {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestLastJobs: a run belongs to the job that it was submitted with last.
func TestLastJobs(t *testing.T) {
	jobs := []SlurmJob{{ID: "1", Runs: []int{0, 1, 2}}, {ID: "2", Runs: []int{1}}}
	last := lastJobs(jobs, []int{0, 1})
	if len(last) != 2 || last[0].ID != "1" || last[1].ID != "2" {
		t.Errorf("%v", last)
	}
}

// TestTakeBack: a run that is carried out here is no longer that of its task.
func TestTakeBack(t *testing.T) {
	d := directory(t.TempDir())
	if err := d.takeBack([]int{0}); err != nil {
		t.Error(err)
	}
	for _, job := range []SlurmJob{{ID: "1", Runs: []int{0, 1, 2}}, {ID: "2", Runs: []int{1}}} {
		if err := d.addJob(job); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.takeBack([]int{1, 2}); err != nil {
		t.Fatal(err)
	}
	jobs, err := d.submitted()
	if last := lastJobs(jobs, []int{0, 1, 2}); err != nil || len(last) != 1 || last[0].ID != "1" {
		t.Errorf("%v, %v", last, err)
	}
}

// TestLastWord: what Slurm says of an end counts more than that the program was interrupted.
func TestLastWord(t *testing.T) {
	d := directory(t.TempDir())
	for text, want := range map[string]string{
		"": "",
		"noiseprobe: a\nslurmstepd: error: *** JOB 1 ON n CANCELLED AT 2026 DUE TO JOB REQUEUE ***\nnoiseprobe: interrupted\n": "",
		"noiseprobe: a: is not a sweep directory\n":                                                            "a: is not a sweep directory",
		"slurmstepd: error: *** JOB 1 ON n CANCELLED AT 2026 DUE TO TIME LIMIT ***\nnoiseprobe: interrupted\n": "JOB 1 ON n CANCELLED AT 2026 DUE TO TIME LIMIT",
	} {
		path := d.outputPath("1", "0")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := d.lastWord("1", 0); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestSlurmOptions(t *testing.T) {
	for _, bad := range []Slurm{
		{Partition: "a\nb"}, {Options: []string{"a=b"}}, {Options: []string{""}}, {Options: []string{"--array=1"}}, {Options: []string{"-a"}},
		{Options: []string{"--wrap=true"}}, {Options: []string{"-a7"}}, {Options: []string{"--arr=7"}}, {Options: []string{"--wait"}}, {Options: []string{"-W"}},
		{Options: []string{"--"}}, {Options: []string{"-A x"}},
	} {
		var wrong *experiment.UsageError
		if err := bad.check(); !errors.As(err, &wrong) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	good := Slurm{Partition: "p", Time: "1:0", Memory: "1G", Options: []string{"--nice", "-Ax", "--wait-all-nodes=1", "--comment=a b"}}
	if err := good.check(); err != nil {
		t.Error(err)
	}
	if got := strings.Join(good.options(), "|"); got != "--partition=p|--time=1:0|--mem=1G|--nice|-Ax|--wait-all-nodes=1|--comment=a b" {
		t.Error(got)
	}
}

// fakeSlurm puts a command in the place of one of Slurm.
func fakeSlurm(t *testing.T, name, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there is no shell")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// TestJobID: the cluster of a federation follows the number, and plugins may say something before it.
func TestJobID(t *testing.T) {
	for said, want := range map[string]string{"17": "17;", "17;east": "17;east", "note\n17": "17;", "Submitted batch job": "", "": ""} {
		got := ""
		if id := jobID.FindStringSubmatch(said); id != nil {
			got = id[1] + ";" + id[2]
		}
		if got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}
