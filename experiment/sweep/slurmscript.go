package sweep

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"github.com/noiseprobe/noiseprobe/internal/shell"
)

// notice is the time in seconds before the limit at which Slurm says that it comes near: enough for a step and the saving of the
// state. Slurm may say it up to a minute earlier.
const notice = 60

// sbatchOptions are those of an array job of the runs in todo.
func (s *Settings) sbatchOptions(d directory, todo []int) ([]string, error) {
	dir, err := filepath.Abs(string(d))
	if err != nil {
		return nil, err
	}
	work, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if strings.ContainsFunc(dir+work+s.Program, unicode.IsControl) {
		return nil, fmt.Errorf("%q: a batch script cannot have it in a line", dir)
	}
	array := ranges(todo)
	if s.Jobs > 0 {
		array += fmt.Sprintf("%%%d", s.Jobs)
	}
	// A percent sign of a path is none of a pattern.
	output := strings.ReplaceAll(dir, "%", "%%")
	options := []string{
		"--job-name=" + filepath.Base(dir), "--array=" + array, "--chdir=" + work,
		"--output=" + directory(output).outputPath("%A", "%a"), "--open-mode=append",
		"--requeue", fmt.Sprintf("--signal=B:USR1@%d", notice),
	}
	if s.Workers > 0 {
		options = append(options, fmt.Sprintf("--cpus-per-task=%d", s.Workers))
	}
	return append(options, s.Slurm.options()...), nil
}

// script is the batch script with these options.
func (s *Settings) script(d directory, options []string) (string, error) {
	dir, err := filepath.Abs(string(d))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "#!/bin/sh\n# Each task carries out one run of sweep.json, by its place there, from 0; sbatch --array=3 %s does the fourth.\n",
		shell.Quote(filepath.Base(d.scriptPath())))
	for _, o := range options {
		fmt.Fprintf(&b, "#SBATCH %s\n", sbatchQuoted(o))
	}
	// The task must be the program itself: Slurm signals the first process of a batch job.
	fmt.Fprintf(&b, "exec %s sweep task %s \"$SLURM_ARRAY_TASK_ID\"\n", shell.Quote(s.Program), shell.Quote(dir))
	return b.String(), nil
}

// ranges writes ascending numbers as in 0-3,5.
func ranges(numbers []int) string {
	var parts []string
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		part := strconv.Itoa(numbers[i])
		if j > i {
			part += "-" + strconv.Itoa(numbers[j])
		}
		parts, i = append(parts, part), j+1
	}
	return strings.Join(parts, ",")
}

// sbatchQuoted quotes an option for a line #SBATCH, where a backslash keeps its meaning inside quotes.
func sbatchQuoted(text string) string {
	if shell.IsPlain(text) {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
