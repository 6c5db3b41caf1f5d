// Package child starts processes that end with the one that started them.
//
// A terminal sends an interrupt to all processes of a group, so that a child would receive it twice, from the terminal and from its
// parent. A child is therefore given a group of its own, and receives only the signals that the parent sends. On Linux it is killed
// when the parent has been killed. Start with [Prepare].
package child

import "os/exec"

// Prepare sets the attributes of a command that has not been started. Start it and wait for it on one thread that exists as long as
// the child (runtime.LockOSThread): when that thread ends, Linux treats the parent as dead.
func Prepare(c *exec.Cmd) { prepare(c) }
