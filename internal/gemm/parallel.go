package gemm

import (
	"sync"
	"sync/atomic"
)

// parallel calls do for 0 to tasks-1 from up to workers goroutines, each taking the next task when it has finished one.
func parallel(workers, tasks int, do func(task int)) {
	if workers = min(workers, tasks); workers <= 1 {
		for task := range tasks {
			do(task)
		}
		return
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for task := next.Add(1) - 1; task < int64(tasks); task = next.Add(1) - 1 {
				do(int(task))
			}
		})
	}
	group.Wait()
}

// blocks returns how many blocks of a size cover n elements.
func blocks(n, size int) int { return (n + size - 1) / size }
