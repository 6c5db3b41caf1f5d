// Command calibrate measures what the intervals and p-values of noiseprobe are worth, by simulation, and writes
// docs/calibration.md: the coverage of every interval, the size of every test, and bias against the number of data. It is
// opinionated about being complete: an estimator with an interval that has no case here fails the tests.
//
//	go -C tools run ./calibrate
//
// The page is a function of the seed and the number of replicates, not of the machine or the number of workers. It takes
// minutes; with -quick it takes seconds, and shows nothing. A case is an [experiment]: a name, a generator and a few lines that read
// the estimator; start at cases.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
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
	flag.Uint64Var(&o.seed, "seed", o.seed, "root `SEED` of all data")
	flag.Parse()
	if *small {
		quick.seed = o.seed
		o = quick
	}
	page := measure(o, cases(), os.Stderr).page()
	if err := atomicfile.WriteBytes(*out, []byte(page)); err != nil {
		fmt.Fprintf(os.Stderr, "calibrate: %v\n", err)
		os.Exit(1)
	}
}

// measure runs every experiment and says on talk how long it took.
func measure(o options, all []experiment, talk io.Writer) calibration {
	c := calibration{options: o}
	for _, e := range all {
		start := time.Now()
		c.rows = append(c.rows, e.run(o)...)
		fmt.Fprintf(talk, "%-12s %-50s n = %-6d %v\n", e.section, e.data, e.n, time.Since(start).Round(time.Millisecond))
	}
	start := time.Now()
	c.family = familyWise(o)
	fmt.Fprintf(talk, "verify %v\n", time.Since(start).Round(time.Millisecond))
	return c
}
