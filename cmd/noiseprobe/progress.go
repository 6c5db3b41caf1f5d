package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
)

// progress shows how far long work is: one line that is rewritten on a terminal, a plain line now and then elsewhere.
type progress struct {
	s        *session
	terminal bool
	now      func() time.Time
	phase    string
	started  time.Time
	first    int // items done when the phase began
	shown    time.Time
	width    int    // of the line on the terminal
	more     string // is said after how long it takes
	loss     float64
}

const (
	terminalInterval = 100 * time.Millisecond
	plainInterval    = 15 * time.Second
)

func newProgress(s *session) *progress {
	return &progress{s: s, terminal: isTerminal(s.stderr), now: time.Now, loss: math.NaN()}
}

// show reports that done of total items of a phase are done; a total that is not positive is not known.
func (p *progress) show(phase string, done, total int) {
	now := p.now()
	if phase != p.phase {
		p.phase, p.started, p.first, p.shown = phase, now, done, now
		if !p.terminal {
			return
		}
		p.shown = time.Time{}
	}
	interval := plainInterval
	if p.terminal {
		interval = terminalInterval
	}
	if now.Sub(p.shown) < interval {
		return
	}
	p.shown = now
	p.print(fmt.Sprintf("noiseprobe: %s %d%s", phase, done, p.rest(now, done, total)+p.more+p.training(now, done)))
}

func (p *progress) print(line string) {
	if !p.terminal {
		fmt.Fprintln(p.s.stderr, line)
		return
	}
	// A line that reaches the last column would leave the line that is rewritten.
	line = line[:min(len(line), widthOf(p.s.stderr)-1)]
	fmt.Fprintf(p.s.stderr, "\r%-*s", p.width, line)
	p.width = len(line)
}

// training is the rate and the loss of the minibatches, where there are any.
func (p *progress) training(now time.Time, done int) string {
	seconds := now.Sub(p.started).Seconds()
	if math.IsNaN(p.loss) || p.phase != "training" || done <= p.first || seconds <= 0 {
		return ""
	}
	return fmt.Sprintf("; %.3g steps/s, loss %.3g", float64(done-p.first)/seconds, p.loss)
}

// rest is how much there is in all, and how long it will take at the phase's speed so far.
func (p *progress) rest(now time.Time, done, total int) string {
	switch {
	case total <= 0:
		return ""
	case done <= p.first:
		return fmt.Sprintf("/%d", total)
	}
	left := now.Sub(p.started).Seconds() / float64(done-p.first) * float64(total-done)
	return fmt.Sprintf("/%d, %s left", total, duration(left))
}

// duration is a time in words, to the second.
func duration(seconds float64) string {
	if nanoseconds := seconds * float64(time.Second); nanoseconds < math.MaxInt64 {
		return time.Duration(nanoseconds).Round(time.Second).String()
	}
	return "centuries"
}

// clear removes the line from a terminal.
func (p *progress) clear() {
	if p.width > 0 {
		fmt.Fprintf(p.s.stderr, "\r%s\r", strings.Repeat(" ", p.width))
	}
	p.width = 0
}

// notice prints a line that stays.
func (p *progress) notice(line string) {
	p.clear()
	p.s.say("%s", line)
}

// observer observes one run, or other work of one process.
func (p *progress) observer() experiment.Observer {
	return experiment.Observer{Notice: p.notice, Progress: p.show, Loss: func(loss float64) { p.loss = loss }}
}

// sweep observes a sweep.
func (p *progress) sweep() sweep.Observer {
	return sweep.Observer{
		Notice: p.notice,
		Progress: func(ended, failed, running, total int) {
			p.more = fmt.Sprintf("; %d failed, %d running", failed, running)
			p.show("runs", ended, total)
		},
	}
}
