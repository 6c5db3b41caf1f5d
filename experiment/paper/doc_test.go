package paper

import (
	"reflect"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

func TestEveryKeyIsDefined(t *testing.T) {
	numtest.CheckKeys(t, numtest.JSONKeys(reflect.TypeFor[Result]()), 40)
}
