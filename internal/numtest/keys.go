package numtest

import (
	"reflect"
	"regexp"
	"strings"
)

// JSONKeys are the keys of t and of everything in it.
func JSONKeys(t reflect.Type) map[string]bool {
	keys := map[string]bool{}
	addKeys(t, keys)
	return keys
}

func addKeys(t reflect.Type, keys map[string]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		addKeys(t.Elem(), keys)
	case reflect.Struct:
		for f := range t.Fields() {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
				keys[name] = true
			}
			if f.Tag.Get("json") != "" || f.Anonymous {
				addKeys(f.Type, keys)
			}
		}
	}
}

var (
	columns = regexp.MustCompile(` {2,}`)
	word    = regexp.MustCompile(`[a-z][a-z0-9_]*`)
)

// DefinedKeys are the words in the left column of the tables of a package comment, and its headings.
func DefinedKeys(comment string) map[string]bool {
	defined := map[string]bool{}
	for line := range strings.Lines(comment) {
		key, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "//\t")
		if heading, isHeading := strings.CutPrefix(line, "// # "); isHeading {
			key, ok = heading, true
		}
		if ok {
			for _, w := range word.FindAllString(columns.Split(strings.TrimSpace(key), 2)[0], -1) {
				defined[w] = true
			}
		}
	}
	return defined
}
