package main

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// take sets a flag that is not among those given to what its origin, a variable or a line of a file, says.
func (f *flags) take(given []string, name, text, origin string) error {
	hint := "noiseprobe help " + f.Name() + " lists the flags"
	if f.Lookup(name) == nil {
		return &hintError{usageError("%s: %s has no flag -%s", origin, f.Name(), name), didYouMean("-", name, f.names()) + hint}
	}
	if slices.Contains(given, name) {
		return nil
	}
	if err := f.Set(name, text); err != nil {
		meant := didYouMean("", text, f.values[name])
		return &hintError{usageError("%s: invalid value %q for flag -%s: %w", origin, text, name, f.expected(name, err)), meant + hint}
	}
	f.origins[name] = origin
	return nil
}

// sayUnused names the variables and lines that gave values to other flags than those allowed.
func (s *session) sayUnused(f *flags, why string, allowed ...string) {
	var unused []string
	for _, name := range f.allGiven() {
		if origin := f.origins[name]; origin != "" && !slices.Contains(allowed, name) {
			unused = append(unused, origin)
		}
	}
	if unused != nil {
		s.say("%s: ignoring %s", why, strings.Join(unused, ", "))
	}
}

// explain adds to an error about a flag where its value is from, if that is not the command line.
func (f *flags) explain(err error) error {
	if hinted := new(hintError); err == nil || errors.As(err, &hinted) {
		return err
	}
	for _, name := range f.allGiven() {
		origin := f.origins[name]
		if origin != "" && regexp.MustCompile(`(^|[ (])-`+name+`\b[^-]`).MatchString(err.Error()+" ") {
			return &hintError{err, "-" + name + " is from " + origin}
		}
	}
	return err
}
