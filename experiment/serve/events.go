package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/noiseprobe/noiseprobe/experiment/live"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// stream is a stream of server-sent events.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	sent    time.Time
}

// heartbeat is the longest time without a word, after which proxies and browsers take a connection for dead.
const heartbeat = 15 * time.Second

func openStream(w http.ResponseWriter) (*stream, error) {
	s := &stream{w: w, control: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // or nginx would keep it back
	if _, err := fmt.Fprint(w, "retry: 1000\n\n"); err != nil {
		return nil, err
	}
	if err := s.control.Flush(); err != nil {
		return nil, errors.New("this connection cannot stream")
	}
	s.sent = time.Now()
	return s, nil
}

// send sends a value with the cursor after it, or now and then that there is nothing new.
func (s *stream) send(value any, cursor string, fresh bool) error {
	switch {
	case fresh:
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(s.w, "id: %s\ndata: %s\n\n", cursor, text); err != nil {
			return err
		}
	case time.Since(s.sent) > heartbeat:
		if _, err := fmt.Fprint(s.w, ":\n\n"); err != nil {
			return err
		}
	default:
		return nil
	}
	s.sent = time.Now()
	return s.control.Flush()
}

// pause reports whether the time passed before the request was over.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// Points of a curve in a page of one run and of a few, and in one event.
const (
	mostPoints   = 400
	mostOverlaid = 500
	tickPoints   = 60
)

// news is what is new of one of the runs of a page, by its place among them.
type news struct {
	Index int `json:"i"`
	live.Tick
}

// watched is a run of a page by its identity, and its feed.
type watched struct {
	id   string
	feed *live.Feed
}

// watch opens the feeds of runs by their identities.
func (s *Server) watch(ids []string, cursor string, most int) []watched {
	var all []watched
	at := strings.Split(cursor, ".")
	for i, id := range ids {
		from := live.Cursor{}
		if i < len(at) {
			from = live.ParseCursor(at[i])
		}
		p, _ := s.places.of(id)
		all = append(all, watched{id, live.NewFeed(p.Dir, from, most)})
	}
	return all
}

// next is what is new of a run. One that is not there is one that was deleted, until it appears.
func (w *watched) next(s *Server) (live.Tick, bool) {
	if w.feed.Dir() == "" {
		p, found := s.places.of(w.id)
		if !found || p.Sweep {
			return w.feed.NextOf(live.Run{State: live.Deleted})
		}
		w.feed = live.NewFeed(p.Dir, w.feed.Cursor, w.feed.Most)
	}
	return w.feed.NextOf(s.looks.look(w.feed.Dir()))
}

// next is what is new of all runs, and the cursor after it.
func (s *Server) next(all []watched) (fresh []news, cursor string) {
	ticks, is, at := make([]live.Tick, len(all)), make([]bool, len(all)), make([]string, len(all))
	parallel.Run(runtime.GOMAXPROCS(0), len(all), func(i int) {
		ticks[i], is[i] = all[i].next(s)
		at[i] = all[i].feed.Cursor.String()
	})
	for i, tick := range ticks {
		if is[i] {
			fresh = append(fresh, news{i, tick})
		}
	}
	return fresh, strings.Join(at, ".")
}

// events is a stream of what is new of runs. Its cursor is in the address, or in what the browser had last.
func (s *Server) events(w http.ResponseWriter, r *http.Request) error {
	ids := r.URL.Query()["run"]
	if len(ids) > mostOverlaid {
		return missingError(fmt.Sprintf("%d runs are more than %d", len(ids), mostOverlaid))
	}
	cursor := r.Header.Get("Last-Event-ID")
	if cursor == "" {
		cursor = r.URL.Query().Get("at")
	}
	all := s.watch(ids, cursor, tickPoints)
	stream, err := openStream(w)
	if err != nil {
		return err
	}
	for {
		fresh, cursor := s.next(all)
		if err := stream.send(fresh, cursor, len(fresh) > 0); err != nil {
			return nil
		}
		if !pause(r.Context(), s.Interval) {
			return nil
		}
	}
}
