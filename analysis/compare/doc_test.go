package compare

import (
	"os"
	"reflect"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

func TestEveryKeyIsDefined(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := numtest.JSONKeys(reflect.TypeFor[Comparison]())
	for _, q := range new(Group).Quantities() {
		keys[q.Key] = true
	}
	if len(keys) < 60 {
		t.Errorf("only %d keys were found", len(keys))
	}
	defined := numtest.DefinedKeys(string(text))
	for key := range keys {
		if !defined[key] {
			t.Errorf("key %q is not defined in doc.go", key)
		}
	}
	if defined["no_such_key"] || defined["opinionated"] {
		t.Error("words of the explanations count as definitions")
	}
}
