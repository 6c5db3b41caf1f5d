package sweep

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/train"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// plan makes the runs of a grid, each of them checked as far as can be before it starts.
type plan struct {
	flags    Flags
	recorded sweepRecord // of an earlier sweep in the directory, or empty
	given    Grid
	points   []NamedRun                     // in place of given
	notices  []string                       // of the data, for when all is checked
	opened   map[[3]string]*dataset.Dataset // by -data, the set that the model is made for, and -from
}

// extended is the recorded sweep with the runs of the given grid that it lacks. Flags that are not given are as recorded: with nothing
// given the sweep stays as it is.
func (p *plan) extended() (sweepRecord, error) {
	r := sweepRecord{Schema: sweepSchema, Version: experiment.Version, Runs: slices.Clone(p.recorded.Runs)}
	if p.recorded.Version != "" {
		r.Version = p.recorded.Version
	}
	if p.points != nil {
		r.Grid = Grid{}
		return r, p.addPoints(&r)
	}
	if len(p.recorded.Runs) > 0 && len(p.recorded.Grid) == 0 {
		if len(p.given) > 0 {
			return r, experiment.Usagef("-%s: the runs of this directory are single points, and no grid that could be extended", p.given[0].Flag)
		}
		r.Grid = Grid{}
		return r, nil
	}
	r.Grid = p.union()
	points, err := p.asked().points()
	if err != nil {
		return r, err
	}
	for _, point := range points {
		c, err := p.config(point)
		if err != nil {
			return r, err
		}
		if slices.ContainsFunc(r.Runs, func(run plannedRun) bool { return run.Config == c }) {
			continue
		}
		if err := p.contradiction(c); err != nil {
			return r, err
		}
		r.Runs = append(r.Runs, plannedRun{Name: p.name(c, r), Config: c})
	}
	if len(r.Runs) > MostRuns {
		return r, experiment.Usagef("the sweep has more than %d runs", MostRuns)
	}
	return r, nil
}

// ErrOtherSettings is that of a point whose name the directory has given to another run.
var ErrOtherSettings = errors.New("is recorded with other settings")

// addPoints appends the points that the record lacks. A recorded run of the same name must be the same run.
func (p *plan) addPoints(r *sweepRecord) error {
	for _, point := range p.points {
		c, err := p.config(point.Values)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(r.Runs, func(run plannedRun) bool { return run.Name == point.Name })
		switch {
		case i < 0:
			r.Runs = append(r.Runs, plannedRun{Name: point.Name, Config: c})
		case r.Runs[i].Config != c:
			return fmt.Errorf("%s: %w", point.Name, ErrOtherSettings)
		}
	}
	return nil
}

// asked is the grid that is meant: what is given, what is recorded for the rest, and the seed as the last axis.
func (p *plan) asked() Grid {
	g := slices.Clone(p.recorded.Grid)
	for _, a := range p.given {
		g = g.with(a)
	}
	if g.values(seedFlag) == nil {
		g = g.with(Axis{seedFlag, []string{strconv.FormatUint(experiment.DefaultConfig().Seed, 10)}})
	}
	slices.SortStableFunc(g, func(a, b Axis) int { return p.rank(a.Flag) - p.rank(b.Flag) })
	return g
}

// rank orders axes as the flags are, the seed behind all.
func (p *plan) rank(flag string) int {
	if flag == seedFlag {
		return len(p.flags.Names())
	}
	return slices.Index(p.flags.Names(), flag)
}

// union is the recorded grid with the values that are given. A flag that had no axis had one value, maybe another for each model.
func (p *plan) union() Grid {
	g := p.asked()
	for i, a := range g {
		values := slices.Clone(p.recorded.Grid.values(a.Flag))
		if values == nil {
			for _, run := range p.recorded.Runs {
				values = append(values, p.flags.Text(run.Config, a.Flag))
			}
		}
		var distinct []string
		for _, v := range append(values, a.Values...) {
			if !slices.Contains(distinct, v) {
				distinct = append(distinct, v)
			}
		}
		g[i].Values = distinct
	}
	return g
}

// varies reports whether a flag was ever given more than one value at once.
func (p *plan) varies(flag string) bool {
	return p.given.varies(flag) || p.recorded.Grid.varies(flag)
}

// config resolves the settings of a point and checks them against the data.
func (p *plan) config(point map[string]string) (experiment.Config, error) {
	c, err := p.flags.Config(point)
	if err != nil {
		return c, err
	}
	spec, err := c.Resolve()
	if err != nil {
		return c, err
	}
	if p.points == nil && p.given.values("data") == nil && !p.recorded.Grid.varies("data") {
		c.Data = p.recordedData(c.Data, spec)
	}
	data, err := p.open(c, spec)
	if err != nil {
		return c, err
	}
	// Data that come to this machine later must not come into the rest of the sweep.
	if !slices.Contains(dataset.Names(), c.Data) {
		c.Data = data.Source
	}
	return c, c.Check(spec, data)
}

// recordedData is the -data of the recorded runs whose models are made for the same set.
func (p *plan) recordedData(otherwise string, spec train.Spec) string {
	for _, run := range p.recorded.Runs {
		if s, err := train.ParseSpec(run.Config.Model); err == nil && s.Data == spec.Data {
			return run.Config.Data
		}
	}
	return otherwise
}

// open opens each data set once: what is checked does not depend on the seed.
func (p *plan) open(c experiment.Config, spec train.Spec) (*dataset.Dataset, error) {
	key := [3]string{c.Data, spec.Data, c.From}
	if d := p.opened[key]; d != nil {
		return d, nil
	}
	d, _, err := c.OpenData(spec)
	if err != nil {
		return nil, err
	}
	if d.Notice != "" {
		p.notices = append(p.notices, d.Notice)
	}
	if p.opened == nil {
		p.opened = map[[3]string]*dataset.Dataset{}
	}
	p.opened[key] = d
	return d, nil
}

// contradiction refuses a run that differs from the recorded ones in what does not vary. Between models only what is given counts: the
// rest is at defaults that depend on the model.
func (p *plan) contradiction(c experiment.Config) error {
	if len(p.recorded.Runs) == 0 {
		return nil
	}
	like := p.recorded.Runs[0].Config
	if i := slices.IndexFunc(p.recorded.Runs, func(r plannedRun) bool { return r.Config.Model == c.Model }); i >= 0 {
		like = p.recorded.Runs[i].Config
	}
	for _, flag := range p.flags.Names() {
		if p.varies(flag) || like.Model != c.Model && p.given.values(flag) == nil {
			continue
		}
		if was, is := p.flags.Text(like, flag), p.flags.Text(c, flag); was != is {
			return experiment.Usagef("-%s %s: the sweep has -%s %s, and a single value is the same for all of it", flag, is, flag, was)
		}
	}
	return nil
}

// maxName bounds the name of a run: file systems do.
const maxName = 120

// name says what varies, safe as the name of a file, and unlike the others.
func (p *plan) name(c experiment.Config, r sweepRecord) string {
	var parts []string
	for _, a := range r.Grid {
		if p.varies(a.Flag) {
			parts = append(parts, a.Flag+experiment.SafeName(p.flags.Text(c, a.Flag)))
		}
	}
	base := strings.Join(parts, "-")
	base = strings.TrimRight(base[:min(len(base), maxName)], "_.")
	name := base
	for k := 2; slices.ContainsFunc(r.Runs, func(run plannedRun) bool { return strings.EqualFold(run.Name, name) }); k++ {
		name = fmt.Sprintf("%s-%d", base, k)
	}
	return name
}
