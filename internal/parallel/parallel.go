// Package parallel splits loops over independent items between workers. Results never depend on their number: each item is
// computed whole by one worker, and nothing is reduced across workers.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

var workers atomic.Int32

// SetWorkers bounds the goroutines of [For]; n <= 0 means all processors available to the program.
func SetWorkers(n int) { workers.Store(int32(max(n, 0))) }

// Workers is the number of goroutines that [For] uses at most.
func Workers() int {
	if n := int(workers.Load()); n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// For calls do(lo, hi) for consecutive pieces that cover 0 to n-1, each of at least grain items, and waits for all of them.
func For(n, grain int, do func(lo, hi int)) {
	pieces := min(Workers(), n/max(grain, 1))
	if pieces <= 1 {
		if n > 0 {
			do(0, n)
		}
		return
	}
	var wait sync.WaitGroup
	for p := 1; p < pieces; p++ {
		wait.Go(func() { do(p*n/pieces, (p+1)*n/pieces) })
	}
	do(0, n/pieces)
	wait.Wait()
}
