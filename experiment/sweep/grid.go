package sweep

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/train"
)

// Flags are the flags of a run that are settings: how they are written is known to the command line.
type Flags interface {
	// Names lists them, in the order in which they name what varies.
	Names() []string
	// Number reports whether the value of a flag is a number, which may be given as a range.
	Number(flag string) bool
	// Config is what values of some of them, by flag, say together.
	Config(values map[string]string) (experiment.Config, error)
	// Text is the value of a flag that says what a configuration has.
	Text(c experiment.Config, flag string) string
}

// Axis is a flag with the values that it takes in a sweep, in the form of [Flags].Text.
type Axis struct {
	Flag   string   `json:"flag"`
	Values []string `json:"values"`
}

// Grid is the product of its axes, no two of the same flag. A flag that has none is at its default.
type Grid []Axis

const seedFlag = "seed"

// MostRuns bounds a sweep: more is a typing error.
const MostRuns = 10_000

// holdCommas are the flags whose values hold commas themselves, so that semicolons separate their lists.
var holdCommas = []string{"model", "checkpoints", "evaluate", "data", "from"}

// ParseGrid reads the values of flags: lists separated by commas, or by semicolons where values hold commas themselves, as those of -model,
// -checkpoints, -evaluate, -data and -from do. The items may be ranges lo:hi:step if the flag is a number. Seeds are added by [Grid.Seeds].
func ParseGrid(flags Flags, given map[string]string) (Grid, error) {
	var g Grid
	for _, flag := range flags.Names() {
		text, ok := given[flag]
		if !ok {
			continue
		}
		values, err := parseValues(flags, flag, text)
		if err != nil {
			return nil, experiment.Usagef("-%s %s: %w", flag, text, err)
		}
		g = append(g, Axis{flag, values})
	}
	return g, nil
}

// Seeds makes count seeds of one: S, S+1, ..., where -seed gives S.
func (g Grid) Seeds(count int) (Grid, error) {
	if count < 1 || count > MostRuns {
		return nil, experiment.Usagef("-seeds %d: must be between 1 and %d", count, MostRuns)
	}
	values := g.values(seedFlag)
	if values == nil {
		values = []string{strconv.FormatUint(experiment.DefaultConfig().Seed, 10)}
	}
	if len(values) > 1 {
		return nil, experiment.Usagef("-seeds %d: counts from one -seed, and %d are given", count, len(values))
	}
	first, err := strconv.ParseUint(values[0], 10, 64)
	if err != nil || first+uint64(count-1) < first {
		return nil, experiment.Usagef("-seeds %d: counts beyond the largest seed", count)
	}
	var seeds []string
	for k := range uint64(count) {
		seeds = append(seeds, strconv.FormatUint(first+k, 10))
	}
	return g.with(Axis{seedFlag, seeds}), nil
}

// values are those of a flag, nil if it has no axis.
func (g Grid) values(flag string) []string {
	for _, a := range g {
		if a.Flag == flag {
			return a.Values
		}
	}
	return nil
}

// with is the grid with one axis in place of the one of its flag, or at the end.
func (g Grid) with(axis Axis) Grid {
	out := slices.Clone(g)
	for i, a := range out {
		if a.Flag == axis.Flag {
			out[i] = axis
			return out
		}
	}
	return append(out, axis)
}

// varies reports whether a flag has more than one value. Seeds may always become more.
func (g Grid) varies(flag string) bool { return len(g.values(flag)) > 1 || flag == seedFlag }

// Name is the default name of the directory of a sweep: the model, and the flags that vary.
func (g Grid) Name() string {
	parts := []string{experiment.DefaultConfig().Model}
	if models := g.values("model"); models != nil {
		parts = []string{strings.Join(models, "-")}
	}
	for _, a := range g {
		if g.varies(a.Flag) && a.Flag != seedFlag && a.Flag != "model" {
			parts = append(parts, a.Flag)
		}
	}
	name := experiment.SafeName(strings.Join(parts, "-"))
	return name[:min(len(name), maxName)]
}

