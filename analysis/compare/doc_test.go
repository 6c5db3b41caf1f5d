package compare

import (
	"reflect"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

func TestEveryKeyIsDefined(t *testing.T) {
	keys := numtest.JSONKeys(reflect.TypeFor[Comparison]())
	for _, q := range new(Group).Quantities() {
		keys[q.Key] = true
	}
	numtest.CheckKeys(t, keys, 60, "no_such_key", "opinionated")
}
