// Package seed splits one root seed into labelled, independent random streams.
//
// Every use of randomness names its stream ("init", "order", "units", ...), so that adding one never changes what another draws.
// A stream depends only on (root, label, index): it can be recreated at any time, and no generator state has to be saved in order
// to resume.
package seed

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// New returns the generator of the stream with this label and root seed. Optional indices select one of a family of streams, such as
// that for the permutation of one epoch.
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
