package serve

import (
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
)

// Settings say what is served, and to whom.
type Settings struct {
	// Roots are the directories that are searched for runs and sweeps.
	Roots []string
	// Flags are those of run, for the tables of sweeps.
	Flags sweep.Flags
	// Token is asked for where it is not empty.
	Token string
	// Interval is the time between two looks at runs that go on.
	Interval time.Duration
}

// Server answers requests.
type Server struct {
	Settings
	places places
	looks  looks
	sweeps sweeps
}

// New checks that the roots are directories.
func New(s Settings) (*Server, error) {
	if s.Interval == 0 {
		s.Interval = time.Second
	}
	server := &Server{Settings: s}
	return server, server.places.open(s.Roots)
}

// policy lets a page run the scripts that are part of this program, and nothing be loaded.
var policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'self'; script-src " + document.ScriptHash(document.Script) + " " + document.ScriptHash(script)

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "this server only shows", http.StatusMethodNotAllowed)
	case s.Token == "" && !ownName(r.Host):
		http.Error(w, fmt.Sprintf("%q is no name of this machine: use its address, or start the server with -token", r.Host), http.StatusMisdirectedRequest)
	case s.Token != "" && !s.admits(w, r):
		http.Error(w, "the address of this page has a token in it: use the one that the server printed", http.StatusForbidden)
	default:
		s.answer(w, r)
	}
}

// ownName reports whether a host, as a browser names it, is this machine in any case: an address, which no name server gives out, or localhost.
func ownName(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	return net.ParseIP(name) != nil || name == "localhost"
}

// cookie has the token after the first request; its name is that of a port, since cookies know no ports.
func cookie(r *http.Request) string {
	_, port, _ := net.SplitHostPort(r.Host)
	return "noiseprobe" + port
}

// admits reports whether a request has the token, in its address or in a cookie, which it sets.
func (s *Server) admits(w http.ResponseWriter, r *http.Request) bool {
	same := func(token string) bool { return subtle.ConstantTimeCompare([]byte(token), []byte(s.Token)) == 1 }
	if same(r.URL.Query().Get("token")) {
		http.SetCookie(w, &http.Cookie{Name: cookie(r), Value: s.Token, HttpOnly: true, SameSite: http.SameSiteStrictMode})
		return true
	}
	c, err := r.Cookie(cookie(r))
	return err == nil && same(c.Value)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	name := path.Base(r.URL.Path)
	if strings.HasSuffix(r.URL.Path, "/") {
		name = ""
	}
	pages := map[string]func(http.ResponseWriter, *http.Request) error{
		"": s.list, "run": s.run, "sweep": s.sweep, "overlay": s.overlay, "events": s.events, "changes": s.changes, "figure": s.figure,
	}
	page := pages[name]
	switch {
	case page == nil && !strings.Contains(name, "."): // a prefix without its slash
		w.Header().Set("Location", (&url.URL{Path: "./" + name + "/", RawQuery: r.URL.RawQuery}).String())
		w.WriteHeader(http.StatusFound)
		return
	case page == nil:
		http.NotFound(w, r)
		return
	}
	if err := page(w, r); err != nil {
		status := http.StatusInternalServerError
		if _, missing := err.(missingError); missing {
			status = http.StatusNotFound
		}
		http.Error(w, err.Error(), status)
	}
}

// missingError says that there is nothing of a name.
type missingError string

func (e missingError) Error() string { return string(e) }
