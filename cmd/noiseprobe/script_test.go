package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// small are the flags of a run that takes half a second.
func small() []string {
	return strings.Fields("-model [32],[16] -data " + few + " -steps 20 -batch 50 -units 64 -draws 4 -eval 200 -checkpoints 0,10,20 -resamples 512 -curvature off")
}

// TestScripts runs testdata/*.txtar. Beside the usual commands of testscript there are
//
//	run ARG...              noiseprobe run with the flags of small before ARG...
//	refuse STATUS ARG...    noiseprobe with ARG...: this status, an error in the right form, nothing printed, no file changed
//	fail STATUS ARG...      noiseprobe with ARG...: this status, nothing more; an argument SMALL is the flags of small
//	same DIR DIR            two run directories hold the same but for times
//	images DIR N            four files of Fashion-MNIST's form, of N training and N test images
//	cut FILE N              keeps the first N bytes
//	flip FILE N             changes byte N, from the end if negative
//
// the variables VECTORS, the folder of reference vectors, FACTORS, factors recorded by PyTorch, MIRROR, a server of Fashion-MNIST, and
// BIN, the folder that has noiseprobe and nothing else, and FEW, that of few images, and the conditions [fashion], Fashion-MNIST is on this machine; [root], the user may do anything; [full],
// everything is tested.
func TestScripts(t *testing.T) {
	mirror, found := fashionMirror(t)
	vectors, err := filepath.Abs("../../testdata/vectors")
	if err != nil {
		t.Fatal(err)
	}
	factors := filepath.Join(filepath.Dir(vectors), "pytorch", "mlp_784-32-16-10.factors.safetensors")
	testscript.Run(t, testscript.Params{
		Dir:                "testdata",
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("MIRROR", mirror)
			env.Setenv("VECTORS", vectors)
			env.Setenv("FACTORS", factors)
			env.Setenv("FEW", few)
			env.Setenv("BIN", filepath.SplitList(os.Getenv("PATH"))[0]) // testscript puts it there
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".cache"))
			return nil
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "fashion":
				return found, nil
			case "full":
				return numtest.Full(), nil
			case "root":
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"run": runSmall, "refuse": refuse, "fail": fail, "same": same, "images": images, "cut": cut, "flip": flip,
		},
	})
}

// fashionMirror serves the files of Fashion-MNIST where they are on this machine.
func fashionMirror(t *testing.T) (url string, found bool) {
	dir, found, _ := dataset.Locate("fashion-mnist")
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(server.Close)
	_, err := os.Stat(filepath.Join(dir, "t10k-labels-idx1-ubyte.gz"))
	return server.URL, found && err == nil
}

func runSmall(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("noiseprobe", append(append([]string{"run"}, small()...), args...)...)
	if (err != nil) != neg {
		ts.Fatalf("noiseprobe run: %v", err)
	}
}

func fail(ts *testscript.TestScript, neg bool, args []string) {
	var expanded []string
	for _, arg := range args[1:] {
		if arg == "SMALL" {
			expanded = append(expanded, small()...)
			continue
		}
		expanded = append(expanded, arg)
	}
	err := ts.Exec("noiseprobe", expanded...)
	var exit *exec.ExitError
	status := 0
	if errors.As(err, &exit) {
		status = exit.ExitCode()
	}
	if strconv.Itoa(status) != args[0] {
		ts.Fatalf("status %d, want %s", status, args[0])
	}
}

// refusal is the form of an error: a line, and at most one hint.
var refusal = regexp.MustCompile(`^noiseprobe: [^A-Z\n][^\n]*([^.\n]|\.\.\.)\n(hint: [^\n]+\n)?$`)

func refuse(ts *testscript.TestScript, neg bool, args []string) {
	work := ts.Getenv("WORK")
	before := tree(ts, work)
	fail(ts, neg, args)
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("standard output has %q", out)
	}
	if text := ts.ReadFile("stderr"); !refusal.MatchString(text) {
		ts.Fatalf("the error has another form: %q", text)
	}
	if after := tree(ts, work); !slices.Equal(before, after) {
		ts.Fatalf("files before: %v\nafter: %v", before, after)
	}
}

// tree lists the files below root with their times.
func tree(ts *testscript.TestScript, root string) []string {
	var files []string
	ts.Check(filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil {
			files = append(files, fmt.Sprint(path, info.Size(), info.ModTime()))
		}
		return err
	}))
	return files
}

func same(ts *testscript.TestScript, neg bool, args []string) {
	difference, err := compareRuns(ts.MkAbs(args[0]), ts.MkAbs(args[1]))
	ts.Check(err)
	if (difference != "") != neg {
		ts.Fatalf("difference: %q", difference)
	}
}

func images(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o755))
	pixels, labels := make([]byte, n*28*28), make([]byte, n)
	for i := range n {
		labels[i] = byte(i % 10)
	}
	for i := range pixels {
		pixels[i] = byte(i * i >> 3)
	}
	ts.Check(writeImages(dir, pixels, labels))
}

func cut(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

func flip(ts *testscript.TestScript, neg bool, args []string) {
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	if at < 0 {
		at += len(data)
	}
	data[at] ^= 1
	ts.Check(os.WriteFile(path, data, 0o644))
}