// points lists the grid, the last axis changing fastest.
func (g Grid) points() ([]map[string]string, error) {
	count := 1
	for _, a := range g {
		if count *= len(a.Values); count > MostRuns {
			return nil, experiment.Usagef("the grid has more than %d runs", MostRuns)
		}
	}
	points := make([]map[string]string, count)
	for i := range points {
		points[i] = map[string]string{}
		rest := i
		for _, a := range slices.Backward(g) {
			points[i][a.Flag] = a.Values[rest%len(a.Values)]
			rest /= len(a.Values)
		}
	}
	return points, nil
}

func parseValues(flags Flags, flag, text string) ([]string, error) {
	separator := ","
	if slices.Contains(holdCommas, flag) {
		separator = ";"
	}
	var values []string
	for item := range strings.SplitSeq(text, separator) {
		expanded, err := parseItem(flags, flag, strings.TrimSpace(item))
		if err != nil {
			return nil, err
		}
		for _, value := range expanded {
			c, err := flags.Config(map[string]string{flag: value})
			if err != nil {
				return nil, err
			}
			canonical := flags.Text(c, flag)
			if slices.Contains(values, canonical) {
				return nil, fmt.Errorf("%s is there twice", canonical)
			}
			if values = append(values, canonical); len(values) > MostRuns {
				return nil, fmt.Errorf("has more than %d values", MostRuns)
			}
		}
	}
	return values, nil
}

func parseItem(flags Flags, flag, item string) ([]string, error) {
	switch {
	case item == "":
		return nil, fmt.Errorf("has an empty value")
	case flags.Number(flag) && strings.Contains(item, ":"):
		return parseRange(item)
	case flag == "model" && strings.Contains(item, ","):
		if _, err := train.ParseSpec(item); err != nil {
			return nil, fmt.Errorf("%q is not a model, and models are separated by semicolons, as in 'f1;[64],[32]'", item)
		}
	}
	return []string{item}, nil
}

// decimal bounds the exponent, so that a typing error takes no memory.
var decimal = regexp.MustCompile(`^[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})([eE][+-]?[0-9]{1,2})?$`)

// parseRange reads lo:hi:step, in exact decimals: the values are those that one would write. A step that misses hi is refused, since
// only the user knows whether hi or the step was meant.
func parseRange(item string) ([]string, error) {
	fields := strings.Split(item, ":")
	if len(fields) != 3 {
		return nil, fmt.Errorf("%q is not a range lo:hi:step", item)
	}
	var ends [3]*big.Rat
	for i, field := range fields {
		if !decimal.MatchString(field) {
			return nil, fmt.Errorf("%q in the range %s is not a number", field, item)
		}
		ends[i], _ = new(big.Rat).SetString(field)
	}
	lo, hi, step := ends[0], ends[1], ends[2]
	if lo.Cmp(hi) >= 0 || step.Sign() <= 0 {
		return nil, fmt.Errorf("the range %s does not go up", item)
	}
	steps := new(big.Rat).Quo(new(big.Rat).Sub(hi, lo), step)
	if steps.Cmp(big.NewRat(MostRuns, 1)) >= 0 {
		return nil, fmt.Errorf("the range %s has more than %d values", item, MostRuns)
	}
	if !steps.IsInt() {
		return nil, fmt.Errorf("steps of %s from %s do not meet %s", fields[2], fields[0], fields[1])
	}
	values := []string{}
	for x := lo; x.Cmp(hi) <= 0; x = new(big.Rat).Add(x, step) {
		values = append(values, formatDecimal(x))
	}
	return values, nil
}

// formatDecimal is a whole number as it is, and of another the shortest text of the nearest float64.
func formatDecimal(x *big.Rat) string {
	if x.IsInt() {
		return x.Num().String()
	}
	nearest, _ := x.Float64()
	return strconv.FormatFloat(nearest, 'g', -1, 64)
}
