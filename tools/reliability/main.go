// Command reliability breaks runs in the ways in which machines and people break them, counts how often a promise of noiseprobe was not
// kept, and writes docs/reliability.md.
//
//	go -C tools run ./reliability
//
// It builds the program, makes one run that nobody disturbs, and disturbs many like it. It takes some minutes; a seed chooses the moments and
// places, though what a kill meets depends on the machine.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
)

func main() {
	out := flag.String("out", "../docs/reliability.md", "`FILE` to write")
	root := flag.Uint64("seed", 1, "`SEED` of all moments and places")
	share := flag.Float64("share", 1, "`SHARE` of the trials that are made")
	flag.Parse()
	if err := measure(*out, *root, *share); err != nil {
		fmt.Fprintf(os.Stderr, "reliability: %v\n", err)
		os.Exit(1)
	}
}

func measure(out string, root uint64, share float64) error {
	work, err := os.MkdirTemp("", "reliability-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	p := program{work: work, path: filepath.Join(work, "noiseprobe")}
	build := exec.Command("go", "build", "-o", p.path, "./cmd/noiseprobe")
	build.Dir = ".."
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %s", err, text)
	}
	if err := p.undisturbed(); err != nil {
		return err
	}
	var rows []row
	for _, promise := range promises {
		r := row{promise: promise}
		for k := range max(1, int(share*float64(promise.trials))) {
			t := trial{program: &p, rng: rand.New(rand.NewPCG(root, uint64(k))), number: k, dir: filepath.Join(work, fmt.Sprintf("%s-%d", promise.name, k))}
			r.made++
			if err := promise.try(t); err != nil {
				r.broken++
				fmt.Fprintf(os.Stderr, "%s, trial %d: %v\n", promise.name, k, err)
			}
			os.RemoveAll(t.dir)
		}
		fmt.Fprintf(os.Stderr, "%-12s %d of %d broken\n", promise.name, r.broken, r.made)
		rows = append(rows, r)
	}
	return atomicfile.WriteBytes(out, []byte(page(rows, root)))
}

// row is what came out for a promise.
type row struct {
	promise
	made, broken int
}

func page(rows []row, root uint64) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Reliability

What noiseprobe promises when a machine or a person gets in its way, and how often the promise was broken when that was tried. This page is written by

    go -C tools run ./reliability

(seed %d). Every trial is of a small run (a network of one hidden layer, 40 steps, three checkpoints, direct draws). "The same" means the same bytes in every file of the run
directory but for times. Rules that hold for single files and readers are tested by `+"`go test ./...`"+`, every reader and parser is fed random input for half a minute
in `+"`.ci/run`"+` (and was for an hour, `+"`-fuzztime 1h`"+`, all 19 targets at once on two cores: 35 million inputs, 130,000 to 5.8 million each, none that failed), and thirty kills of a sweep are among the tests in full (`+"`NOISEPROBE_TEST=all`"+`).

| promise | how it is tried | trials | broken |
| --- | --- | ---: | ---: |
`, root)
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %d | %d |\n", r.promise.text, r.how, r.made, r.broken)
	}
	b.WriteString(`
What is not promised: that two processes keep apart on a file system without locks (one line says so), that a run is complete after a disk has lost what it said it had
written, and that a file which was changed together with every checksum that covers it is found out.
`)
	return b.String()
}
