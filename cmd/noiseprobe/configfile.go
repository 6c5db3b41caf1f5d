package main

import (
	"flag"
	"fmt"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/filekind"
)

// fillFromFile reads lines of a flag without its dash and its value. What follows # at the beginning of a line or after a blank is a
// comment.
func (f *flags) fillFromFile(path string) error {
	if path == "" {
		return usageError("-config: needs the name of a file")
	}
	const most = 1 << 20
	text, err := atomicfile.Read(path, most)
	if err != nil {
		return err
	}
	given, lines := f.allGiven(), map[string]int{}
	number := 0
	for line := range strings.Lines(string(filekind.Text(text))) {
		number++
		line, _, _ = strings.Cut(" "+strings.ReplaceAll(line, "\t", " "), " #")
		name, value, valued := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" {
			continue
		}
		origin := fmt.Sprintf("%s:%d", path, number)
		switch {
		case name == "config":
			return usageError("%s: a file of flags cannot name another one", origin)
		case f.takesValue(name) && !valued:
			return usageError("%s: flag %s needs a value", origin, name)
		case !valued:
			value = "true"
		}
		if err := f.take(given, name, strings.TrimSpace(value), origin); err != nil {
			return err
		}
		if _, single := f.Lookup(name).Value.(flag.Getter); single && lines[name] > 0 {
			f.note("%s: %s is in line %d as well, and this line counts", origin, name, lines[name])
		}
		lines[name] = number
	}
	return nil
}
