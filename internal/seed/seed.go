// Package seed splits one root seed into labelled, independent random streams.
//
// Every consumer of randomness names its stream ("init", "order", "units", ...), so adding a consumer never changes
// what another one draws. A stream depends on nothing but (root, label, index): it can be recreated at any time, and
// no generator state has to be saved in order to resume.
package seed

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// New returns the generator of the stream label of a root seed. Optional indices select a member of a family of
// streams, such as the permutation of one epoch.
func New(root uint64, label string, index ...uint64) *rand.Rand {
	h := sha256.New()
	var word [8]byte
	write := func(v uint64) {
		binary.LittleEndian.PutUint64(word[:], v)
		h.Write(word[:])
	}
	write(root)
	write(uint64(len(label)))
	h.Write([]byte(label))
	for _, i := range index {
		write(i)
	}
	sum := h.Sum(nil)
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum), binary.LittleEndian.Uint64(sum[8:])))
}
