package dataset

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// content is what the test server has under the name of tinySet's file: big enough to come in pieces.
var content = func() []byte {
	rest := uint32(1)
	data := make([]byte, 300_000)
	for i := range data {
		rest = rest*1664525 + 1013904223
		data[i] = byte(rest >> 24)
	}
	return data
}()

func tinySet() SetInfo {
	return SetInfo{Name: "tiny", Files: []FileInfo{fileOf("images", content)}, Downloads: []Download{{Name: "images.gz"}}}
}

// mirror is a server on this machine that answers each request by the next of its answers, the last one for ever, and keeps
// the requests.
type mirror struct {
	answers []http.HandlerFunc
	mu      sync.Mutex
	ranges  []string
}

func (m *mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	answer := m.answers[min(len(m.ranges), len(m.answers)-1)]
	m.ranges = append(m.ranges, r.Header.Get("Range"))
	m.mu.Unlock()
	answer(w, r)
}

func (m *mirror) requests() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ranges
}

// serve obeys ranges and conditions.
func serve(data []byte, tag string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
}

// whole ignores ranges.
func whole(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.Write(data) }
}

// cut promises all of data and breaks the connection after n bytes.
func cut(data []byte, n int, tag string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "300000")
		w.Header().Set("ETag", tag)
		w.Write(data[:n])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

// hang sends n bytes and then nothing until the client gives up.
func hang(data []byte, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "300000")
		w.Write(data[:n])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// start runs a mirror and returns options for fetching from it into an empty directory.
func start(t *testing.T, answers ...http.HandlerFunc) (*mirror, FetchOptions) {
	t.Helper()
	waitWas, stallWas := retryWait, stallTimeout
	retryWait = time.Millisecond
	t.Cleanup(func() { retryWait, stallTimeout = waitWas, stallWas })
	m := &mirror{answers: answers}
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	return m, FetchOptions{Dir: t.TempDir(), BaseURL: server.URL}
}

// expectFile requires that the file is there, whole, and nothing else.
func expectFile(t *testing.T, opts FetchOptions) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(opts.Dir, "images.gz"))
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, error %v", len(got), err)
	}
	expectNames(t, opts.Dir, "images.gz")
}

func expectNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if strings.Join(names, " ") != strings.Join(want, " ") {
		t.Errorf("directory holds %v, want %v", names, want)
	}
}

func TestFetchSucceeds(t *testing.T) {
	other := bytes.Repeat([]byte{1}, 1000)
	for _, c := range []struct {
		name      string
		part, tag string // left by an earlier call
		answers   []http.HandlerFunc
		ranges    string // of the requests, "-" for none
	}{
		{"at once", "", "", []http.HandlerFunc{serve(content, `"a"`)}, "-"},
		{"disconnected", "", "", []http.HandlerFunc{cut(content, 100_000, `"a"`), serve(content, `"a"`)}, "- bytes=100000-"},
		{"disconnected often", "", "", []http.HandlerFunc{cut(content, 65536, ""), cut(content, 65536, ""), cut(content, 65536, ""), serve(content, "")},
			"- bytes=65536- bytes=65536- bytes=65536-"},
		{"disconnected, then changed", "", "", []http.HandlerFunc{cut(other, 1000, `"a"`), serve(content, `"b"`)}, "- bytes=1000-"},
		{"ranges ignored", "", "", []http.HandlerFunc{cut(content, 100_000, ""), whole(content)}, "- bytes=100000-"},
		{"resumed", string(content[:5000]), `"a"`, []http.HandlerFunc{serve(content, `"a"`)}, "bytes=5000-"},
		{"resumed without tag", string(content[:5000]), "", []http.HandlerFunc{serve(content, `"a"`)}, "bytes=5000-"},
		{"stale part, tag says so", string(other), `"old"`, []http.HandlerFunc{serve(content, `"a"`)}, "bytes=1000-"},
		{"stale part, checksum says so", string(other), "", []http.HandlerFunc{serve(content, "")}, "bytes=1000- -"},
		{"part was complete", string(content), "", []http.HandlerFunc{serve(content, "")}, "bytes=300000-"},
		{"part too long", string(content) + "x", "", []http.HandlerFunc{serve(content, "")}, "bytes=300001- -"},
		{"busy server", "", "", []http.HandlerFunc{status(503), status(429), serve(content, "")}, "- - -"},
		{"weak tag", "", "", []http.HandlerFunc{cut(content, 100_000, `W/"a"`), serve(content, `"b"`)}, "- bytes=100000-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, opts := start(t, c.answers...)
			if c.part != "" {
				write(t, filepath.Join(opts.Dir, "images.gz.part"), []byte(c.part))
			}
			if c.tag != "" {
				write(t, filepath.Join(opts.Dir, "images.gz.part.etag"), []byte(c.tag))
			}
			if err := tinySet().fetch(t.Context(), opts); err != nil {
				t.Fatal(err)
			}
			expectFile(t, opts)
			got := strings.Join(m.requests(), "|")
			want := strings.ReplaceAll(strings.ReplaceAll(" "+c.ranges, " -", " "), " ", "|")[1:]
			if got != want {
				t.Errorf("requested ranges %q, want %q", got, want)
			}
		})
	}
}

