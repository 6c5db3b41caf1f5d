package noise_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/noise"
)

func newOrder(t *testing.T, p noise.Pairing, n, batch int, root uint64) *noise.Order {
	t.Helper()
	order, err := noise.NewOrder(p, n, batch, root)
	if err != nil {
		t.Fatal(err)
	}
	return order
}

func at(order *noise.Order, step, batch int) (b, prime []int) {
	b, prime = make([]int, batch), make([]int, batch)
	order.At(step, b, prime)
	return b, prime
}

// TestAnyStepAtAnyTime: what a step reads does not depend on the steps asked for before it, nor on asking for B'.
func TestAnyStepAtAnyTime(t *testing.T) {
	const n, batch, steps = 23, 5, 40
	for _, p := range noise.Pairings {
		sequential := newOrder(t, p, n, batch, 1)
		random := newOrder(t, p, n, batch, 1)
		var b, prime [steps][]int
		for step := range steps {
			b[step], prime[step] = at(sequential, step, batch)
		}
		for k := range steps {
			step := 17 * k % steps
			gotB, gotPrime := at(random, step, batch)
			if !slices.Equal(gotB, b[step]) || !slices.Equal(gotPrime, prime[step]) {
				t.Errorf("%s: step %d differs when asked for out of order", p, step)
			}
			alone := make([]int, batch)
			newOrder(t, p, n, batch, 1).At(step, alone, nil)
			if !slices.Equal(alone, b[step]) {
				t.Errorf("%s: step %d has another B without B'", p, step)
			}
		}
	}
}

func TestAnEpochVisitsASampleAtMostOnce(t *testing.T) {
	for _, size := range []struct{ n, batch int }{{23, 5}, {20, 5}, {7, 3}, {6, 3}, {4, 1}} {
		for _, p := range []noise.Pairing{noise.Independent, noise.Disjoint, noise.Naive} {
			order := newOrder(t, p, size.n, size.batch, 2)
			each := size.batch
			if p == noise.Disjoint {
				each = 2 * size.batch
			}
			if got, want := order.StepsPerEpoch(), size.n/each; got != want {
				t.Errorf("%s %v: %d steps in an epoch, want %d", p, size, got, want)
			}
			for epoch := range 3 {
				visited, primes := visit(order, epoch, size.batch)
				if p == noise.Disjoint {
					visited = append(visited, primes...)
				} else if distinct(primes) != len(primes) {
					t.Errorf("%s %v: epoch %d repeats a sample in B'", p, size, epoch)
				}
				if want := size.n / each * each; distinct(visited) != want || len(visited) != want {
					t.Errorf("%s %v: epoch %d visits %d samples, want %d", p, size, epoch, distinct(visited), want)
				}
			}
		}
	}
}

// visit returns all that the minibatches B and B' of an epoch read.
func visit(order *noise.Order, epoch, batch int) (visited, primes []int) {
	steps := order.StepsPerEpoch()
	for step := epoch * steps; step < (epoch+1)*steps; step++ {
		b, prime := at(order, step, batch)
		visited, primes = append(visited, b...), append(primes, prime...)
	}
	return visited, primes
}

// TestPermutationsDiffer: of 100 samples, two equal permutations would be no coincidence (1 in 100!).
func TestPermutationsDiffer(t *testing.T) {
	for _, p := range []noise.Pairing{noise.Independent, noise.Replacement} {
		b, prime := at(newOrder(t, p, 100, 100, 1), 0, 100)
		next, _ := at(newOrder(t, p, 100, 100, 1), 1, 100)
		other, _ := at(newOrder(t, p, 100, 100, 2), 0, 100)
		for name, x := range map[string][]int{"B'": prime, "the next epoch": next, "another seed": other} {
			if slices.Equal(b, x) {
				t.Errorf("%s: %s has the order of B", p, name)
			}
		}
	}
}

func TestDisjointPairsNeverOverlap(t *testing.T) {
	order := newOrder(t, noise.Disjoint, 21, 5, 3)
	for step := range 200 {
		if b, prime := at(order, step, 5); overlap(b, prime) {
			t.Errorf("step %d: %v and %v", step, b, prime)
		}
	}
}

func TestOrderWithReplacementGoesBeyondThePopulation(t *testing.T) {
	order := newOrder(t, noise.Replacement, 3, 10, 3)
	if order.StepsPerEpoch() != 1 {
		t.Errorf("%d steps in an epoch", order.StepsPerEpoch())
	}
	b, prime := at(order, 0, 10)
	if slices.Max(append(b, prime...)) > 2 {
		t.Errorf("%v, %v: not below 3", b, prime)
	}
}

func TestNewOrderRefuses(t *testing.T) {
	cases := []struct {
		pairing  noise.Pairing
		n, batch int
		reason   string
	}{
		{noise.Independent, 10, 0, "batch 0 is not positive"},
		{noise.Replacement, 10, -1, "batch -1 is not positive"},
		{noise.Independent, 10, 11, "batch 11 is above the 10 samples in the training set"},
		{noise.Disjoint, 10, 6, "batch 6 is too large: two disjoint minibatches need 2 x 6 samples of the 10 in the training set"},
		{noise.Disjoint, 11, 6, "batch 6 is too large: two disjoint minibatches need 2 x 6 samples of the 11 in the training set"},
	}
	for _, c := range cases {
		order, err := noise.NewOrder(c.pairing, c.n, c.batch, 1)
		if order != nil || err == nil || err.Error() != c.reason {
			t.Errorf("%s N=%d B=%d: %v, want %q", c.pairing, c.n, c.batch, err, c.reason)
		}
	}
	for _, p := range allPairings {
		newOrder(t, p, 10, 5, 1)
	}
}

func TestIndexSlicesOfTheWrongLengthPanic(t *testing.T) {
	order := newOrder(t, noise.Independent, 10, 4, 1)
	panics(t, "short b", func() { order.At(0, make([]int, 3), make([]int, 4)) })
	panics(t, "no b", func() { order.At(0, nil, make([]int, 4)) })
	panics(t, "long b'", func() { order.At(0, make([]int, 4), make([]int, 5)) })
}

func TestParsePairing(t *testing.T) {
	for _, p := range noise.Pairings {
		if got, err := noise.ParsePairing(string(p)); got != p || err != nil {
			t.Errorf("ParsePairing(%q) = %q, %v", p, got, err)
		}
	}
	for _, name := range []string{"naive", "", "Independent", "overlapping"} {
		_, err := noise.ParsePairing(name)
		if err == nil || !strings.Contains(err.Error(), "one of independent, disjoint, replacement") {
			t.Errorf("ParsePairing(%q): %v", name, err)
		}
	}
}
