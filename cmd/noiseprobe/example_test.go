package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// cheap flags, by command, come last and win.
var cheap = map[string]string{
	"run":   " -data synthetic -steps 2 -checkpoints 0 -units 16 -draws 0 -eval 50 -resamples 512",
	"sweep": " -data synthetic -steps 2 -checkpoints 0 -units 16 -draws 0 -eval 50 -seeds 1 -resamples 512",
	// What reproduces takes minutes to days: only its plan is made here. testdata/reproduce.txtar carries one out.
	"reproduce": " -seeds 1 -estimate",
	"bench":     " -model [16],[8] -batch 50 -units 16",
	"probe":     " -resamples 512",
	// Another -batch would be another experiment.
	"critical-batch": " -batch 16,64,256 -seeds 1 -steps 10 -eval 50",
}

// cheapImages are cheap flags for networks with convolutions.
const cheapImages = " -model [8,3,3,1],[8,3,3,1] -data synthetic -ghost 10 -batch 20 -steps 2 -checkpoints 0 -units 4 -draws 0 -eval 50 -resamples 512 -force"

// timed are the commands that take seconds whatever their flags, and make nothing that others need.
var timed = regexp.MustCompile(`^noiseprobe (verify|bench|reproduce|critical-batch)`)

// TestExamples runs the commands of the help texts, and those of README.md, each list in a directory of its own. What takes seconds is run
// once where both have it.
func TestExamples(t *testing.T) {
	var help []string
	front := readme(t)
	for _, c := range commands() {
		help = append(help, slices.DeleteFunc(strings.Split(c.example, "\n"), func(line string) bool {
			return timed.MatchString(line) && slices.Contains(front, line)
		})...)
	}
	for name, lines := range map[string][]string{"help": help, "readme": front} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, line := range lines {
				switch {
				case network(line):
				case testing.Short() && onRun.MatchString(line), !numtest.Full() && (timed.MatchString(line) || name == "help" && onRun.MatchString(line)):
					t.Logf("NOT TESTED: %s; NOISEPROBE_TEST=all has it tested", line)
				default:
					runExample(t, dir, line)
				}
			}
		})
	}
}

// network tells of a command that needs data from elsewhere.
func network(line string) bool {
	_, found, _ := dataset.Locate("fashion-mnist")
	return strings.HasPrefix(line, "noiseprobe data fetch") || strings.HasPrefix(line, "noiseprobe data verify") && !found
}

func runExample(t *testing.T, dir, line string) {
	t.Helper()
	if line == "noiseprobe serve" { // which does not end
		servedProcess(t, dir)
		return
	}
	flags := cheap[strings.Fields(line)[1]]
	if images := strings.Contains(line, "-model c") || strings.Contains(line, ",3,3,"); images && strings.HasPrefix(line, "noiseprobe run") {
		flags = cheapImages
	} else {
		flags = strings.Replace(flags, "-data synthetic", "-data "+few, 1)
	}
	if strings.HasPrefix(line, "noiseprobe probe") && !strings.Contains(line, "-inputs") {
		flags += " -units 16"
	}
	if strings.HasPrefix(line, "noiseprobe run") && strings.Contains(line, " -norms ") {
		flags = strings.Replace(flags, "-steps 2", "-steps 10", 1) // as few as noise-scale takes
	}
	if !strings.HasPrefix(line, "noiseprobe reproduce") { // which has networks of its own
		line = strings.NewReplacer("-model f1 ", "-model '[8]' ", "runs/f1-", "runs/8_-", " -checkpoint 121", "").Replace(line)
	}
	if flags != "" && !strings.Contains(line, "-resume") && !strings.Contains(line, "sweep status") {
		end := strings.IndexAny(line+"|", "|>")
		line = line[:end] + flags + " " + line[end:]
	}
	if strings.Contains(line, "-executor slurm") {
		line = "PATH=" + submitter(t) + ":$PATH " + strings.Replace(line, "-seeds 1", "-seeds 2", 1) // which are not done yet
	}
	p := exec.Command("sh", "-c", line)
	p.Dir = dir
	if text, err := p.CombinedOutput(); err != nil {
		t.Errorf("%s: %v: %s", line, err, text)
	}
}

// submitter is a folder with an sbatch that takes any job, and does nothing about it.
func submitter(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sbatch"), []byte("#!/bin/sh\necho 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// onRun matches what makes a run directory or needs one.
var onRun = regexp.MustCompile(`^noiseprobe ((run|sweep|reproduce|compare|analyze|export|probe|report|critical-batch|watch|serve) |.* norms\.npy|noise-scale runs/)`)

var (
	fence   = regexp.MustCompile("(?s)\n```[a-z]*\n(.*?)\n```")
	program = regexp.MustCompile(`^(go run \./cmd/noiseprobe|noiseprobe) `)
	comment = regexp.MustCompile(` +#.*$`)
)

// readme lists the commands in README.md, without prompts and comments.
func readme(t *testing.T) []string {
	text, err := os.ReadFile("../../README.md")
	if errors.Is(err, fs.ErrNotExist) {
		t.Log("there is no README.md")
	} else if err != nil {
		t.Fatal(err)
	}
	// The session shows the first command again, and a run does not replace its directory.
	var distinct []string
	for _, line := range fencedCommands(string(text)) {
		if !slices.Contains(distinct, line) {
			distinct = append(distinct, line)
		}
	}
	return distinct
}

func fencedCommands(text string) []string {
	var lines []string
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		for line := range strings.SplitSeq(strings.ReplaceAll(block[1], "\\\n", " "), "\n") {
			line = strings.TrimPrefix(line, "$ ")
			if program.MatchString(line) {
				lines = append(lines, comment.ReplaceAllString(program.ReplaceAllString(line, "noiseprobe "), ""))
			}
		}
	}
	return lines
}

func TestFencedCommands(t *testing.T) {
	text := "words\n\n```sh\n$ noiseprobe run -v  # why\ncd x\ngo run ./cmd/noiseprobe env\n```\nnoiseprobe no\n```\nnoiseprobe \\\n  env\n```\n"
	want := "noiseprobe run -v|noiseprobe env|noiseprobe    env"
	if got := strings.Join(fencedCommands(text), "|"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