func TestFetchFails(t *testing.T) {
	bad := bytes.Clone(content)
	bad[1234]++
	for _, c := range []struct {
		name     string
		answer   http.HandlerFunc
		reason   string
		requests int
		left     []string
	}{
		{"not found", status(404), "the server answers 404 Not Found", 1, nil},
		{"forbidden", status(403), "the server answers 403 Forbidden", 1, nil},
		{"broken", status(500), "the server answers 500 Internal Server Error", 4, nil},
		{"corrupt", serve(bad, ""), "damaged download, deleted", 1, nil},
		{"truncated", whole(content[:1000]), "damaged download, deleted", 1, nil},
		{"too long", whole(append(bytes.Clone(content), 1)), "damaged download, deleted", 1, nil},
		{"a page instead", whole([]byte("<html>log in</html>")), "damaged download, deleted", 1, nil},
		{"always cut off, ranges ignored", cut(content, 1000, ""), "unexpected EOF", 5, []string{"images.gz.part"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, opts := start(t, c.answer)
			err := tinySet().fetch(t.Context(), opts)
			oneLine(t, err, opts.BaseURL+"/images.gz", c.reason)
			if n := len(m.requests()); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			expectNames(t, opts.Dir, c.left...)
		})
	}
}

func TestFetchNoServer(t *testing.T) {
	_, opts := start(t, status(200))
	opts.BaseURL = "http://127.0.0.1:1"
	oneLine(t, tinySet().fetch(t.Context(), opts), "http://127.0.0.1:1/images.gz", "refused")
	opts.BaseURL = "nonsense:"
	oneLine(t, tinySet().fetch(t.Context(), opts), "nonsense:")
}

// A good file is left alone; a damaged one stays until there is a better one.
func TestFetchExisting(t *testing.T) {
	m, opts := start(t, whole([]byte("bad")), serve(content, ""))
	path := filepath.Join(opts.Dir, "images.gz")
	write(t, path, []byte("damaged"))
	oneLine(t, tinySet().fetch(t.Context(), opts), "damaged download")
	if got, _ := os.ReadFile(path); string(got) != "damaged" {
		t.Errorf("a bad download replaced the file by %q", got)
	}
	for range 2 {
		if err := tinySet().fetch(t.Context(), opts); err != nil {
			t.Fatal(err)
		}
		expectFile(t, opts)
	}
	if n := len(m.requests()); n != 2 {
		t.Errorf("%d requests, want 2: a good file is not fetched again", n)
	}
	if err := os.Rename(path, filepath.Join(opts.Dir, "images")); err != nil {
		t.Fatal(err)
	}
	if err := tinySet().fetch(t.Context(), opts); err != nil || len(m.requests()) != 2 {
		t.Errorf("a good uncompressed file is not enough: %v", err)
	}
	write(t, filepath.Join(opts.Dir, "images"), []byte("damaged"))
	oneLine(t, tinySet().fetch(t.Context(), opts), "images: 7 bytes", "remove the file to fetch it again")
}

