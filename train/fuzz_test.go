package train

import (
	"reflect"
	"testing"
)

// FuzzSpec: the text of a network is refused, or means the same when it is read again, with layers of at least one unit.
func FuzzSpec(f *testing.F) {
	for _, text := range []string{"f1", "c1", "c2", "[64],[32]", "7x[500]", "2x[11,3,3,1],[17,3,3,1],[21]", "[0]", "x[1]", "[1],", "99999999999999999999x[1]"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		spec, err := ParseSpec(text)
		if err != nil {
			return
		}
		for _, s := range spec.Stacks {
			if s.Count < 1 || s.Out < 1 || s.Count > maxUnits || s.Out > maxUnits {
				t.Errorf("%q: %+v", text, s)
			}
		}
		if again, err := ParseSpec(spec.Text); err != nil || !reflect.DeepEqual(again.Stacks, spec.Stacks) {
			t.Errorf("%q became %q: %v", text, spec.Text, err)
		}
	})
}
