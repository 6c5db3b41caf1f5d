package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/noise"
)

// TestCompleteEveryFlag: every flag of every command is suggested, and the values of those that have a list, in each way to write
// them. Which values those are is part of what the flag says of itself.
func TestCompleteEveryFlag(t *testing.T) {
	for _, c := range commands() {
		f, _ := c.flags()
		for _, dash := range []string{"-", "--"} {
			got := completed(c.name, dash)
			for _, name := range f.names() {
				if !slices.Contains(got, dash+name) {
					t.Errorf("%s: no %s%s", c.name, dash, name)
				}
			}
		}
		for name, values := range f.values {
			if f.Lookup(name) == nil {
				t.Errorf("%s: values of -%s, which is no flag", c.name, name)
			}
			if got := completed(c.name, "file", "-"+name, ""); !slices.Equal(got, values) {
				t.Errorf("%s -%s: %q, want %q", c.name, name, got, values)
			}
			for _, v := range values {
				if usage := f.Lookup(name).Usage; !strings.Contains(usage, v) && name != "data" {
					t.Errorf("%s -%s: %q does not say %s", c.name, name, usage, v)
				}
			}
		}
	}
}

func completed(words ...string) (found []string) {
	for _, s := range complete(words) {
		found = append(found, s.word)
	}
	return found
}

// TestCompletedValuesAreTaken: run takes every value that is suggested for its flags. It fails at what it looks at next, a directory
// that exists.
func TestCompletedValuesAreTaken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, values := range runFlags().values {
		model := "[8,3,3,1]" // has ghost batches
		if name == "curvature" {
			model = "[8]" // whose curvature may be exact
		}
		for _, v := range values {
			var stdout, stderr strings.Builder
			args := []string{"run", "-model", model, "-" + name, v, "-out", dir}
			if v == string(noise.PNM) {
				args = append(args, "-optimizer", "sgd") // whose momentum it is
			}
			status := run(args, &stdout, &stderr)
			if text := stderr.String(); status != statusFailed || !strings.HasPrefix(text, "noiseprobe: "+dir+" exists") {
				t.Errorf("-%s %s: status %d, %s", name, v, status, text)
			}
		}
	}
}

// TestComplete: what stands before the last word says what that may be.
func TestComplete(t *testing.T) {
	for line, want := range map[string]string{
		"re":                      "reproduce report",
		"-":                       "--help --version -help -version",
		"--v":                     "--version",
		"help ver":                "verify version",
		"run -bl":                 "-blas",
		"run --bl":                "--blas",
		"run -blas":               "-blas",
		"run -blas b":             "builtin",
		"run -blas=b":             "-blas=builtin",
		"run -blas = b":           "builtin", // as bash cuts it
		"run -blas =":             "auto builtin system gonum",
		"run -blas = gonum -blas": "-blas",
		"run -v -rec":             "-record",
		"run -record none -pair":  "-pairing",
		"run -out x":              "",
		"run -nothing":            "",
		"nothing -":               "",
		"sweep ":                  "status",
		"sweep -unit g":           "ghost-batch",
		"sweep status ":           "",
		"data ":                   "list verify fetch",
		"data fetch fa":           "fashion-mnist",
		"data -dir x fetch fa":    "fashion-mnist",
		"data fetch cifar-10 -u":  "-url",
		"data x=y cifar-1":        "cifar-10 cifar-100",
		"reproduce table":         "table2 table3",
		"reproduce -scale q":      "quick",
		"completion z":            "zsh",
		"tail ":                   "",
		"tail - -ta":              "-tail",
		"tail -- -ta":             "",
		"verify ":                 strings.Join(completed("verify", "-"), " "),
	} {
		if got := strings.Join(completed(strings.Split(line, " ")...), " "); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// TestCompletionScripts: each shell of this machine takes its script, and completes by it.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/sample file.txt", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("%s is not on this machine: its completion is not tested", shell)
			}
			script := output(t, dir, "completion", shell)
			check := exec.Command(path, "-n")
			check.Stdin = strings.NewReader(string(script))
			if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
				t.Fatalf("%v: %s", err, out)
			}
			for line, want := range map[string]string{
				"noiseprobe run -opt":          "-optimizer",
				"noiseprobe run -blas=sy":      map[string]string{"bash": "system", "fish": "-blas=system", "zsh": "-blas=system"}[shell],
				"noiseprobe run -v -pairing d": "disjoint",
				"noiseprobe data fetch fashi":  "fashion-mnist",
				"noiseprobe tail -tail le":     "left",
			} {
				if got, known := shellCompletion(t, path, shell, dir, line); known && got != want {
					t.Errorf("%s: %q, want %q", line, got, want)
				}
			}
		})
	}
}

// shellCompletion asks a shell that can be asked what it would complete a line to.
func shellCompletion(t *testing.T, path, shell, dir, line string) (words string, known bool) {
	t.Helper()
	var program string
	switch shell {
	case "bash":
		// COMP_WORDS is what bash cuts the line into, at "=" too.
		program = `source <(noiseprobe completion bash)
			read -ra COMP_WORDS <<<"${LINE//=/ = }"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			_noiseprobe noiseprobe; echo "${COMPREPLY[*]}"`
	case "fish":
		program = `noiseprobe completion fish | source; complete -C "$LINE" | string replace -r '\t.*' ''; true`
	case "zsh":
		// What zsh itself does is played: it splits the line, and takes the words of an array.
		program = `compdef() {}; compadd() { print -r -- ${(P)argv[-1]} }; _files() {}
			source <(noiseprobe completion zsh); words=(${(z)LINE}); CURRENT=$#words; _noiseprobe`
	default:
		return "", false
	}
	p := exec.Command(path, "-c", program)
	if shell == "zsh" {
		p.Args = []string{path, "-f", "-c", program}
	}
	p.Dir, p.Env = dir, append(os.Environ(), "LINE="+line, "HOME="+dir)
	out, err := p.Output()
	if err != nil {
		t.Fatalf("%s: %v", shell, err)
	}
	return strings.TrimSpace(string(out)), true
}
