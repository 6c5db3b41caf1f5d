// Package child starts processes that end with the one that started them.
//
// A terminal sends its interrupt to all processes of a group, and a process that works until it is told to stop would hear it
// twice, once from the terminal and once from its parent. So a child is given a group of its own, and hears what the parent
// sends. On Linux it is killed when the parent has been killed. Start with [Prepare].
package child

import "os/exec"

// Prepare sets the attributes of a command that has not started. Start it, and wait for it, on one thread that lives as long
// (runtime.LockOSThread): Linux takes the end of the thread for that of the parent.
func Prepare(c *exec.Cmd) { prepare(c) }
