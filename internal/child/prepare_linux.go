package child

import (
	"os/exec"
	"syscall"
)

// The child is to be killed: a signal that it could handle would arrive several times, as the threads of the parent end one by one.
func prepare(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
