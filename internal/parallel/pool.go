package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// job is one loop. Its caller works on it too, and waits only for tasks that helpers have begun, so that a loop ends even if all helpers
// are busy elsewhere.
type job struct {
	do     func(task int)
	tasks  int64
	next   atomic.Int64 // the first task that has not been taken
	done   atomic.Int64
	places atomic.Int64 // for helpers
}

// work takes tasks until none is left.
func (j *job) work() {
	for task := j.next.Add(1) - 1; task < j.tasks; task = j.next.Add(1) - 1 {
		j.do(int(task))
		j.done.Add(1)
	}
}

// wait returns when the tasks that helpers have begun are done.
func (j *job) wait() {
	for spins := 0; j.done.Load() < j.tasks; spins++ {
		if spins%polls == polls-1 {
			runtime.Gosched()
		}
	}
}

// join reports whether there is work and a place for one more helper.
func (j *job) join() bool {
	return j.next.Load() < j.tasks && j.places.Add(-1) >= 0
}

// The helpers of the whole process. Waking a sleeping goroutine takes 75 to 100 us, as long as a whole matrix product of a small
// batch. A helper without work therefore looks for more for about that time before it sleeps.
var (
	current  atomic.Pointer[job] // the loop that helpers may join: the latest if there are several
	sleepers atomic.Int64
	wake     = make(chan struct{}, 64)
	start    sync.Once
)

const (
	// polls is the number of times that a waiting goroutine looks for work before it lets others run.
	polls = 32
	// patience is the number of times that a helper lets others run before it sleeps: about 100 us if no others want to run.
	patience = 500
)

// offer lets helpers join a loop, and wakes them if they sleep.
func offer(j *job) {
	start.Do(func() {
		for range min(runtime.NumCPU(), cap(wake)+1) - 1 {
			go help()
		}
	})
	current.Store(j)
	for range min(sleepers.Load(), j.places.Load()) {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// withdraw ends an offer if it is still the current one, so that what the loop refers to is not kept in memory.
func withdraw(j *job) { current.CompareAndSwap(j, nil) }

func help() {
	for {
		if j := lookOut(); j != nil {
			j.work()
			continue
		}
		sleepers.Add(1)
		// A loop that was offered before the line above woke nobody, so look for it.
		if j := current.Load(); j == nil || j.next.Load() >= j.tasks {
			<-wake
		}
		sleepers.Add(-1)
	}
}

// lookOut waits a while for a loop to join.
func lookOut() *job {
	for range patience {
		for range polls {
			if j := current.Load(); j != nil && j.join() {
				return j
			}
		}
		runtime.Gosched()
	}
	return nil
}
