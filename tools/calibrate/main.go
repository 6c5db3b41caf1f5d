// Command calibrate measures what the intervals and p-values of noiseprobe are worth, by simulation, and writes
// docs/calibration.md: the coverage of every interval, the size of every test, and bias against the number of data. It is
// opinionated about being complete: an estimator with an interval that has no case here fails the tests.
//
//	go -C tools run ./calibrate
//
// The page is a function of the seed and the number of replicates, not of the machine or the number of workers. It takes half an hour;
// -section measures a part of it again, whose data depend on no other part. With -quick it takes seconds, and shows nothing. A case is an
// [experiment]: a name, a generator and a few lines that read the estimator; start at cases.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
)

// options are what the page depends on.
type options struct {
	seed       uint64
	replicates int
	seeds      int // of verify
}

// full and quick are the sizes of the page, and of a test that every case runs.
var (
	full  = options{seed: 1, replicates: 200, seeds: 100}
	quick = options{seed: 1, replicates: 8, seeds: 2}
)

func main() {
	o := full
	small := flag.Bool("quick", false, "a few replicates, to see that every case runs")
	out := flag.String("out", "../docs/calibration.md", "`FILE` to write")
	only := flag.String("section", "", "measure only the sections with these `NAMES`, such as tail,along, and put them into the page that there is")
	flag.Uint64Var(&o.seed, "seed", o.seed, "root `SEED` of all data")
	flag.Parse()
	if *small {
		quick.seed = o.seed
		o = quick
	}
	page, err := newPage(o, *only, *out)
	if err == nil {
		err = atomicfile.WriteBytes(*out, []byte(page))
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "calibrate: %v\n", err)
		os.Exit(1)
	}
}

// newPage is the whole page, or the one of a file with some of its sections measured again.
func newPage(o options, only, file string) (string, error) {
	if only == "" {
		return measure(o, cases(), os.Stderr).page(), nil
	}
	old, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	return replace(string(old), o, strings.Split(only, ","), os.Stderr)
}

// measure runs every experiment and says on talk how long it took.
func measure(o options, all []experiment, talk io.Writer) calibration {
	c := rowsOf(o, all, talk)
	start := time.Now()
	c.family = familyWise(o)
	fmt.Fprintf(talk, "verify %v\n", time.Since(start).Round(time.Millisecond))
	return c
}

func rowsOf(o options, all []experiment, talk io.Writer) calibration {
	c := calibration{options: o}
	for _, e := range all {
		start := time.Now()
		c.rows = append(c.rows, e.run(o)...)
		fmt.Fprintf(talk, "%-12s %-50s n = %-6d %v\n", e.section, e.data, e.n, time.Since(start).Round(time.Millisecond))
	}
	return c
}
