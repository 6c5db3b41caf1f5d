package experiment

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// renamed is a network of tiny under other names, transposed perhaps.
func (n *tiny) renamed(t *testing.T, names map[string]string, transpose bool) {
	t.Helper()
	renamed := map[string]safetensors.Tensor{}
	for name, a := range n.tensors {
		a.Name = names[name]
		if transpose && len(a.Shape) == 2 {
			a = transposedTensor(t, n.dir, a)
		}
		renamed[a.Name] = a
	}
	n.tensors = renamed
}

func transposedTensor(t *testing.T, dir string, a safetensors.Tensor) safetensors.Tensor {
	t.Helper()
	path := dir + "/one.safetensors"
	if err := safetensors.Write(path, nil, []safetensors.Tensor{a}); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, err := f.Float64s(a.Name)
	if err != nil {
		t.Fatal(err)
	}
	rows, columns := a.Shape[0], a.Shape[1]
	y := make([]float64, len(x))
	for i := range rows {
		for j := range columns {
			y[j*rows+i] = x[i*columns+j]
		}
	}
	return safetensors.F64(a.Name, []int{columns, rows}, y)
}

func gramOf(t *testing.T, n *tiny) (gram []float64, notices []string) {
	t.Helper()
	s := n.settings(t)
	s.Gram = n.dir + "/gram.npy"
	if _, _, err := ProbeNetwork(s, Observer{Notice: func(line string) { notices = append(notices, line) }}); err != nil {
		t.Fatal(err)
	}
	return readNPY(t, s.Gram).Data, notices
}

// A network is the same under all the names that others give it, and it is said how it was read.
func TestWeightsUnderOtherNames(t *testing.T) {
	want, notices := gramOf(t, newTiny(t))
	if notices != nil {
		t.Errorf("our own names: %q", notices)
	}
	own := []string{"dense1.weight", "dense1.bias", "output.weight", "output.bias"}
	for _, c := range []struct {
		names     string
		transpose bool
		said      string
	}{
		{"module.dense1.weight module.dense1.bias module.output.weight module.output.bias", false, `the names after "module."`},
		{"_orig_mod.module.dense1.weight _orig_mod.module.dense1.bias _orig_mod.module.output.weight _orig_mod.module.output.bias", false, `"_orig_mod.module."`},
		{"0.weight 0.bias 2.weight 2.bias", false, `the layers in the order "0.weight", "2.weight"`},
		{"10.weight 10.bias 9.weight 9.bias", false, `layers in the order "10.weight", "9.weight"`},
		{"fc1.weight fc1.bias fc2.weight fc2.bias", false, `"fc1.weight", "fc2.weight"`},
		{"body.weight body.bias a_head.weight a_head.bias", false, `"body.weight", "a_head.weight"`},
		{"W1 b1 W2 b2", false, `"W1", "W2"`},
		{"W1 b1 W2 b2", true, `"W1", "W2", and with weights as [in, out]`},
		{"params/Dense_0/kernel params/Dense_0/bias params/Dense_1/kernel params/Dense_1/bias", true, `"params/Dense_1/kernel", and with weights as [in, out]`},
		{strings.Join(own, " "), true, "weights as [in, out]"},
	} {
		n, names := newTiny(t), map[string]string{}
		for i, name := range strings.Fields(c.names) {
			names[own[i]] = name
		}
		n.renamed(t, names, c.transpose)
		got, notices := gramOf(t, n)
		if err := numtest.AllClose(got, want, numtest.Tol{}); err != nil {
			t.Errorf("%s: %v", c.names, err)
		}
		if len(notices) != 1 || !strings.Contains(notices[0], "read with ") || !strings.Contains(notices[0], c.said) {
			t.Errorf("%s: said %q, want %q", c.names, notices, c.said)
		}
	}
}

// layersOf are layers of these widths, the first of which are inputs.
func layersOf(key string, transposed bool, widths ...int) (layers []layer) {
	for k := range len(widths) - 1 {
		shape := []int{widths[k+1], widths[k]}
		if transposed {
			slices.Reverse(shape)
		}
		name := fmt.Sprintf(key, k)
		layers = append(layers, layer{name, safetensors.Tensor{Name: name + ".weight", Shape: shape}, safetensors.Tensor{Name: name + ".bias", Shape: widths[k+1 : k+2]}})
	}
	return layers
}

