// Package parallel splits loops over independent items between workers. Results never depend on the number of workers: each item is
// computed by one worker, and nothing is added up across workers.
package parallel

import (
	"math"
	"runtime"
	"sync/atomic"
)

var workers atomic.Int32

// SetWorkers sets the largest number of goroutines of [For]; n <= 0 means all processors available to the program.
func SetWorkers(n int) { workers.Store(int32(min(max(n, 0), math.MaxInt32))) }

// Workers is the largest number of goroutines that [For] uses.
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
	Run(pieces, pieces, func(p int) { do(p*n/pieces, (p+1)*n/pieces) })
}

// Run calls do for 0 to tasks-1 from up to workers goroutines, including the caller's, and waits until all calls have returned. A
// goroutine that has finished a task takes the next one. do may call Run.
func Run(workers, tasks int, do func(task int)) {
	workers = min(workers, tasks)
	if workers <= 1 {
		for task := range tasks {
			do(task)
		}
		return
	}
	j := &job{do: do, tasks: int64(tasks)}
	j.places.Store(int64(workers - 1))
	offer(j)
	j.work()
	withdraw(j)
	j.wait()
}
