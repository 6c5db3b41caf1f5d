package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
)

// printPoints prints a row for each point of the grid.
func printPoints(p page, summary *sweep.Summary) {
	t := document.Table{Header: append(slices.Clone(summary.Varying), "runs", "n", "accuracy %", "sd", "test loss", "sd", "converged", "steps", "sd", "diverged")}
	for _, point := range summary.Points {
		var cells []string
		for _, flag := range summary.Varying {
			cells = append(cells, point.Settings[flag])
		}
		a, l, c := point.TestAccuracy, point.TestLoss, point.ConvergenceTime
		t.Add(append(cells, fmt.Sprint(point.Runs), fmt.Sprint(a.N), percent(a.Mean), percent(a.SD), digits(l.Mean), digits(l.SD),
			fmt.Sprint(c.N), digits(c.Mean), digits(c.SD), fmt.Sprint(point.Diverged))...)
	}
	t.Text(p)
	p.fold("", "", "Means and standard deviations (divisor n - 1) over seeds, of the n runs that did not diverge; steps until convergence "+
		"of those that converged.")
}

func percent(x estimate.Number) string {
	if !x.Defined() {
		return "-"
	}
	return fmt.Sprintf("%.2f", 100*float64(x))
}

// printStatus prints how many runs are in each state, and which are in none of the usual ones.
func printStatus(p page, summary *sweep.Summary) {
	activity := "no process carries it out"
	if summary.Active {
		activity = "it is being carried out"
		if left := summary.SecondsLeft; left.Defined() {
			activity += fmt.Sprintf(", %s left", (time.Duration(left) * time.Second).Round(time.Second))
		}
	}
	fmt.Fprintf(p, "%s: %d runs; %s\n", summary.Dir, len(summary.Runs), activity)
	for _, row := range []struct {
		state string
		count int
	}{
		{sweep.Done, summary.Done}, {sweep.Diverged, summary.Diverged}, {sweep.Running, summary.Running},
		{sweep.Failed, summary.Failed}, {sweep.Interrupted, summary.Interrupted}, {sweep.Waiting, summary.Waiting},
	} {
		fmt.Fprintf(p, "%-11s %5d\n", row.state, row.count)
	}
	if summary.Slurm != nil {
		fmt.Fprintf(p, "slurm: %s\n", slurmLine(summary))
	}
	for _, r := range summary.Runs {
		told := r.Slurm != nil && (r.Slurm.Requeued || r.Slurm.Said != "")
		if r.State != sweep.Done && r.State != sweep.Waiting || told {
			fmt.Fprintln(p, strings.TrimSuffix(r.Name+" "+r.State+": "+detail(r), ": "))
		}
	}
}

// detail says why a run is as it is.
func detail(r sweep.Result) string {
	if r.Failure == "" && r.Slurm != nil {
		return r.Slurm.String()
	}
	return r.Failure
}

// slurmLine counts the tasks by what Slurm says of them, in the order of their runs.
func slurmLine(summary *sweep.Summary) string {
	if unknown := summary.Slurm.Unknown; unknown != "" {
		return unknown
	}
	var kinds []string
	count := map[string]int{}
	for _, r := range summary.Runs {
		if r.Slurm != nil && r.Slurm.State != "" {
			kind := r.Slurm.Word()
			if count[kind]++; count[kind] == 1 {
				kinds = append(kinds, kind)
			}
		}
	}
	for i, kind := range kinds {
		kinds[i] = fmt.Sprintf("%d %s", count[kind], kind)
	}
	if len(kinds) == 0 {
		return "has none of the runs"
	}
	return strings.Join(kinds, ", ")
}
