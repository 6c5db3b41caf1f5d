package main

import (
	"fmt"
	"runtime/debug"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets every test run this program by its name, as a process of its own. Of the other programs, two are work that never
// ends, one hears of interrupts and one does not; and one is beyond recovery.
func TestMain(m *testing.M) {
	testscript.Main(withFew{m}, map[string]func(){
		"noiseprobe": main, "hearing": func() { endless(true) }, "deaf": func() { endless(false) }, "fatal": fatal,
	})
}

func endless(endsWell bool) {
	ctx := interruptible(endsWell)
	fmt.Println("started")
	<-ctx.Done()
	fmt.Println("heard")
	select {}
}

// fatal uses up the stack, which ends a process with an error of the Go runtime.
func fatal() {
	abortOnFatalErrors()
	debug.SetMaxStack(1 << 16)
	fmt.Println(deeper(0))
}

// deeper never ends, which a test of it is for.
func deeper(n int) int {
	if n < 0 {
		return 0
	}
	return 1 + deeper(n+1)
}
