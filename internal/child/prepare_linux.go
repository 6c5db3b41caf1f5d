package child

import (
	"os/exec"
	"syscall"
)

// A signal that the child hears would be heard twice: from each thread of the parent, as these end one by one.
func prepare(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
