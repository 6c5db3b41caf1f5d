package main

import (
	"bytes"
	"testing"
	"time"
)

// TestProgressPlain: a line now and then, none for a short phase, and the time left from the phase's own speed.
func TestProgressPlain(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&session{stderr: &out})
	var clock time.Time
	p.now = func() time.Time { return clock }
	for second := range 61 {
		clock = time.Unix(int64(second), 0)
		if second <= 20 {
			p.show("training", 100+second, 140)
		} else {
			p.show("analysing", second-21, 100)
		}
	}
	p.clear()
	// 15 of the phase's 40 steps in 15 s, then 15 and 30 of 100.
	want := "noiseprobe: training 115/140, 25s left\nnoiseprobe: analysing 15/100, 1m25s left\nnoiseprobe: analysing 30/100, 1m10s left\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// TestProgressTerminal: the line is rewritten, no longer than needed, and gives way to what stays.
func TestProgressTerminal(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&session{stderr: &out})
	p.terminal = true
	clock := time.Unix(0, 0)
	p.now = func() time.Time { return clock }
	p.show("training", 0, 20)
	clock = clock.Add(10 * time.Millisecond)
	p.show("training", 1, 20)
	clock = clock.Add(10 * time.Second)
	p.show("training", 10, 20)
	p.show("b", 0, -1)
	p.notice("a line")
	p.clear()
	want := "\rnoiseprobe: training 0/20" +
		"\rnoiseprobe: training 10/20, 10s left" +
		"\rnoiseprobe: b 0                     " +
		"\r               \r" + "noiseprobe: a line\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
