//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// stopSignals end a command well. SIGTERM comes before a kill; SIGUSR1, SIGUSR2 and SIGXCPU from batch systems before the end of the
// time, and from a limit on processor time; SIGHUP from a terminal that is closed.
var stopSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGXCPU}

// timeIsUp tells the signal that a task asks Slurm for, before its time limit.
func timeIsUp(s os.Signal) bool { return s == syscall.SIGUSR1 }

// hearNoMore lets the work end well where what reads the output, such as tee, was ended by the same signal.
func hearNoMore() { signal.Ignore(syscall.SIGPIPE) }
