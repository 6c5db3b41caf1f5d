//go:build !unix

package child

import "os/exec"

// A console interrupts all its processes, and no process can send that to another.
func prepare(*exec.Cmd) {}
