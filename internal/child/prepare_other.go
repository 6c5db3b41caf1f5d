//go:build !unix

package child

import "os/exec"

// A console interrupts all of its processes, and a process cannot interrupt another.
func prepare(*exec.Cmd) {}
