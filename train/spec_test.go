package train

import (
	"reflect"
	"slices"
	"testing"
)

func TestParseSpec(t *testing.T) {
	dense := func(count, out int) Stack { return Stack{Count: count, Out: out} }
	conv := func(count, out int) Stack { return Stack{Count: count, Out: out, Kernel: [2]int{3, 3}, Stride: 1} }
	cases := []struct {
		text   string
		stacks []Stack
		data   string
	}{
		{"f1", []Stack{dense(7, 500)}, "fashion-mnist"},
		{"7x[500]", []Stack{dense(7, 500)}, "fashion-mnist"},
		{"[32],[16]", []Stack{dense(1, 32), dense(1, 16)}, "fashion-mnist"},
		{"2x[8], [4]", []Stack{dense(2, 8), dense(1, 4)}, "fashion-mnist"},
		{"c1", []Stack{conv(3, 64), conv(3, 128), conv(3, 256)}, "cifar-10"},
		{"c2", []Stack{conv(3, 64), conv(3, 128), conv(3, 256), conv(2, 512), dense(1, 1024)}, "cifar-100"},
	}
	for _, c := range cases {
		spec, err := ParseSpec(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if !reflect.DeepEqual(spec.Stacks, c.stacks) || spec.Data != c.data {
			t.Errorf("%s: %+v on %s", c.text, spec.Stacks, spec.Data)
		}
	}
}

func TestParseSpecRefuses(t *testing.T) {
	for _, text := range []string{"", "f2", "[0]", "0x[5]", "[5", "5]", "[5],", "x[5]", "[-5]", "[5,3,3]", "[99999999]", "99999999999999999999x[5]", "[a]"} {
		if spec, err := ParseSpec(text); err == nil {
			t.Errorf("%q was read as %+v", text, spec.Stacks)
		}
	}
}

// Table 1 of the paper: F1 has seven hidden layers of 500 on 784 inputs, so 784*500+500 + 6*(500*500+500) + 500*10+10.
func TestParameterCount(t *testing.T) {
	m := newModel(t, "f1", 784, 10)
	if got, want := m.Parameters(), 1_900_510; got != want {
		t.Errorf("F1 has %d parameters, want %d", got, want)
	}
}

// TestParamsAreThoseOfTheModel: names and shapes from the spec alone are those of the network.
func TestParamsAreThoseOfTheModel(t *testing.T) {
	for _, text := range []string{"[4]", "2x[3],[5]"} {
		spec, err := ParseSpec(text)
		if err != nil {
			t.Fatal(err)
		}
		params, err := spec.Params([]int{6}, 3)
		if err != nil {
			t.Fatal(err)
		}
		m, err := NewModel(spec, []int{6}, 3, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(params) != len(m.Params) {
			t.Fatalf("%s: %d parameters, the model has %d", text, len(params), len(m.Params))
		}
		for i, p := range m.Params {
			if params[i].Name != p.Name || !slices.Equal(params[i].Shape, p.Shape) {
				t.Errorf("%s: %s %v, the model has %s %v", text, params[i].Name, params[i].Shape, p.Name, p.Shape)
			}
		}
	}
	conv, err := ParseSpec("[8,3,3,1]")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conv.Params([]int{6}, 3); err == nil {
		t.Error("convolutions take samples that are no images")
	}
}
