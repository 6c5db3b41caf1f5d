// Command kernels writes the assembly of the vector kernels, and the Go declarations of their functions:
//
//	kernels -name gemm -out kernels_amd64.s -stubs kernels_amd64.go -pkg gemm
//
// -arch arm64 writes those for NEON, most of them by translating those for AVX2, which have been written before. go generate runs it in the packages that hold the output.
package main

import (
	"flag"
	"fmt"
	"os"

	. "github.com/mmcloughlin/avo/build"
)

// sets are the groups of kernels by name.
var sets = map[string]func(){"gemm": gemmKernels, "vector": vectorKernels, "channels": channelKernels, "winograd": winogradKernels}

func main() {
	name := flag.String("name", "", "which kernels: gemm, vector, channels or winograd")
	arch := flag.String("arch", "amd64", "for which processors: amd64 or arm64")
	// avo adds flags of its own (-out, -stubs, -pkg) and parses.
	flag.Parse()
	write, ok := sets[*name]
	if !ok {
		fmt.Fprintf(os.Stderr, "kernels: no kernels are called %q\n", *name)
		os.Exit(2)
	}
	if *arch == "arm64" {
		if err := writeArm(*name, armSets[*name]); err != nil {
			fmt.Fprintln(os.Stderr, "kernels:", err)
			os.Exit(1)
		}
		return
	}
	ConstraintExpr("amd64")
	write()
	Generate()
}
