package estimate

import "strconv"

// Count is a number of things that is null in JSON where it is not known, which 0 stands for.
type Count int

// MarshalJSON writes c, or null.
func (c Count) MarshalJSON() ([]byte, error) {
	if c == 0 {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(c), 10), nil
}
