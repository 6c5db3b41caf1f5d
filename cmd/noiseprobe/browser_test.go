package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

//go:embed testdata/look.js
var lookScript string

var lookPage = template.Must(template.New("look").Parse(`<!DOCTYPE html><meta charset="utf-8"><title>look</title><body>
<script id="task" type="application/json">{{.Task}}</script><script>{{.Script}}</script>`))

// browser is the path of Chromium, or the test is skipped.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("NOT TESTED: there is no Chromium (apt-get install chromium)")
	return ""
}

// task is what look.js does.
type task struct {
	Pages  []string `json:"pages"`
	Follow string   `json:"follow"`
	Dark   bool     `json:"dark"`
}

// chromium runs Chromium without a window; what it says of errors is returned.
func chromium(t *testing.T, dark bool, args ...string) (p *exec.Cmd, said *bytes.Buffer) {
	t.Helper()
	scheme := 1
	if dark {
		scheme = 0
	}
	p = exec.Command(browser(t), append([]string{"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr",
		"--user-data-dir=" + t.TempDir(), fmt.Sprintf("--blink-settings=preferredColorScheme=%d", scheme)}, args...)...)
	said = new(bytes.Buffer)
	p.Stderr = said
	return p, said
}

var complaint = regexp.MustCompile(`.*CONSOLE.*`)

// lookAt has a browser carry out a task on the pages of mux, and complains of what is wrong with them.
func lookAt(t *testing.T, mux *http.ServeMux, todo task) {
	t.Helper()
	for _, line := range faults(t, mux, todo) {
		t.Error(line)
	}
}

