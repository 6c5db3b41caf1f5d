package archtest

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "github.com/noiseprobe/noiseprobe"

func TestImportOrder(t *testing.T) {
	const root = "../.."
	text, err := os.ReadFile(root + "/go.mod")
	if err != nil || !strings.HasPrefix(string(text), "module "+module+"\n") {
		t.Fatalf("%s is not the root of the module: %v", root, err)
	}
	found, err := violations(os.DirFS(root), module)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range found {
		t.Error(line)
	}
}

// goodTree breaks no rule, with files at the limits of what the rules allow.
func goodTree() fstest.MapFS {
	tree := fstest.MapFS{}
	add(tree, "noise/doc.go", "noise", "math", "$/internal/seed")
	add(tree, "noise/noise_test.go", "noise_test", "os", "$/noise", "$/internal/numtest", "$/internal/npy")
	add(tree, "probe/doc.go", "probe", "os", "$/noise", "$/internal/npy")
	add(tree, "train/doc.go", "train", "gorgonia.org/gorgonia", "gorgonia.org/tensor", "$/probe", "$/train/dataset")
	add(tree, "train/dataset/doc.go", "dataset", "net/http", "$/train/dataset/internal/pack")
	add(tree, "train/dataset/internal/pack/doc.go", "pack", "io")
	add(tree, "analysis/tail/doc.go", "tail", "$/analysis/estimate", "$/noise", "iota.example/os")
	add(tree, "analysis/report/doc.go", "report", "os", "$/probe", "$/analysis/tail")
	add(tree, "experiment/doc.go", "experiment", "$/train", "$/analysis/report")
	add(tree, "experiment/experiment_test.go", "experiment_test", "$/experiment")
	add(tree, "experiment/sweep/doc.go", "sweep", "$/experiment")
	add(tree, "experiment/bench/doc.go", "bench", "$/experiment", "$/train")
	add(tree, "experiment/paper/doc.go", "paper", "$/experiment/sweep", "$/experiment/bench")
	add(tree, "cmd/noiseprobe/main.go", "main", "$/experiment", "$/experiment/sweep")
	add(tree, "internal/seed/doc.go", "seed", "crypto/sha256")
	add(tree, "internal/numtest/doc.go", "numtest", "math")
	tree["noise/more.go"] = &fstest.MapFile{Data: []byte("package noise\n")}
	tree["internal/arch/arch_test.go"] = &fstest.MapFile{Data: []byte("package arch\n")}
	// Files outside this module have their own rules.
	tree["tools/go.mod"] = &fstest.MapFile{Data: []byte("module tools\n")}
	for _, dir := range []string{"tools", "testdata/x", "noise/testdata", ".hidden", "_old"} {
		add(tree, dir+"/util.go", "util", "gorgonia.org/gorgonia", "$/internal/numtest")
	}
	return tree
}

// add writes a Go file with a package comment and imports, in which $ stands for the module.
func add(tree fstest.MapFS, name, pkg string, imports ...string) {
	text := fmt.Sprintf("// Package %s is made up.\npackage %s\n\n", pkg, pkg)
	for _, i := range imports {
		text += fmt.Sprintf("import %q\n", strings.Replace(i, "$", module, 1))
	}
	tree[name] = &fstest.MapFile{Data: []byte(text)}
}

func TestGoodTreePasses(t *testing.T) {
	found, err := violations(goodTree(), module)
	if err != nil || len(found) != 0 {
		t.Errorf("%v: %q", err, found)
	}
}

