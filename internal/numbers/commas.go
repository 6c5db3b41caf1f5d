package numbers

import (
	"bytes"
	"fmt"
	"regexp"
)

// commas collects what the commas of a text may mean. They separate numbers, unless all of them could as well be decimal commas, or
// stand between thousands: then nothing in the text tells which, and either reading is wrong half of the time.
//
//	46,34        the number 46.34, or 46 and 34
//	5,634.26     the number 5634.26, or 5 and 634.26
//	1,5;2,5      the numbers 1.5 and 2.5, or 1, 5, 2 and 5
type commas struct {
	settled bool // there is a line in which commas can only separate numbers
	reading string
	line    int
	example string
}

var (
	decimal   = regexp.MustCompile(`^[+-]?\d+,\d+([eE][+-]?\d+)?$`)
	thousands = regexp.MustCompile(`^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$`)
	several   = regexp.MustCompile(`^[+-]?\d+(,\d+)?([eE][+-]?\d+)?(( *; *|[ \t]+)[+-]?\d+(,\d+)?([eE][+-]?\d+)?)+$`)
)

// look finds out what the commas of a line may be.
func (c *commas) look(line []byte, number int) {
	if c.settled || bytes.IndexByte(line, ',') < 0 {
		return
	}
	reading := ""
	switch {
	case thousands.Match(line) && c.reading != "decimal":
		reading = "thousands"
	case decimal.Match(line) || several.Match(line):
		reading = "decimal"
	default:
		c.settled = true
		return
	}
	if c.reading != reading {
		c.reading, c.line, c.example = reading, number, fmt.Sprintf("%.40q", line)
	}
}

// ambiguous is an error if all commas could be within numbers.
func (c *commas) ambiguous() error {
	if why := c.why(); why != "" {
		return fmt.Errorf("line %d: %s", c.line, why)
	}
	return nil
}

// hint is the end of an error about a text in which all commas until there could be within numbers.
func (c *commas) hint() string {
	if why := c.why(); why != "" {
		return "; " + why
	}
	return ""
}

func (c *commas) why() string {
	switch {
	case c.settled || c.reading == "":
		return ""
	case c.reading == "thousands":
		return fmt.Sprintf("the commas in %s may stand between thousands: leave them out, or put a blank after each that separates numbers", c.example)
	}
	return fmt.Sprintf("the commas in %s may be decimal commas: write decimal points, or put a blank after each comma that separates numbers", c.example)
}
