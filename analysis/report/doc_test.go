package report

import (
	"reflect"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

func TestEveryKeyIsDefined(t *testing.T) {
	numtest.CheckKeys(t, numtest.JSONKeys(reflect.TypeFor[Report]()), 80, "no_such_key", "speaks")
}
