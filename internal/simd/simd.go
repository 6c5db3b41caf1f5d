// Package simd says which vector instructions the assembly kernels may use, for all packages that have some.
//
// The environment variable NOISEPROBE_KERNEL (avx512, avx2, neon or generic) selects a set, for tests; without it the best one of the
// processor is used. All sets give the same bits.
package simd

import (
	"fmt"
	"os"
	"sync"
)

// Set is a set of vector instructions.
type Set string

const (
	// Generic stands for plain Go.
	Generic Set = "generic"
	// AVX2 includes FMA.
	AVX2 Set = "avx2"
	// AVX512 stands for AVX-512F, with all of AVX2.
	AVX512 Set = "avx512"
	// NEON is the set of arm64, which all of its processors have.
	NEON Set = "neon"
)

// Variable is the environment variable that selects a set.
const Variable = "NOISEPROBE_KERNEL"

// Choose returns the set to use, the same one at every call. It is an error if the environment selects a set that does not exist or
// that this processor does not have.
var Choose = sync.OnceValues(func() (Set, error) { return choose(os.Getenv(Variable), best()) })

// Kernels is [Choose] for callers that cannot return an error: it is Generic if there is one.
func Kernels() Set {
	set, err := Choose()
	if err != nil {
		return Generic
	}
	return set
}

var order = map[Set]int{Generic: 0, AVX2: 1, AVX512: 2, NEON: 1}

func choose(asked string, best Set) (Set, error) {
	if asked == "" {
		return best, nil
	}
	switch _, known := order[Set(asked)]; {
	case !known:
		return "", fmt.Errorf("%s=%s: want avx512, avx2, neon or generic", Variable, asked)
	case !Has(best, Set(asked)):
		return "", fmt.Errorf("%s=%s: this processor does not have it, the best it has is %s", Variable, asked, best)
	}
	return Set(asked), nil
}

// Has reports whether a processor whose best set is best has another set too.
func Has(best, set Set) bool {
	return set == Generic || order[set] <= order[best] && (set == NEON) == (best == NEON)
}
