package probe

// SetBlock changes the number of columns in a block, which is chosen for large files.
func (s *Streamed) SetBlock(columns int) { s.width = min(columns, s.Parameters()) }

const TileColumns = tileColumns
