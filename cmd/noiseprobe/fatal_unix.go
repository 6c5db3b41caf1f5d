//go:build unix

package main

import (
	"os"
	"runtime/debug"
	"syscall"
)

// abortOnFatalErrors makes fatal errors of the Go runtime, such as no memory, end the process by SIGABRT: the status that they have by
// themselves, 2, says wrong usage. No core is left unless GOTRACEBACK asks for more than usual.
func abortOnFatalErrors() {
	var limit syscall.Rlimit
	if os.Getenv("GOTRACEBACK") == "" && syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) == nil {
		limit.Cur = 0
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &limit)
	}
	debug.SetTraceback("crash")
}
