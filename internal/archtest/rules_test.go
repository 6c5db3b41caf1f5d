package archtest

// rule forbids the files of some packages to import others. Packages of the module are written "./noise", anything else by
// its import path; "/..." adds everything below.
type rule struct {
	name string
	// in are the packages that the rule holds for, but for except.
	in, except []string
	deny       []string
	// notTests exempts _test.go files.
	notTests bool
}

var rules = []rule{
	{
		name: "noise is below everything",
		in:   []string{"./noise/..."},
		deny: []string{"./probe/...", "./train/...", "./analysis/...", "./experiment/...", "./cmd/..."},
	},
	{
		name: "probe is below train and analysis",
		in:   []string{"./probe/..."},
		deny: []string{"./train/...", "./analysis/...", "./experiment/...", "./cmd/..."},
	},
	{
		name: "train does not know analysis",
		in:   []string{"./train/..."},
		deny: []string{"./analysis/...", "./experiment/...", "./cmd/..."},
	},
	{
		name: "analysis does not know train",
		in:   []string{"./analysis/..."},
		deny: []string{"./train/...", "./experiment/...", "./cmd/..."},
	},
	{
		name: "experiment does not know the command",
		in:   []string{"./experiment/..."},
		deny: []string{"./cmd/..."},
	},
	{
		name: "experiment knows one run",
		in:   []string{"./experiment"},
		deny: []string{"./experiment/sweep/...", "./experiment/bench/...", "./experiment/branch/...", "./experiment/paper/..."},
	},
	{
		name: "sweep and bench are below branch and paper",
		in:   []string{"./experiment/sweep/...", "./experiment/bench/..."},
		deny: []string{"./experiment/branch/...", "./experiment/paper/..."},
	},
	{
		name: "sweep does not know bench",
		in:   []string{"./experiment/sweep/..."},
		deny: []string{"./experiment/bench/..."},
	},
	{
		name: "bench does not know sweep",
		in:   []string{"./experiment/bench/..."},
		deny: []string{"./experiment/sweep/..."},
	},
	{
		name: "internal is below everything",
		in:   []string{"./internal/..."},
		deny: []string{"./noise/...", "./probe/...", "./train/...", "./analysis/...", "./experiment/...", "./cmd/..."},
	},
	{
		name:   "only train uses Gorgonia",
		in:     []string{"./..."},
		except: []string{"./train"},
		deny:   []string{"gorgonia.org/..."},
	},
	{
		name: "theory and statistics know no model",
		in:   []string{"./noise/...", "./analysis/tail/...", "./analysis/normality/..."},
		deny: []string{"./probe/...", "./train/..."},
	},
	{
		// Their tests read the reference vectors.
		name: "theory and statistics do no I/O",
		in:   []string{"./noise/...", "./analysis/tail/...", "./analysis/normality/...", "./analysis/identity"},
		deny: []string{"os/...", "io/...", "net/...", "syscall/...",
			"./internal/npy/...", "./internal/safetensors/...", "./internal/atomicfile/..."},
		notTests: true,
	},
	{
		name: "verify needs no report",
		in:   []string{"./analysis/identity"},
		deny: []string{"./analysis", "./analysis/report/..."},
	},
	{
		name: "drawing and layout know no noise",
		in:   []string{"./analysis/document", "./analysis/figure"},
		deny: []string{"./noise/...", "./probe/...", "./analysis", "./analysis/along", "./analysis/compare", "./analysis/covariance", "./analysis/criticalbatch", "./analysis/curvature", "./analysis/enhancement",
			"./analysis/identity", "./analysis/noisescale", "./analysis/normality", "./analysis/optimizer", "./analysis/report", "./analysis/shape", "./analysis/tail"},
	},
	{
		name: "values know no words and no drawing",
		in: []string{"./analysis/along", "./analysis/covariance", "./analysis/criticalbatch", "./analysis/curvature", "./analysis/enhancement", "./analysis/estimate", "./analysis/identity",
			"./analysis/noisescale", "./analysis/normality", "./analysis/optimizer", "./analysis/shape", "./analysis/tail"},
		deny: []string{"./analysis", "./analysis/compare", "./analysis/document", "./analysis/figure", "./analysis/report"},
	},
	{
		name: "estimators know no arms",
		in:   []string{"./analysis/covariance", "./analysis/estimate", "./analysis/noisescale", "./analysis/normality", "./analysis/tail"},
		deny: []string{"./analysis/along", "./analysis/enhancement", "./analysis/identity", "./analysis/shape"},
	},
	{
		name: "arms know no shapes",
		in:   []string{"./analysis/enhancement"},
		deny: []string{"./analysis/along", "./analysis/shape"},
	},
	{
		name: "one checkpoint knows no other",
		in:   []string{"./analysis/shape"},
		deny: []string{"./analysis/along"},
	},
	{
		name: "one report knows no other",
		in:   []string{"./analysis/report", "./analysis/along"},
		deny: []string{"./analysis/compare"},
	},
	{
		name:     "numtest is for tests",
		in:       []string{"./..."},
		deny:     []string{"./internal/numtest/..."},
		notTests: true,
	},
}

// forbiddenNames say nothing about what a package is for.
var forbiddenNames = []string{"util", "utils", "common", "helper", "helpers", "misc"}

const (
	nameRule    = "a package is named after what it is for"
	commentRule = "every package has a package comment"
)
