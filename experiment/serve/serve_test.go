package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/live"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
)

// aRun makes a run directory with rows of losses.csv and metrics.csv, and no report.
func aRun(t testing.TB, dir string, rows int) {
	t.Helper()
	c := experiment.DefaultConfig()
	c.Model, c.Data, c.Steps = "[2]", "synthetic", 2*rows
	spec, err := c.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	record, err := json.Marshal(map[string]any{
		"schema": "noiseprobe/run/1", "config": c, "spec": spec.Text, "parameters": 100, "blas": "builtin", "workers": 1, "version": "0", "go": "go",
		"data": map[string]any{"name": "fashion-mnist", "source": "synthetic", "checksum": "", "train": 10000, "test": 2000},
	})
	if err != nil {
		t.Fatal(err)
	}
	losses, metrics := "step,loss,seconds\n", report.MetricsHeader+"\n"
	for i := range rows {
		losses += lossRow(i)
		metrics += report.FormatMetric(report.Metric{Step: i, TrainLoss: 2, TestLoss: 1.5, TestAccuracy: 0.625, LearningRate: 0.001, Seconds: float64(i)})
	}
	write(t, filepath.Join(dir, "losses.csv"), losses)
	write(t, filepath.Join(dir, "metrics.csv"), metrics)
	write(t, filepath.Join(dir, "run.json"), string(record)) // last: without it nothing is read
}

func lossRow(step int) string { return fmt.Sprintf("%d,1.25,%d.000\n", step, step) }

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(before)+text)
}

func serverOf(t testing.TB, s Settings) *httptest.Server {
	t.Helper()
	if s.Interval == 0 {
		s.Interval = 10 * time.Millisecond
	}
	handler, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server
}

func get(t testing.TB, url string) (status int, body string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// trained is a run that was carried out.
func trained(t *testing.T, dir string) {
	t.Helper()
	c := experiment.DefaultConfig()
	c.Model, c.Data, c.Batch, c.Steps, c.Units, c.Draws, c.Eval, c.Checkpoints, c.Resamples = "[2]", "synthetic", 10, 20, 4, 2, 10, "0,20", 512
	if _, _, err := experiment.Run(context.Background(), c, dir, false, experiment.Observer{}); err != nil {
		t.Fatal(err)
	}
}

// address finds what a page leads to or loads.
var address = regexp.MustCompile(`(?:href|src|action|data-changes)="([^"]*)"`)

func TestPages(t *testing.T) {
	root := t.TempDir()
	trained(t, filepath.Join(root, "a"))
	aRun(t, filepath.Join(root, "deep", "b"), 3)
	write(t, filepath.Join(root, "broken", "run.json"), `{"schema": "noiseprobe/run/1", "config": {}}`)
	server := serverOf(t, Settings{Roots: []string{root}})
	before := tree(t, root)
	for path, wants := range map[string][]string{
		"":                               {`>a</a>`, `>deep/b</a>`, `class="state done"`, `class="state interrupted"`, `class="state damaged"`, "62.5%"},
		"run?run=0%2Fa":                  {"<svg", "How large is the gradient noise", `figure?run=0%2Fa&amp;name=loss.csv`, `"state":"done"`},
		"run?run=0%2Fdeep%2Fb":           {"No report yet", `"loss":[[0,1.25],[1,1.25],[2,1.25]]`, "interrupted"},
		"run?run=0%2Fbroken":             {"This run is damaged", "run.json"},
		"overlay?run=0/a&run=0/deep/b":   {"Curves of 2 runs", `"name":"deep/b"`, `"accuracy":[[0,0.625],`},
		"figure?run=0/a&name=loss.csv":   {"series,x,y,lo,hi,kind"},
		"figure?run=0/a&name=hill.svg":   {"<svg"},
		"some/prefix/":                   {`>a</a>`},
		"some/prefix/run?run=0%2Fa":      {"How large is the gradient noise"},
		"some/prefix/overlay?run=0%2F.a": {`"deleted"`},
	} {
		status, body := get(t, server.URL+"/"+path)
		if status != http.StatusOK {
			t.Errorf("%s: status %d: %.200s", path, status, body)
		}
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %q", path, want)
			}
		}
		for _, m := range address.FindAllStringSubmatch(body, -1) {
			if to := m[1]; strings.HasPrefix(to, "/") || strings.Contains(to, ":") && to != "https://arxiv.org/abs/2009.13094" {
				t.Errorf("%s leads to %s", path, to)
			}
		}
	}
	if after := tree(t, root); !slices.Equal(before, after) {
		t.Errorf("files before: %v\nafter: %v", before, after)
	}
}

