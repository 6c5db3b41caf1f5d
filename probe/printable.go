package probe

import (
	"strconv"
	"strings"
	"unicode"
)

// printable is a name from a file as it may stand in a line: what a terminal would act on is escaped.
func printable(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return name
	}
	quoted := strconv.Quote(name)
	return quoted[1 : len(quoted)-1]
}
