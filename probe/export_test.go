package probe

import "testing"

// SetBlock changes the number of columns in a block, which is chosen for large files.
func (s *Streamed) SetBlock(columns int) { s.width = min(columns, s.Parameters()) }

// SetBlockBytes changes the memory of blocks until the end of a test.
func SetBlockBytes(t *testing.T, bytes int) {
	before := blockBytes
	blockBytes = bytes
	t.Cleanup(func() { blockBytes = before })
}

const TileColumns = tileColumns
