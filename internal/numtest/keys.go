package numtest

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// CheckKeys fails unless every key is defined in doc.go, the package comment of the package under test, and there are at least least
// keys. words are words of its explanations, which must not count as defined.
func CheckKeys(t testing.TB, keys map[string]bool, least int, words ...string) {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) < least {
		t.Errorf("only %d keys were found", len(keys))
	}
	defined := DefinedKeys(string(text))
	for key := range keys {
		if !defined[key] {
			t.Errorf("key %q is not defined in doc.go", key)
		}
	}
	for _, word := range words {
		if defined[word] {
			t.Errorf("the word %q of an explanation counts as a definition", word)
		}
	}
}

// JSONKeys are the JSON keys of t and of everything in it.
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
