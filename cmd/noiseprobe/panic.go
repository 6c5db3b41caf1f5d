package main

import (
	"fmt"
	"runtime/debug"
)

// explainPanic turns a panic into an error of the program: status 1, not the 2 that a panic has by itself, which says wrong usage.
func (s *session) explainPanic(status *int) {
	if p := recover(); p != nil {
		s.say("internal error: %v", p)
		fmt.Fprintf(s.stderr, "hint: this is a mistake in noiseprobe; a report of it needs the command and these lines\n%s", debug.Stack())
		*status = statusFailed
	}
}
