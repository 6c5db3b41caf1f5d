package main

import (
	"fmt"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets every test run this program by its name, as a process of its own. The other two programs are work that never
// ends: one hears of interrupts, one does not.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"noiseprobe": main, "hearing": func() { endless(true) }, "deaf": func() { endless(false) },
	})
}

func endless(endsWell bool) {
	ctx := interruptible(endsWell)
	fmt.Println("started")
	<-ctx.Done()
	fmt.Println("heard")
	select {}
}
