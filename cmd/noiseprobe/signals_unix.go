//go:build unix

package main

import (
	"os"
	"syscall"
)

// stopSignals end a command well. SIGTERM comes before a kill, SIGUSR1 from batch systems before the end of the time.
var stopSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGUSR1}

// timeIsUp tells the signal that a task asks Slurm for, before its time limit.
func timeIsUp(s os.Signal) bool { return s == syscall.SIGUSR1 }
