package paper

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

//go:embed paper.json
var paperJSON []byte

// settings is paper.json.
type settings struct {
	Source         string                      `json:"source"`
	PublishedSeeds int                         `json:"published_seeds"`
	Models         map[string]modelSettings    `json:"models"`
	Flags          map[string]string           `json:"flags"` // of every run, in the form of the command line
	Scales         map[string]scaleSettings    `json:"scales"`
	Experiments    map[string]experimentByName `json:"experiments"`
}

type modelSettings struct {
	Train int               `json:"train"` // samples
	Flags map[string]string `json:"flags"`
	// Epochs until convergence by alpha, for the estimate of time: what the published times come to or, from alpha = 2 of f1, what
	// the runs of docs/results/pytorch_f1.jsonl took.
	Epochs map[string]float64 `json:"epochs"`
	// TimedBatch is the batch size at which the engine is timed for it.
	TimedBatch int `json:"timed_batch"`
}

// scaleSettings is what a scale changes, by model.
type scaleSettings struct {
	Seeds        int                          `json:"seeds"`
	Note         string                       `json:"note"` // empty for the paper's own
	Flags        map[string]map[string]string `json:"flags"`
	LargestBatch map[string]int               `json:"largest_batch"`
	Epochs       map[string]float64           `json:"epochs"`
}

type experimentByName struct {
	Title  string                       `json:"title"`
	Models map[string]experimentOfModel `json:"models"`
}

// experimentOfModel is one of: rows of a table, curves of a figure, pairs of equal noise.
type experimentOfModel struct {
	Rows   []publishedRow `json:"rows"`
	Curves []curve        `json:"curves"`
	Pairs  *pairs         `json:"pairs"`
}

// publishedRow is a row of one of the paper's tables.
type publishedRow struct {
	Alpha           float64    `json:"alpha"`
	Batch           int        `json:"batch"`
	Accuracy        *published `json:"accuracy"` // in percent
	ConvergenceTime *published `json:"convergence_time"`
}

// published is a mean and a standard deviation.
type published struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
}

// curve is the product of alphas and batch sizes, each by scale: a scale that is not there has the paper's.
type curve struct {
	Name    string               `json:"name"`
	Alphas  map[string][]float64 `json:"alphas"`
	Batches map[string][]int     `json:"batches"`
}

// pairs are NE at (alpha, B) and SGD at B / f, rounded.
type pairs struct {
	Alphas map[string][]float64 `json:"alphas"`
	Batch  map[string]int       `json:"batch"`
}

// PaperScale is the name of the scale that changes nothing.
const PaperScale = "paper"

// of is the value of a scale, or else the paper's.
func of[V any](byScale map[string]V, scale string) V {
	if v, ok := byScale[scale]; ok {
		return v
	}
	return byScale[PaperScale]
}

// theSettings are those of the package; a mistake in them is one of the program.
var theSettings = func() (s settings) {
	if err := jsonfile.Strict(paperJSON, &s); err != nil {
		panic("paper: paper.json: " + err.Error())
	}
	return s
}()

// Experiments are the names of what can be reproduced.
func Experiments() []string { return slices.Sorted(maps.Keys(theSettings.Experiments)) }

// Scales are the names of the scales, the paper's first.
func Scales() []string { return []string{PaperScale, "quick", "smoke"} }

// Models are those that an experiment has, in the order of the names.
func Models(experiment string) []string {
	return slices.Sorted(maps.Keys(theSettings.Experiments[experiment].Models))
}

// Choice is an experiment, for one model, at a scale.
type Choice struct{ Experiment, Model, Scale string }

// check reports a name that is none.
func (c Choice) check() error {
	if _, ok := theSettings.Experiments[c.Experiment]; !ok {
		return fmt.Errorf("%q: one of %s", c.Experiment, strings.Join(Experiments(), ", "))
	}
	if _, ok := theSettings.Scales[c.Scale]; !ok {
		return fmt.Errorf("-scale %s: one of %s", c.Scale, strings.Join(Scales(), ", "))
	}
	if _, ok := theSettings.Experiments[c.Experiment].Models[c.Model]; !ok {
		return fmt.Errorf("-model %s: %s is of %s", c.Model, c.Experiment, strings.Join(Models(c.Experiment), ", "))
	}
	return nil
}

func (c Choice) scale() scaleSettings         { return theSettings.Scales[c.Scale] }
func (c Choice) experiment() experimentByName { return theSettings.Experiments[c.Experiment] }
func (c Choice) ofModel() experimentOfModel   { return c.experiment().Models[c.Model] }
func (c Choice) epochs(alpha float64) float64 {
	if e, ok := c.scale().Epochs[c.Model]; ok {
		return e
	}
	known := theSettings.Models[c.Model].Epochs
	if e, ok := known[document.Plain(alpha)]; ok {
		return e
	}
	return slices.Max(slices.Collect(maps.Values(known)))
}
