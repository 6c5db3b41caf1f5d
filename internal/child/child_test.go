package child

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestMain makes this program its own parent and child, told by an argument.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "parent" {
		parent()
	}
	os.Exit(m.Run())
}

// parent starts a child that sleeps, prints its number and the group that it is in, and waits.
func parent() {
	runtime.LockOSThread()
	c := exec.Command("sleep", "60")
	Prepare(c)
	if err := c.Start(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(c.Process.Pid)
	c.Wait()
	os.Exit(0)
}

// TestKilledWithParent: a child is in another group than its parent, and ends when that is killed.
func TestKilledWithParent(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux does a child end with a parent that was killed")
	}
	p := exec.Command(os.Args[0], "parent")
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("%q", line)
	}
	if group := field(pid, 5); group != strconv.Itoa(pid) {
		t.Errorf("process %d is in group %s", pid, group)
	}
	p.Process.Kill()
	p.Wait()
	for range 500 {
		if state := field(pid, 3); state == "" || state == "Z" {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d is still there", pid)
}

// field is one of /proc/PID/stat, counted from 1, "" where the process is gone.
func field(pid, number int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < number {
		return ""
	}
	return fields[number-1]
}