// The order is found whatever the order in the file, unless two are possible and no numbers tell.
func TestOrderOfLayers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		key        string
		transposed bool
		widths     []int
		ok         bool
	}{
		{"fc%d", false, []int{6, 5, 4, 3}, true},
		{"fc%d", true, []int{6, 5, 4, 3}, true},
		{"%c", false, []int{6, 5, 4, 3}, true},
		{"fc%d", false, []int{9, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 3}, true}, // fc10 after fc9
		{"layer%c", false, []int{9, 5, 5, 5, 3}, false},
		{"fc%d", false, []int{5, 5, 5}, false}, // [in, out] fits too
		{"fc%d", false, []int{9, 5, 4, 3}, true},
	} {
		layers := layersOf(c.key, c.transposed, c.widths...)
		want := named(layers, c.transposed)
		shuffled := slices.Clone(layers)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		slices.SortFunc(shuffled, func(a, b layer) int { return compareNumbered(a.key, b.key) })
		got, ok := arrange(shuffled, c.widths[0])
		if ok != c.ok || ok && got.String() != want.String() {
			t.Errorf("%s %v: %v %v, want %v", c.key, c.widths, got, ok, want)
		}
	}
	if _, ok := arrange(layersOf("fc%d", false, 6, 5, 3), 7); ok {
		t.Error("a network of 6 inputs was given 7")
	}
}

// Labels are read in every form that leaves no doubt.
func TestLabels(t *testing.T) {
	n := newTiny(t)
	want, _ := gramOf(t, n)
	for name, c := range map[string]struct {
		shape  []int
		labels []float64
	}{
		"floating-point": {[]int{4}, []float64{0, 1, 1, 0}},
		"a column":       {[]int{4, 1}, []float64{0, 1, 1, 0}},
		"one-hot":        {[]int{4, 2}, []float64{1, 0, 0, 1, 0, 1, 1, 0}},
	} {
		s := n.settings(t)
		s.Gram = n.dir + "/" + name + ".npy"
		writeFloats(t, s.Labels, c.shape, c.labels)
		if _, _, err := ProbeNetwork(s, Observer{}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := numtest.AllClose(readNPY(t, s.Gram).Data, want, numtest.Tol{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever the names and shapes are, the layers that are found follow each other and are all of those in the file.
func FuzzArrange(f *testing.F) {
	f.Add("fc1 fc2 out", []byte{5, 6, 4, 5, 3, 4}, 6)
	f.Add("a b", []byte{5, 5, 5, 5}, 5)
	f.Add(" ", []byte{5, 5, 5, 5}, 63)
	f.Add("0 10 2 8", []byte{5, 6, 5, 5, 5, 5, 2, 5}, 6)
	f.Fuzz(func(t *testing.T, names string, sizes []byte, inputs int) {
		byName := map[string]layer{}
		var layers []layer
		for k, name := range strings.Fields(names) {
			if 2*k+1 >= len(sizes) || byName[name].key != "" || len(layers) == 20 {
				break
			}
			shape := []int{int(sizes[2*k]) + 1, int(sizes[2*k+1]) + 1}
			l := layer{name, safetensors.Tensor{Name: name, Shape: shape}, safetensors.Tensor{Name: name + "'", Shape: shape[:1]}}
			layers, byName[name] = append(layers, l), l
		}
		slices.SortFunc(layers, func(a, b layer) int { return compareNumbered(a.key, b.key) })
		n, ok := arrange(layers, inputs)
		if !ok {
			return
		}
		var order []layer
		for k := range layers {
			order = append(order, byName[n.tensor(layerName(k, len(layers))+".weight")])
		}
		if len(n.named) != 2*len(layers) || !follow(order, n.transposed, inputs) {
			t.Errorf("%v for %v", n, layers)
		}
	})
}
