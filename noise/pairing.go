package noise

import (
	"fmt"
	"strings"
)

// Pairing says how the minibatches B and B' of one step are drawn.
type Pairing string

const (
	// Independent draws each minibatch without replacement, independently of the other: they may overlap.
	Independent Pairing = "independent"
	// Disjoint draws 2B samples without replacement and halves them.
	Disjoint Pairing = "disjoint"
	// Replacement makes 2B independent draws.
	Replacement Pairing = "replacement"
	// Naive is Eq. 5: the full gradient plus alpha times the noise of one minibatch drawn without replacement.
	Naive Pairing = "naive"
)

// Pairings lists what training can use; [Naive] needs the full gradient at every step and is only predicted and measured.
var Pairings = []Pairing{Independent, Disjoint, Replacement}

// ParsePairing reads the name of a pairing that training can use.
func ParsePairing(name string) (Pairing, error) {
	var names []string
	for _, p := range Pairings {
		if name == string(p) {
			return p, nil
		}
		names = append(names, string(p))
	}
	return "", fmt.Errorf("unknown pairing %q: one of %s", name, strings.Join(names, ", "))
}

// CheckBatch reports why minibatches of size batch cannot be drawn from n samples, as a line for a user.
func CheckBatch(p Pairing, n, batch int) error {
	switch {
	case batch < 1:
		return fmt.Errorf("batch %d is not positive", batch)
	case p == Disjoint && batch > n/2:
		return fmt.Errorf("batch %d is too large: two disjoint minibatches need 2 x %d samples of the %d in the training set", batch, batch, n)
	case p != Replacement && batch > n:
		return fmt.Errorf("batch %d is above the %d samples in the training set", batch, n)
	}
	return nil
}

func mustCheckBatch(p Pairing, n, batch int) {
	if err := CheckBatch(p, n, batch); err != nil {
		panic("noise: " + err.Error())
	}
}

// Single is how the single minibatch is drawn that a pair is compared with: with replacement for [Replacement], else without.
func (p Pairing) Single() Pairing {
	if p == Replacement {
		return Replacement
	}
	return Independent
}