func faults(t *testing.T, mux *http.ServeMux, todo task) (wrong []string) {
	t.Helper()
	result := make(chan []string, 1)
	mux.HandleFunc("/look", func(w http.ResponseWriter, _ *http.Request) {
		_ = lookPage.Execute(w, map[string]any{"Task": todo, "Script": template.JS(lookScript)})
	})
	mux.HandleFunc("POST /result", func(_ http.ResponseWriter, r *http.Request) {
		var wrong []string
		if err := json.NewDecoder(r.Body).Decode(&wrong); err != nil {
			wrong = []string{err.Error()}
		}
		result <- wrong
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	defer server.CloseClientConnections()
	p, said := chromium(t, todo.Dark, "--window-size=1500,1000", server.URL+"/look")
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case wrong = <-result:
	case <-time.After(3 * time.Minute):
		wrong = []string{"no answer within 3 minutes"}
	}
	p.Process.Kill()
	_ = p.Wait()
	for _, line := range complaint.FindAllString(said.String(), -1) {
		if !strings.Contains(line, "favicon") {
			wrong = append(wrong, line)
		}
	}
	return wrong
}

// TestFaultsAreFound: a page with every fault that look.js knows.
func TestFaultsAreFound(t *testing.T) {
	numtest.NeedFull(t, "pages in a browser")
	browser(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!DOCTYPE html><meta charset="utf-8"><title>faults</title><body style="margin: 0"><div style="width: 900px">wide</div>
<div class="scroll" style="width: 200px; overflow: auto"><p style="width: 300px">cut</p></div>
<figure data-name="figure"><svg viewBox="0 0 100 50" width="100" height="50"><text x="10" y="20">one</text><text x="12" y="20">two</text><text x="90" y="40">outside</text></svg>
<script type="application/json">{"x": "x", "series": [{"name": "s", "points": [[1, 1, "1", "1"]]}]}</script></figure><script>unknown()</script>`)
	})
	all := strings.Join(faults(t, mux, task{Pages: []string{"page"}}), "\n")
	for _, want := range []string{"at 400: the page is 900 wide", `"one" over "two"`, `"outside" lies outside`, "nothing under the pointer", "no link to its numbers", "at print: a box cuts 100", "unknown is not defined"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q was not found among\n%s", want, all)
		}
	}
}

// noiseprobeIn runs the program in a directory.
func noiseprobeIn(t *testing.T, dir string, args ...string) {
	t.Helper()
	p := exec.Command("noiseprobe", args...)
	p.Dir = dir
	if text, err := p.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", args, err, text)
	}
}

// somePages makes the pages that look.js looks at.
func somePages(t *testing.T) (dir string, pages []string) {
	t.Helper()
	dir = t.TempDir()
	common := small()
	for _, run := range [][]string{
		{"run", "-out", "a", "-steps", "120", "-curvature", "exact"}, {"run", "-out", "plain", "-alpha", "1", "-batch", "20"}, {"run", "-out", "b", "-seed", "2", "-alpha", "3", "-draws", "0"},
	} {
		noiseprobeIn(t, dir, append(append([]string{run[0]}, common...), run[1:]...)...)
	}
	noiseprobeIn(t, dir, "compare", "a", "b", "plain", "-html", "compare.html")
	grid := strings.Fields(strings.Replace(strings.Join(common, " "), "-batch 50", "-batch 20,50", 1))
	noiseprobeIn(t, dir, append([]string{"sweep", "-alpha", "1,2,3", "-seeds", "2", "-out", "sweep"}, grid...)...)
	noiseprobeIn(t, dir, "compare", "sweep", "-html", "sweep.html", "-figures", "narrow", "-figure-width", "3.25")
	noiseprobeIn(t, dir, "export", "a", "-layer", "output", "-o", "output.npy")
	noiseprobeIn(t, dir, "analyze", "output.npy", "-out", "analysis", "-resamples", "512")
	noiseprobeIn(t, dir, append(append([]string{"run"}, common...), "-alpha", "1", "-steps", "120", "-checkpoints", "0,20,120", "-norms", "-draws", "0", "-out", "norms")...)
	noiseprobeIn(t, dir, "noise-scale", "norms/norms.csv", "-out", "noise-scale")
	noiseprobeIn(t, dir, "critical-batch", "norms", "-checkpoint", "20", "-batch", "16,64,256", "-alpha", "1,2", "-seeds", "2", "-steps", "15", "-eval", "200", "-out", "critical-batch")
	var sample strings.Builder
	for i := 1; i <= 300; i++ {
		fmt.Fprintln(&sample, math.Sqrt(300/float64(i)))
	}
	if err := os.WriteFile(filepath.Join(dir, "sample.txt"), []byte(sample.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	noiseprobeIn(t, dir, "tail", "sample.txt", "-plot", "narrow/thresholds.svg")
	noiseprobeIn(t, dir, "report", "b", "-figure-width", "3.25")
	noiseprobeIn(t, dir, "serve", "-once", "once.html", "a")
	together(t, dir, "drawings.html", "narrow/*.svg", "b/figures/*.svg", "../../docs/results/f1-quick/*.svg")
	return dir, []string{"a/report.html", "b/report.html", "plain/report.html", "compare.html", "sweep.html", "analysis/report.html", "noise-scale/noise-scale.html",
		"critical-batch/critical-batch.html", "once.html", "drawings.html"}
}

// together puts drawings, which are files of their own, on a page.
func together(t *testing.T, dir, name string, patterns ...string) {
	t.Helper()
	var page bytes.Buffer
	page.WriteString(`<!DOCTYPE html><meta charset="utf-8"><title>drawings</title><style>svg { width: 100%; height: auto; } h2 { overflow-wrap: anywhere; }</style>`)
	for _, pattern := range patterns {
		if !strings.HasPrefix(pattern, "..") {
			pattern = filepath.Join(dir, pattern)
		}
		files, _ := filepath.Glob(pattern)
		if files == nil {
			t.Errorf("%s: there is no such drawing", pattern)
		}
		for _, file := range files {
			drawing, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&page, "<h2>%s</h2><div class=\"chart\">%s</div>\n", filepath.Base(file), drawing[bytes.Index(drawing, []byte("<svg")):])
		}
	}
	if err := os.WriteFile(filepath.Join(dir, name), page.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestPagesInABrowser looks at every kind of page in both styles and several widths, and as printed.
func TestPagesInABrowser(t *testing.T) {
	numtest.NeedFull(t, "pages in a browser")
	browser(t)
	dir, pages := somePages(t)
	for _, dark := range []bool{false, true} {
		mux := http.NewServeMux()
		mux.Handle("/", http.FileServer(http.Dir(dir)))
		lookAt(t, mux, task{Pages: pages, Dark: dark})
	}
	for _, page := range pages {
		p, said := chromium(t, false, "--print-to-pdf="+filepath.Join(dir, "page.pdf"), "--no-pdf-header-footer", "file://"+filepath.Join(dir, page))
		if err := p.Run(); err != nil {
			t.Errorf("%s: %v: %s", page, err, said)
		}
		if line := complaint.FindString(said.String()); line != "" {
			t.Errorf("%s: %s", page, line)
		}
		pdf, err := os.ReadFile(filepath.Join(dir, "page.pdf"))
		if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
			t.Errorf("%s: no PDF: %v", page, err)
		}
		t.Logf("%s: %d pages printed", page, len(regexp.MustCompile(`/Type /Page\b`).FindAll(pdf, -1)))
	}
}

// TestServeInABrowser follows a run from its first steps to its report, behind a path prefix, while the server is replaced by another one.
func TestServeInABrowser(t *testing.T) {
	numtest.NeedFull(t, "pages in a browser")
	browser(t)
	dir := t.TempDir()
	run := exec.Command("noiseprobe", append(append([]string{"run"}, small()...), "-steps", "4000", "-checkpoints", "0", "-out", "live")...)
	run.Dir = dir
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	defer run.Wait()
	for range 600 {
		if _, err := os.Stat(filepath.Join(dir, "live", "run.json")); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	var mu sync.Mutex
	var process *exec.Cmd
	var target *url.URL
	start := func() {
		mu.Lock()
		defer mu.Unlock()
		if process != nil {
			process.Process.Kill()
			_ = process.Wait()
		}
		process, target = servedProcess(t, dir)
	}
	start()
	mux := http.NewServeMux()
	mux.Handle("/some/prefix/", &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
		mu.Lock()
		defer mu.Unlock()
		r.SetURL(target)
		r.Out.URL.Path = strings.TrimPrefix(r.In.URL.Path, "/some/prefix")
	}})
	mux.HandleFunc("/restart", func(http.ResponseWriter, *http.Request) { start() })
	lookAt(t, mux, task{Follow: "some/prefix/run?run=0/live"})
}