// TestEachRuleCanFail adds one bad file at a time to the good tree and expects exactly its lines.
func TestEachRuleCanFail(t *testing.T) {
	cases := []struct {
		file, pkg, imported string
		rules               []string
	}{
		{"noise/x.go", "noise", "$/analysis/report", []string{"noise is below everything"}},
		{"noise/x_test.go", "noise_test", "$/probe",
			[]string{"noise is below everything", "theory and statistics know no model"}},
		{"probe/x.go", "probe", "$/train/dataset", []string{"probe is below train and analysis"}},
		{"probe/x_test.go", "probe", "$/analysis/report", []string{"probe is below train and analysis"}},
		{"train/x.go", "train", "$/analysis/report", []string{"train does not know analysis"}},
		{"train/dataset/x.go", "dataset", "$/experiment", []string{"train does not know analysis"}},
		{"analysis/report/x.go", "report", "$/train/dataset", []string{"analysis does not know train"}},
		{"analysis/x.go", "analysis", "$/cmd/noiseprobe", []string{"analysis does not know train"}},
		{"experiment/x.go", "experiment", "$/cmd/noiseprobe", []string{"experiment does not know the command"}},
		{"experiment/x.go", "experiment", "$/experiment/sweep", []string{"experiment knows one run"}},
		{"experiment/x_test.go", "experiment", "$/experiment/bench", []string{"experiment knows one run"}},
		{"experiment/x.go", "experiment", "$/experiment/paper", []string{"experiment knows one run"}},
		{"experiment/sweep/x.go", "sweep", "$/experiment/paper", []string{"sweep and bench are below branch and paper"}},
		{"experiment/bench/x.go", "bench", "$/experiment/paper", []string{"sweep and bench are below branch and paper"}},
		{"experiment/sweep/x.go", "sweep", "$/experiment/bench", []string{"sweep does not know bench"}},
		{"experiment/bench/x.go", "bench", "$/experiment/sweep", []string{"bench does not know sweep"}},
		{"internal/seed/x.go", "seed", "$/noise", []string{"internal is below everything"}},
		{"internal/seed/x_test.go", "seed", "$/probe", []string{"internal is below everything"}},
		{"train/dataset/x.go", "dataset", "gorgonia.org/tensor", []string{"only train uses Gorgonia"}},
		{"cmd/noiseprobe/x.go", "main", "gorgonia.org/gorgonia", []string{"only train uses Gorgonia"}},
		{"analysis/tail/x.go", "tail", "$/probe", []string{"theory and statistics know no model"}},
		{"analysis/normality/x.go", "normality", "$/train",
			[]string{"analysis does not know train", "theory and statistics know no model"}},
		{"noise/x.go", "noise", "os", []string{"theory and statistics do no I/O"}},
		{"analysis/tail/x.go", "tail", "io/fs", []string{"theory and statistics do no I/O"}},
		{"analysis/normality/x.go", "normality", "$/internal/npy", []string{"theory and statistics do no I/O"}},
		{"analysis/identity/x.go", "identity", "os", []string{"theory and statistics do no I/O"}},
		{"analysis/identity/x.go", "identity", "$/analysis/report", []string{"verify needs no report", "values know no words and no drawing"}},
		{"analysis/figure/x.go", "figure", "$/analysis/tail", []string{"drawing and layout know no noise"}},
		{"analysis/document/x.go", "document", "$/noise", []string{"drawing and layout know no noise"}},
		{"analysis/covariance/x.go", "covariance", "$/analysis/document", []string{"values know no words and no drawing"}},
		{"analysis/along/x.go", "along", "$/analysis/report", []string{"values know no words and no drawing"}},
		{"analysis/covariance/x.go", "covariance", "$/analysis/shape", []string{"estimators know no arms"}},
		{"analysis/enhancement/x.go", "enhancement", "$/analysis/shape", []string{"arms know no shapes"}},
		{"analysis/shape/x.go", "shape", "$/analysis/along", []string{"one checkpoint knows no other"}},
		{"analysis/report/x.go", "report", "$/analysis/compare", []string{"one report knows no other"}},
		{"probe/x.go", "probe", "$/internal/numtest", []string{"numtest is for tests"}},
		{"internal/util/x.go", "util", "math", []string{nameRule}},
		{"train/x.go", "helpers", "math", []string{nameRule}},
		{"analysis/common/x_test.go", "common_test", "math", []string{nameRule}},
	}
	failed := []string{commentRule}
	for _, c := range cases {
		tree := goodTree()
		add(tree, c.file, c.pkg, c.imported)
		found, err := violations(tree, module)
		if err != nil || len(found) != len(c.rules) {
			t.Errorf("%s imports %s: %v, %q; want %q", c.file, c.imported, err, found, c.rules)
			continue
		}
		for i, line := range found {
			if !strings.HasPrefix(line, c.file+": ") || !strings.HasSuffix(line, ": "+c.rules[i]) {
				t.Errorf("%s imports %s: %q, want rule %q", c.file, c.imported, line, c.rules[i])
			}
		}
		failed = append(failed, c.rules...)
	}
	for _, r := range rules {
		if !slices.Contains(failed, r.name) {
			t.Errorf("nothing has shown that this rule can fail: %s", r.name)
		}
	}
}

func TestLinesNameFileImportAndRule(t *testing.T) {
	tree := goodTree()
	add(tree, "probe/x.go", "probe", "$/train")
	found, err := violations(tree, module)
	if want := []string{"probe/x.go: imports ./train: probe is below train and analysis"}; err != nil || !slices.Equal(found, want) {
		t.Errorf("%v, %q, want %q", err, found, want)
	}
}

// TestCommentsThatAreNone: directives and licences are not package comments.
func TestCommentsThatAreNone(t *testing.T) {
	for _, text := range []string{
		"package x\n", "//go:build linux\n\npackage x\n", "//go:generate true\npackage x\n", "// Copyright.\n\npackage x\n",
	} {
		tree := goodTree()
		tree["probe/x/x.go"] = &fstest.MapFile{Data: []byte(text)}
		add(tree, "probe/x/x_test.go", "x")
		found, err := violations(tree, module)
		if want := []string{"probe/x/x.go: package x: " + commentRule}; err != nil || !slices.Equal(found, want) {
			t.Errorf("%q: %v, %q, want %q", text, err, found, want)
		}
	}
}

func TestWhatCannotBeReadIsAnError(t *testing.T) {
	tree := goodTree()
	tree["probe/x.go"] = &fstest.MapFile{Data: []byte("not Go\n")}
	if _, err := violations(tree, module); err == nil || !strings.Contains(err.Error(), "probe/x.go") {
		t.Errorf("error %v does not name the file", err)
	}
	if _, err := violations(fstest.MapFS{}, module); err == nil {
		t.Error("a tree without Go files passed")
	}
}
