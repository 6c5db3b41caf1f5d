package main

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/identity"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

type verifyOptions struct {
	identity.Settings
	workers int
	json    bool
}

func verifyCommand() command {
	return command{
		name: "verify", none: "no files",
		summary: "checks every identity about the noise on synthetic data: predicted, measured, verdict",
		detail: `Checks Eqs. 4, 5, 9, 10 and 11 of the paper for every pairing, cumulants, shape at equal covariance, stable noise, and the second moments of recorded
gradients. For small populations all that can be drawn is enumerated, and an identity must hold up to rounding. For larger ones
minibatches are drawn with the sampler of training and read through the estimators of the report. The status is 3 if a check does
not hold.

One interval in twenty leaves out its prediction, which is no failure. A check fails if its p-value is so small that, were all
identities true, some check would fail with probability 0.001.
`,
		example: `noiseprobe verify
noiseprobe verify -seed 7 -json`,
		define: func(f *flags) func(*session, []string) error {
			o := &verifyOptions{Settings: identity.Settings{Seed: 1}}
			f.Uint64Var(&o.Seed, "seed", o.Seed, "`SEED` seed of the data and of the draws")
			f.IntVar(&o.workers, "workers", 0, "`W` number of goroutines, 0 for one per processor; the result does not depend on it")
			f.BoolVar(&o.json, "json", false, "print the checks as JSON instead of text")
			return func(s *session, _ []string) error { return o.run(s) }
		},
	}
}

func (o *verifyOptions) run(s *session) error {
	if o.workers < 0 {
		return usageError("-workers %d: must not be negative", o.workers)
	}
	parallel.SetWorkers(o.workers)
	return printVerification(s, identity.Verify(o.Settings), o.json)
}

// printVerification prints the checks; it is an error that some do not hold.
func printVerification(s *session, r *identity.Result, asJSON bool) error {
	if err := show(s, asJSON, r, printChecks); err != nil {
		return err
	}
	for _, c := range r.Checks {
		if !c.OK {
			return fmt.Errorf("verify: %w, the first is %q", errChecks, c.Name)
		}
	}
	return nil
}

// printChecks prints a line for each check where there is room, and else one of numbers below its name.
func printChecks(p page, r *identity.Result) {
	const name, numbers = 80, 69 // columns
	line := func(check, predicted, measured, interval, z, verdict string) {
		if p.width >= name+numbers {
			fmt.Fprintf(p, "%-*s", name, check)
		} else {
			p.fold("", "  ", check)
			fmt.Fprint(p, "  ")
		}
		fmt.Fprintf(p, " %11s %11s  %-24s %6s  %s\n", predicted, measured, interval, z, verdict)
	}
	line("check", "predicted", "measured", "95% interval", "z", "verdict")
	failed := 0
	for _, c := range r.Checks {
		verdict := "holds"
		if !c.OK {
			verdict = "FAILS"
			failed++
		}
		line(c.Name, fmt.Sprintf("%.5g", float64(c.Predicted)), fmt.Sprintf("%.5g", float64(c.Measured)), bounds(c), score(c), verdict)
	}
	p.fold("", "", fmt.Sprintf("%d of %d checks hold at seed %d. If all identities hold, some check fails with probability at most %g: a random one "+
		"where its p-value is below %.2g, |z| about %.2g; an enumeration beyond its tolerance.",
		len(r.Checks)-failed, len(r.Checks), r.Seed, r.FalseAlarmRate, float64(r.PThreshold), r.CriticalZ()))
}

// bounds is the interval of a random check, and the tolerance of an enumeration.
func bounds(c identity.Check) string {
	if c.CI.Defined() {
		return fmt.Sprintf("[%.5g, %.5g]", c.CI.Lo, c.CI.Hi)
	}
	return fmt.Sprintf("within %.2g", float64(c.Tolerance))
}

func score(c identity.Check) string {
	if c.Z.Defined() {
		return fmt.Sprintf("%.2f", float64(c.Z))
	}
	return "-"
}