// tree lists the files below root with their times.
func tree(t *testing.T, root string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		files = append(files, fmt.Sprint(path, info.Size(), info.ModTime()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestNothingElseIsReadable(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	aRun(t, filepath.Join(root, "a"), 3)
	aRun(t, filepath.Join(outside, "secret"), 3)
	write(t, filepath.Join(outside, "words"), "the secret\n")
	for from, to := range map[string]string{
		"linked":          filepath.Join(outside, "secret"),
		"b/metrics.csv":   filepath.Join(outside, "words"),
		"c/report.json":   filepath.Join(outside, "words"),
		"d/run.json":      filepath.Join(outside, "secret", "run.json"),
		"e/figures":       outside,
		"f/resume":        outside,
		"g/losses.csv":    "../a/losses.csv",
		"h/figures/x.csv": filepath.Join(outside, "words"),
	} {
		dir := filepath.Join(root, strings.SplitN(from, "/", 2)[0])
		if strings.Contains(from, "/") {
			aRun(t, dir, 3)
		}
		path := filepath.Join(root, from)
		os.RemoveAll(path)
		os.MkdirAll(filepath.Dir(path), 0o777)
		if err := os.Symlink(to, path); err != nil {
			t.Skipf("no links here: %v", err)
		}
	}
	server := serverOf(t, Settings{Roots: []string{root}})
	_, list := get(t, server.URL)
	if strings.Contains(list, "linked") || strings.Contains(list, "secret") {
		t.Error("the list has what links lead to")
	}
	for _, id := range []string{"0/../" + filepath.Base(outside) + "/secret", "../secret", "0/linked", "0/d", "1/secret", "0//", "0/a/..", outside + "/secret", "0/a/../../x"} {
		if status, body := get(t, server.URL+"/run?run="+id); status != http.StatusNotFound {
			t.Errorf("%s: status %d: %.100s", id, status, body)
		}
	}
	for _, id := range []string{"b", "c", "e", "f", "g", "h"} {
		if _, body := get(t, server.URL+"/run?run=0/"+id); !strings.Contains(body, "is a link") || strings.Contains(body, "the secret") {
			t.Errorf("%s: a link is not refused", id)
		}
	}
	for _, name := range []string{"../run.json", "run.json", "..%2frun.json", "loss", "loss.csv/../../run.json"} {
		if status, _ := get(t, server.URL+"/figure?run=0/a&name="+name); status != http.StatusNotFound {
			t.Errorf("figure %s: status %d", name, status)
		}
	}
}

func TestWhoIsAnswered(t *testing.T) {
	root := t.TempDir()
	aRun(t, filepath.Join(root, "a"), 3)
	open, closed := serverOf(t, Settings{Roots: []string{root}}), serverOf(t, Settings{Roots: []string{root}, Token: "word"})
	for _, c := range []struct {
		server             *httptest.Server
		method, host, path string
		want               int
	}{
		{open, "GET", "", "/", 200},
		{open, "HEAD", "", "/", 200},
		{open, "GET", "localhost:8080", "/", 200},
		{open, "GET", "[::1]:8080", "/", 200},
		{open, "GET", "127.0.0.1", "/", 200},
		{open, "GET", "attacker.example", "/", 421},
		{open, "GET", "attacker.example:8230", "/events?run=0/a", 421},
		{open, "GET", "localhost.attacker.example", "/", 421},
		{open, "GET", "127.0.0.1.attacker.example", "/", 421},
		{open, "POST", "", "/", 405},
		{open, "PUT", "", "/run?run=0/a", 405},
		{open, "DELETE", "", "/run?run=0/a", 405},
		{open, "GET", "", "/favicon.ico", 404},
		{closed, "GET", "", "/", 403},
		{closed, "GET", "", "/?token=wor", 403},
		{closed, "GET", "", "/run?run=0/a", 403},
		{closed, "GET", "proxy.example", "/?token=word", 200},
	} {
		r, err := http.NewRequest(c.method, c.server.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.host != "" {
			r.Host = c.host
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != c.want {
			t.Errorf("%s %s of %q: status %d, want %d", c.method, c.path, c.host, answer.StatusCode, c.want)
		}
		if answer.Header.Get("Content-Security-Policy") == "" || answer.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s %s: headers %v", c.method, c.path, answer.Header)
		}
		if cookies := answer.Cookies(); c.want == 200 && c.server == closed {
			r, _ := http.NewRequest("GET", c.server.URL+"/run?run=0/a", nil)
			r.Host = c.host
			r.AddCookie(cookies[0])
			if answer, err := http.DefaultClient.Do(r); err != nil || answer.StatusCode != 200 || !cookies[0].HttpOnly {
				t.Errorf("with the cookie: %v %v", answer, err)
			}
		}
	}
}

// listener reads a stream of events.
type listener struct {
	t     *testing.T
	lines *bufio.Scanner
	id    string
}

func listen(t *testing.T, url, last string) *listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%s: %v %v", url, answer, err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	l := &listener{t: t, lines: bufio.NewScanner(answer.Body)}
	l.lines.Buffer(nil, 1<<20)
	return l
}

// heard is an event as the script of a page reads it.
type heard struct {
	Reset    bool
	State    string
	Failure  string
	Step     int
	Loss     [][2]float64
	Accuracy [][2]float64
}

// next is the next event of a single run.
func (l *listener) next() heard {
	l.t.Helper()
	for l.lines.Scan() {
		if id, ok := strings.CutPrefix(l.lines.Text(), "id: "); ok {
			l.id = id
		}
		text, ok := strings.CutPrefix(l.lines.Text(), "data: ")
		if !ok {
			continue
		}
		if len(text) > 10_000 {
			l.t.Errorf("an event of %d bytes", len(text))
		}
		var all []heard
		if err := json.Unmarshal([]byte(text), &all); err != nil || len(all) != 1 {
			l.t.Fatalf("%s: %v", text, err)
		}
		return all[0]
	}
	l.t.Fatalf("the stream ended: %v", l.lines.Err())
	return heard{}
}

// until is the first event that is as wanted.
func (l *listener) until(wanted func(heard) bool) heard {
	l.t.Helper()
	for {
		if h := l.next(); wanted(h) {
			return h
		}
	}
}

func TestEvents(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "a")
	losses := filepath.Join(dir, "losses.csv")
	aRun(t, dir, 10_000)
	server := serverOf(t, Settings{Roots: []string{root}})
	l := listen(t, server.URL+"/events?run=0/a", "")
	if h := l.next(); h.State != live.Interrupted || h.Step != 10_000 || len(h.Loss) != tickPoints || h.Loss[0][1] != 1.25 || len(h.Accuracy) != tickPoints {
		t.Errorf("at the beginning: %+v", h)
	}
	appendTo(t, losses, lossRow(10_000)+"10001,1.")
	if h := l.next(); h.Reset || h.Step != 10_001 || len(h.Loss) != 1 || h.Loss[0] != [2]float64{10_000, 1.25} || h.Accuracy != nil {
		t.Errorf("after a row and half a row: %+v", h)
	}
	// The server ends; another one goes on from the cursor.
	other := serverOf(t, Settings{Roots: []string{root}})
	appendTo(t, losses, "5,10001.000\n"+lossRow(10_002))
	l = listen(t, other.URL+"/events?run=0/a&at="+"1-1-1", l.id)
	if h := l.next(); h.Reset || len(h.Loss) != 2 || h.Loss[0] != [2]float64{10_001, 1.5} {
		t.Errorf("after a restart: %+v", h)
	}
	// Another run takes the place of the first, at once, as with -force.
	fresh := filepath.Join(t.TempDir(), "a")
	aRun(t, fresh, 50)
	if err := errors.Join(os.Rename(dir, filepath.Join(t.TempDir(), "a")), os.Rename(fresh, dir)); err != nil {
		t.Fatal(err)
	}
	if h := l.until(func(h heard) bool { return h.Reset && h.Step == 50 }); len(h.Loss) != 50 || len(h.Accuracy) != 50 {
		t.Errorf("after it was replaced: %+v", h)
	}
	appendTo(t, losses, "50,abc,1\n51,1,1\n")
	if h := l.until(func(h heard) bool { return h.State == live.Damaged }); !strings.Contains(h.Failure, "losses.csv") {
		t.Errorf("after damage: %+v", h)
	}
	aRun(t, dir, 60)
	l.until(func(h heard) bool { return h.State == live.Interrupted && h.Step == 60 })
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	l.until(func(h heard) bool { return h.State == live.Deleted })
	aRun(t, dir, 5)
	l.until(func(h heard) bool { return h.State == live.Interrupted && h.Step == 5 })
	// One that begins while it is waited for.
	l = listen(t, other.URL+"/events?run=0/later", "")
	if h := l.next(); h.State != live.Deleted {
		t.Errorf("before it begins: %+v", h)
	}
	aRun(t, filepath.Join(root, "later"), 5)
	l.until(func(h heard) bool { return h.Step == 5 && len(h.Loss) == 5 })
}

func TestChangesOfTheList(t *testing.T) {
	root := t.TempDir()
	aRun(t, filepath.Join(root, "a"), 3)
	aRun(t, filepath.Join(root, "b"), 3)
	server := serverOf(t, Settings{Roots: []string{root}})
	l := listen(t, server.URL+"/changes", "1")
	got := map[string]string{}
	next := func() {
		for l.lines.Scan() {
			if text, ok := strings.CutPrefix(l.lines.Text(), "data: "); ok {
				got = map[string]string{}
				if err := json.Unmarshal([]byte(text), &got); err != nil {
					t.Fatal(err)
				}
				return
			}
		}
	}
	if next(); len(got) != 2 || !strings.Contains(got["0/a"], `<tr data-id="0/a">`) {
		t.Errorf("after an interruption: %v", got)
	}
	appendTo(t, filepath.Join(root, "a", "losses.csv"), lossRow(3))
	if next(); len(got) != 1 || !strings.Contains(got["0/a"], "4 / 6") {
		t.Errorf("after a step: %v", got)
	}
	os.RemoveAll(filepath.Join(root, "b"))
	for got["0/b"] != "" || len(got) != 1 || got["0/a"] != "" {
		if next(); strings.Contains(got["0/b"], "deleted") {
			break
		}
	}
}

// TestMany measures the pages of 200 runs with 10,000 rows each.
// noFlags are none: what varies in a sweep is not asked for.
type noFlags struct{ sweep.Flags }

func (noFlags) Names() []string { return nil }

// TestSweepAfterARequestThatEnded: what went wrong since one browser went away is not what the next one sees.
func TestSweepAfterARequestThatEnded(t *testing.T) {
	c := experiment.DefaultConfig()
	if _, err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	record, err := json.Marshal(map[string]any{
		"schema": "noiseprobe/sweep/1", "version": "0", "grid": sweep.Grid{}, "runs": []any{map[string]any{"name": "a", "config": c}},
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "sweep.json"), string(record))
	ended, end := context.WithCancel(context.Background())
	end()
	var s sweeps
	if _, err := s.of(ended, dir, noFlags{}); !errors.Is(err, context.Canceled) {
		t.Errorf("of a request that ended: %v", err)
	}
	if summary, err := s.of(context.Background(), dir, noFlags{}); err != nil || len(summary.Runs) != 1 {
		t.Errorf("of the next one: %v, %v", summary, err)
	}
}

func TestMany(t *testing.T) {
	root := t.TempDir()
	first := filepath.Join(root, "000")
	aRun(t, first, 10_000)
	query := "run=0/000"
	for i := 1; i < 200; i++ {
		dir := filepath.Join(root, fmt.Sprintf("%03d", i))
		if err := os.CopyFS(dir, os.DirFS(first)); err != nil {
			t.Fatal(err)
		}
		query += fmt.Sprintf("&run=0/%03d", i)
	}
	server := serverOf(t, Settings{Roots: []string{root}})
	for _, path := range []string{"/", "/overlay?" + query} {
		start := time.Now()
		status, body := get(t, server.URL+path)
		t.Logf("%.10s: %d bytes in %v", path, len(body), time.Since(start))
		if status != http.StatusOK || len(body) > 2<<20 {
			t.Errorf("%.10s: status %d, %d bytes", path, status, len(body))
		}
	}
}

func TestOnce(t *testing.T) {
	root := t.TempDir()
	aRun(t, filepath.Join(root, "a"), 3)
	page, failure, err := Once(filepath.Join(root, "a"))
	if err != nil || failure != "" || !strings.Contains(string(page), `"loss":[[0,1.25]`) || strings.Contains(string(page), "events?") {
		t.Errorf("%v\n%s", err, page)
	}
	if _, _, err := Once(root); err == nil || !strings.Contains(err.Error(), "is not a run directory") {
		t.Errorf("of no run: %v", err)
	}
}
