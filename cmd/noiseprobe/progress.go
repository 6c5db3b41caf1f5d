package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// progress shows how far long work is: one line that is rewritten on a terminal, a plain line now and then elsewhere.
type progress struct {
	s        *session
	terminal bool
	phase    string
	started  time.Time
	first    int // items done when the phase began to be shown
	shown    time.Time
	width    int
}

const (
	terminalInterval = 100 * time.Millisecond
	plainInterval    = 15 * time.Second
)

func newProgress(s *session) *progress {
	p := &progress{s: s}
	if f, ok := s.stderr.(*os.File); ok {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// show reports that done of total items of a phase are done.
func (p *progress) show(phase string, done, total int) {
	now := time.Now()
	if phase != p.phase {
		p.phase, p.started, p.first, p.shown = phase, now, done, now
		if !p.terminal {
			return
		}
	}
	interval := plainInterval
	if p.terminal {
		interval = terminalInterval
	}
	if now.Sub(p.shown) < interval {
		return
	}
	p.shown = now
	line := fmt.Sprintf("noiseprobe: %s %d/%d%s", phase, done, total, p.eta(now, done, total))
	if !p.terminal {
		fmt.Fprintln(p.s.stderr, line)
		return
	}
	fmt.Fprintf(p.s.stderr, "\r%-*s", p.width, line)
	p.width = len(line)
}

func (p *progress) eta(now time.Time, done, total int) string {
	if done <= p.first {
		return ""
	}
	left := time.Duration(float64(now.Sub(p.started)) / float64(done-p.first) * float64(total-done))
	return fmt.Sprintf(", %s left", left.Round(time.Second))
}

// clear removes the line from a terminal.
func (p *progress) clear() {
	if p.terminal && p.width > 0 {
		fmt.Fprintf(p.s.stderr, "\r%s\r", strings.Repeat(" ", p.width))
	}
	p.width = 0
}

// notice prints a line that stays.
func (p *progress) notice(line string) {
	p.clear()
	p.s.say("%s", line)
}
