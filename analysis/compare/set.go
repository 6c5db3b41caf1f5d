package compare

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// Set is everything that was found below some directories.
type Set struct {
	Groups []*Group
	// LeftOut are the runs that cannot be compared.
	LeftOut []LeftOut
}

// LeftOut is a run that is not compared, and why.
type LeftOut struct {
	Dir    string `json:"dir"`
	Reason string `json:"reason"`
}

// depth is how far below a directory its runs may lie: a sweep has them one level down, a folder of sweeps two.
const depth = 2

// Read finds the runs in and below dirs and groups those that can be compared. Run directories without a report, with an interrupted run or
// with a damaged file are left out with the reason, and so are copies of a run. It is an error if a directory has no runs, if none can be
// compared, and if two runs have the same settings and seed but different results.
func Read(dirs []string) (*Set, error) {
	set := new(Set)
	var found []string
	for _, dir := range dirs {
		below, err := find(dir, depth)
		if err != nil {
			return nil, err
		}
		if len(below) == 0 {
			return nil, fmt.Errorf("%s: holds no runs", dir)
		}
		for _, run := range below {
			if !slices.ContainsFunc(found, func(other string) bool { return same(run, other) }) {
				found = append(found, run)
			}
		}
	}
	var runs []*Run
	for _, dir := range found {
		r, err := readRun(dir)
		if err != nil {
			set.LeftOut = append(set.LeftOut, LeftOut{dir, reasonOf(dir, err)})
			continue
		}
		runs = append(runs, r)
		r.number = uint64(len(runs))
	}
	runs, err := set.withoutCopies(runs)
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		first := set.LeftOut[0]
		return nil, fmt.Errorf("%s: no run can be compared: %s: %s", strings.Join(dirs, ", "), first.Dir, first.Reason)
	}
	set.Groups = groupsOf(runs)
	return set, nil
}

// find lists the run directories in and below dir, in the order of their names.
func find(dir string, levels int) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if isRun(entries) {
		return []string{dir}, nil
	}
	if levels == 0 {
		return nil, nil
	}
	var runs []string
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path) // follows links to run directories
		if err != nil || !info.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		below, err := find(path, levels-1)
		if err != nil {
			return nil, err
		}
		runs = append(runs, below...)
	}
	return runs, nil
}

// isRun recognises a run directory by the files that only runs have, so that one without a report is found as well.
func isRun(entries []fs.DirEntry) bool {
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return slices.Contains([]string{"report.json", "metrics.csv", "run.json"}, e.Name())
	})
}

func same(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	two, err := os.Stat(b)
	return err == nil && os.SameFile(one, two)
}

// reasonOf is the error without the directory, which is printed beside it.
func reasonOf(dir string, err error) string {
	var path *fs.PathError
	if errors.As(err, &path) && errors.Is(err, fs.ErrNotExist) {
		return "unfinished: has no " + filepath.Base(path.Path)
	}
	return strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
}

// withoutCopies leaves out copies of runs.
func (s *Set) withoutCopies(runs []*Run) ([]*Run, error) {
	var kept []*Run
	for _, r := range runs {
		at := slices.IndexFunc(kept, func(other *Run) bool { return identical(r, other) })
		if at < 0 {
			kept = append(kept, r)
			continue
		}
		if !equalResults(r, kept[at]) {
			return nil, fmt.Errorf("%s and %s: the same settings and seed but different results, after %d and %d steps: leave one of them out", kept[at].Dir, r.Dir,
				kept[at].Report.Training.Steps, r.Report.Training.Steps)
		}
		s.LeftOut = append(s.LeftOut, LeftOut{r.Dir, "a copy of " + kept[at].Dir})
	}
	return kept, nil
}

// identical reports whether two runs have the same alpha, B, seed and settings.
func identical(a, b *Run) bool {
	return a.Alpha() == b.Alpha() && a.Batch() == b.Batch() && a.Seed() == b.Seed() && canCompare(settingsOf(a), settingsOf(b))
}

// equalResults compares two runs in all but when, where and how fast they were carried out, which is no result.
func equalResults(a, b *Run) bool { return bytes.Equal(results(a), results(b)) }

// results are report and metrics without what depends on the machine and the clock.
func results(r *Run) []byte {
	rep := *r.Report
	rep.Training.Seconds, rep.Files = 0, nil // run.json says what machine it was
	rep.Run.Data.Source, rep.Run.BLAS, rep.Run.Workers, rep.Run.Version, rep.Run.Go = "", "", 0, "", ""
	var text bytes.Buffer
	if err := report.Write(&text, &rep); err != nil {
		panic("compare: a report that was read cannot be written: " + err.Error())
	}
	for _, m := range r.Metrics {
		m.Seconds = 0
		text.WriteString(report.FormatMetric(m))
	}
	return text.Bytes()
}
