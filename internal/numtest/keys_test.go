package numtest

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestKeys(t *testing.T) {
	type inner struct {
		B int `json:"b,omitempty"`
	}
	type outer struct {
		inner
		A []*inner       `json:"a"`
		C map[string]int `json:"c"`
		D int
	}
	if got := strings.Join(slices.Sorted(maps.Keys(JSONKeys(reflect.TypeFor[outer]()))), " "); got != "a b c" {
		t.Errorf("keys %s, want a b c", got)
	}
	comment := "// Package x speaks of y.\n//\n// # rows\n//\n//\ta, b  what two keys mean\n//\t  c   another\n"
	if got := strings.Join(slices.Sorted(maps.Keys(DefinedKeys(comment))), " "); got != "a b c rows" {
		t.Errorf("defined %s, want a b c rows", got)
	}
}
