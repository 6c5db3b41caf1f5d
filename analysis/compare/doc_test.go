package compare

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// jsonKeys collects the keys of t and of everything in it.
func jsonKeys(t reflect.Type, keys map[string]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		jsonKeys(t.Elem(), keys)
	case reflect.Struct:
		for f := range t.Fields() {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
				keys[name] = true
			}
			if f.Tag.Get("json") != "" || f.Anonymous {
				jsonKeys(f.Type, keys)
			}
		}
	}
}

// definedKeys are the words in the left column of the tables in text, and the headings.
func definedKeys(text string) map[string]bool {
	defined := map[string]bool{}
	for line := range strings.Lines(text) {
		key, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "//\t")
		if heading, isHeading := strings.CutPrefix(line, "// # "); isHeading {
			key, ok = heading, true
		}
		if !ok {
			continue
		}
		left := regexp.MustCompile(` {2,}`).Split(strings.TrimSpace(key), 2)[0]
		for _, word := range regexp.MustCompile(`[a-z][a-z0-9_]*`).FindAllString(left, -1) {
			defined[word] = true
		}
	}
	return defined
}

func TestEveryKeyIsDefined(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	jsonKeys(reflect.TypeFor[Comparison](), keys)
	for _, q := range new(Group).Quantities() {
		keys[q.Key] = true
	}
	if len(keys) < 60 {
		t.Errorf("only %d keys were found", len(keys))
	}
	defined := definedKeys(string(text))
	for key := range keys {
		if !defined[key] {
			t.Errorf("key %q is not defined in doc.go", key)
		}
	}
	if defined["no_such_key"] || defined["opinionated"] {
		t.Error("words of the explanations count as definitions")
	}
}
