//go:build unix && !linux

package child

import (
	"os/exec"
	"syscall"
)

func prepare(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