// Cancelling leaves the part, and the next call asks for the rest only.
func TestFetchCancelled(t *testing.T) {
	m, opts := start(t, hang(content, 100_000), serve(content, ""))
	ctx, cancel := context.WithCancel(t.Context())
	opts.Progress = func(file string, done, total int64) {
		if file != "images.gz" || total != 300_000 {
			t.Errorf("progress of %s to %d", file, total)
		}
		if done == 100_000 {
			cancel()
		}
	}
	err := tinySet().fetch(ctx, opts)
	oneLine(t, err, "context canceled")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
	expectNames(t, opts.Dir, "images.gz.part")
	opts.Progress = nil
	if err := tinySet().fetch(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	expectFile(t, opts)
	if got := m.requests(); got[len(got)-1] != "bytes=100000-" {
		t.Errorf("requested %q", got)
	}
}

// A connection that goes quiet is given up and continued.
func TestFetchStalled(t *testing.T) {
	_, opts := start(t, hang(content, 100_000), serve(content, ""))
	stallTimeout = 100 * time.Millisecond
	if err := tinySet().fetch(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	expectFile(t, opts)
	_, opts = start(t, hang(content, 0))
	oneLine(t, tinySet().fetch(t.Context(), opts), "the server stopped sending")
}

// Two at once: the second waits, and fetches nothing.
func TestFetchTwice(t *testing.T) {
	began, waits := make(chan bool), make(chan bool)
	m, opts := start(t, func(w http.ResponseWriter, r *http.Request) {
		close(began)
		<-waits
		w.Write(content)
	})
	first := make(chan error)
	go func() { first <- tinySet().fetch(t.Context(), opts) }()
	<-began
	second := opts
	second.Waiting = func() { close(waits) }
	if err := errors.Join(tinySet().fetch(t.Context(), second), <-first); err != nil {
		t.Fatal(err)
	}
	expectFile(t, opts)
	if n := len(m.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// TestFetchTurnInterrupted: who waits can be interrupted.
func TestFetchTurnInterrupted(t *testing.T) {
	_, opts := start(t, whole(content))
	done, err := takeTurn(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	ctx, cancel := context.WithCancel(t.Context())
	opts.Waiting = cancel
	if err := tinySet().fetch(ctx, opts); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestFetchStaysSecure: a redirection from https to https is followed, one to http is refused at once.
func TestFetchStaysSecure(t *testing.T) {
	m, opts := start(t, serve(content, ""))
	plain := opts.BaseURL
	secure := httptest.NewTLSServer(serve(content, ""))
	defer secure.Close()
	target, redirections := "", 0
	from := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		redirections++
		http.Redirect(w, r, target+r.URL.Path, http.StatusFound)
	}))
	defer from.Close()
	opts.BaseURL, opts.Client = from.URL, from.Client()
	opts.Client.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true // two servers, two certificates
	target = plain
	oneLine(t, tinySet().fetch(t.Context(), opts), "redirects to "+plain+"/images.gz, which is not encrypted")
	if redirections != 1 || len(m.requests()) != 0 {
		t.Errorf("%d redirections, %d requests in plain text", redirections, len(m.requests()))
	}
	target = secure.URL
	if err := tinySet().fetch(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	expectFile(t, opts)
}

// TestDamageIsOfContents: a download that cannot be read is not called damaged, and stays.
func TestDamageIsOfContents(t *testing.T) {
	_, opts := start(t, whole(content))
	unreadable := func(path string) error {
		return &os.PathError{Op: "read", Path: path, Err: errors.New("input/output error")}
	}
	_, err := fetchPart(t.Context(), Download{Name: "images.gz"}, FetchOptions{Dir: opts.Dir, BaseURL: opts.BaseURL, Client: http.DefaultClient}, unreadable)
	oneLine(t, err, "images.gz.part: input/output error")
	if strings.Contains(err.Error(), "damaged") {
		t.Error(err)
	}
	expectNames(t, opts.Dir, "images.gz.part")
}

func TestFetchUnknownSet(t *testing.T) {
	oneLine(t, Fetch(t.Context(), "mnist", FetchOptions{}), "not a known data set")
}

// Through the exported function: all four files, from a mirror.
func TestFetchRealFashionMNIST(t *testing.T) {
	numtest.NeedFull(t, "the whole of Fashion-MNIST, fetched")
	d := installed(t, "fashion-mnist")
	if _, err := os.Stat(filepath.Join(d.Source, "train-images-idx3-ubyte.gz")); err != nil {
		t.Skip("NOT TESTED: the files here are not compressed")
	}
	isolate(t)
	server := httptest.NewServer(http.FileServer(http.Dir(d.Source)))
	defer server.Close()
	if err := Fetch(t.Context(), "fashion-mnist", FetchOptions{BaseURL: server.URL + "/"}); err != nil {
		t.Fatal(err)
	}
	got, err := Open("auto", Options{Want: "fashion-mnist"})
	if err != nil {
		t.Fatal(err)
	}
	if cache, _ := CacheDir("fashion-mnist"); got.Source != cache || got.Checksum() != d.Checksum() {
		t.Errorf("read from %s, want the same data from %s", got.Source, cache)
	}
}
