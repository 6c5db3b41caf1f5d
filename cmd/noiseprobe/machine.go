package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
)

// machine declares the flags that say what a command may use of the machine.
func (f *flags) machine(memory *int64, blas *string, workers *int) {
	f.memory(memory)
	f.choice(blas, "blas", "`NAME` library for matrix products", gemm.Names()...)
	f.IntVar(workers, "workers", *workers, "`W` number of goroutines and BLAS threads, 0 for one per processor")
}

func (f *flags) memory(budget *int64) {
	f.Var((*byteSize)(budget), "memory", "`BUDGET` memory to use at most, such as 512MiB")
}

// byteSize is a flag value such as 512MiB.
type byteSize int64

var byteUnits = []struct {
	suffix string
	factor float64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1}}

func (b *byteSize) String() string {
	if v := int64(*b); v > 0 && v%(1<<30) == 0 {
		return fmt.Sprintf("%dGiB", v>>30)
	}
	return strconv.FormatInt(int64(*b), 10)
}

func (b *byteSize) Set(text string) error {
	for _, u := range byteUnits {
		number, ok := strings.CutSuffix(text, u.suffix)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(v > 0) || v*u.factor > math.MaxInt64/2 {
			break
		}
		*b = byteSize(v * u.factor)
		return nil
	}
	return fmt.Errorf("%q is not an amount of memory, such as 4GiB", text)
}
