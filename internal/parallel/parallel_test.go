package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestForCoversEveryItemOnce(t *testing.T) {
	defer SetWorkers(0)
	for _, w := range []int{1, 2, 3, 7} {
		SetWorkers(w)
		for _, n := range []int{0, 1, 2, 5, 100} {
			for _, grain := range []int{0, 1, 3, 1000} {
				seen := make([]atomic.Int32, n)
				For(n, grain, func(lo, hi int) {
					for i := lo; i < hi; i++ {
						seen[i].Add(1)
					}
				})
				for i := range seen {
					if got := seen[i].Load(); got != 1 {
						t.Fatalf("workers %d, n %d, grain %d: item %d was visited %d times", w, n, grain, i, got)
					}
				}
			}
		}
	}
}

func TestRunInsideRun(t *testing.T) {
	var count atomic.Int32
	Run(4, 10, func(int) {
		Run(3, 10, func(int) {
			Run(2, 5, func(int) { count.Add(1) })
		})
	})
	if got := count.Load(); got != 500 {
		t.Errorf("%d innermost tasks, want 500", got)
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for n := range 300 {
				var sum atomic.Int64
				Run(3, n, func(task int) { sum.Add(int64(task)) })
				if got, want := sum.Load(), int64(n*(n-1)/2); got != want {
					t.Errorf("%d tasks: sum %d, want %d", n, got, want)
				}
			}
		})
	}
	group.Wait()
}

// Helpers that sleep are woken: the two tasks wait for each other, so that they must run at the same time.
func TestSleepersAreWoken(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("NOT TESTED: there is one processor, and so no helper")
	}
	for range 20 {
		time.Sleep(2 * time.Millisecond)
		var meet sync.WaitGroup
		meet.Add(2)
		Run(2, 2, func(int) {
			meet.Done()
			meet.Wait()
		})
	}
}

// The cost of a loop of two tasks without the tasks.
func BenchmarkRun(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Run(2, 2, func(int) {})
	}
}
