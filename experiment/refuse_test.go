package experiment

import (
	"bytes"
	"encoding/binary"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// tiny is a network of 2 inputs, 3 hidden units and 2 classes, on 4 samples, as files.
type tiny struct {
	dir     string
	tensors map[string]safetensors.Tensor
}

func newTiny(t *testing.T) *tiny {
	n := &tiny{dir: t.TempDir(), tensors: map[string]safetensors.Tensor{}}
	for _, a := range []safetensors.Tensor{
		safetensors.F64("dense1.weight", []int{3, 2}, []float64{1, -0.5, 0.25, 2, -1, 1}),
		safetensors.F64("dense1.bias", []int{3}, []float64{0.5, 0, -0.25}),
		safetensors.F64("output.weight", []int{2, 3}, []float64{1, 0.5, -1, 2, -0.5, 0.25}),
		safetensors.F64("output.bias", []int{2}, []float64{0.125, -1}),
	} {
		n.tensors[a.Name] = a
	}
	return n
}

func (n *tiny) settings(t *testing.T) NetworkSettings {
	t.Helper()
	s := DefaultNetworkSettings()
	s.Weights, s.Inputs, s.Labels = n.dir+"/w.safetensors", n.dir+"/x.npy", n.dir+"/y.npy"
	n.write(t, s.Weights)
	writeFloats(t, s.Inputs, []int{4, 2}, tinyInputs)
	n.writeLabels(t, 0, 1, 1, 0)
	return s
}

func (n *tiny) write(t *testing.T, path string) {
	t.Helper()
	if err := safetensors.Write(path, nil, slices.SortedFunc(maps.Values(n.tensors), byName)); err != nil {
		t.Fatal(err)
	}
}

func byName(a, b safetensors.Tensor) int { return strings.Compare(a.Name, b.Name) }

// writeLabels writes |u1 labels by hand: npy.Write writes floating-point numbers only.
func (n *tiny) writeLabels(t *testing.T, labels ...byte) {
	t.Helper()
	header := "{'descr': '|u1', 'fortran_order': False, 'shape': (" + strconv.Itoa(len(labels)) + ",), }"
	header += strings.Repeat(" ", 117-len(header)) + "\n"
	text := append([]byte("\x93NUMPY\x01\x00\x76\x00"+header), labels...)
	if err := os.WriteFile(n.dir+"/y.npy", text, 0o644); err != nil {
		t.Fatal(err)
	}
}

var tinyInputs = []float64{1, 2, -0.5, 0.25, 3, -1, 0.5, 0.5}

// TestWeightsOfAnyWidth: values that all dtypes hold exactly give the same Gram matrix.
func TestWeightsOfAnyWidth(t *testing.T) {
	var first []float64
	for _, dtype := range []string{"F64", "F32", "F16", "BF16"} {
		n := newTiny(t)
		for name, a := range n.tensors {
			n.tensors[name] = narrowed(t, a, dtype)
		}
		s := n.settings(t)
		s.Gram = n.dir + "/gram.npy"
		if _, _, err := ProbeNetwork(s, Observer{}); err != nil {
			t.Fatalf("%s: %v", dtype, err)
		}
		got := readNPY(t, s.Gram).Data
		if first == nil {
			first = got
		}
		if err := numtest.AllClose(got, first, numtest.Tol{}); err != nil {
			t.Errorf("%s: %v", dtype, err)
		}
	}
	if first[0] <= 0 {
		t.Errorf("a squared norm of %v", first[0])
	}
}

// narrowed is a tensor of float64 in another dtype, by the upper bits of the pattern: its values must fit.
func narrowed(t *testing.T, a safetensors.Tensor, dtype string) safetensors.Tensor {
	t.Helper()
	var wide bytes.Buffer
	if err := a.Data(&wide); err != nil {
		t.Fatal(err)
	}
	var narrow []byte
	for b := wide.Bytes(); len(b) > 0; b = b[8:] {
		bits := binary.LittleEndian.Uint64(b)
		single := math.Float32bits(float32(math.Float64frombits(bits)))
		switch dtype {
		case "F64":
			narrow = binary.LittleEndian.AppendUint64(narrow, bits)
		case "F32":
			narrow = binary.LittleEndian.AppendUint32(narrow, single)
		case "BF16":
			narrow = binary.LittleEndian.AppendUint16(narrow, uint16(single>>16))
		case "F16":
			half := uint16(single>>16)&0x8000 | uint16(single>>13)&0x3ff
			if single<<1 != 0 {
				half |= uint16(single>>23&0xff-127+15) << 10
			}
			narrow = binary.LittleEndian.AppendUint16(narrow, half)
		}
	}
	return safetensors.Tensor{Name: a.Name, DType: dtype, Shape: a.Shape, Data: func(w io.Writer) error {
		_, err := w.Write(narrow)
		return err
	}}
}

func TestProbeRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	cases := []struct {
		name, want string
		damage     func(n *tiny, s *NetworkSettings)
	}{
		{"a tensor too many", `w.safetensors: tensor "dense1.scale" is no parameter of model [3]`, func(n *tiny, s *NetworkSettings) {
			n.tensors["dense1.scale"] = safetensors.F64("dense1.scale", []int{1}, []float64{1})
		}},
		{"a tensor missing", `w.safetensors: no tensor "dense1.bias"`, func(n *tiny, s *NetworkSettings) { delete(n.tensors, "dense1.bias") }},
		{"no output", `w.safetensors: no tensor "output.weight"`, func(n *tiny, s *NetworkSettings) { delete(n.tensors, "output.weight") }},
		{"an output of one axis", `w.safetensors: tensor "output.weight" has shape [6]`, func(n *tiny, s *NetworkSettings) {
			n.tensors["output.weight"] = safetensors.F64("output.weight", []int{6}, make([]float64, 6))
		}},
		{"no classes", `w.safetensors: tensor "output.weight" has shape [0 3]`, func(n *tiny, s *NetworkSettings) {
			n.tensors["output.weight"] = safetensors.F64("output.weight", []int{0, 3}, nil)
		}},
		{"a transposed weight", `w.safetensors: tensor "dense1.weight" has shape [2 3]`, func(n *tiny, s *NetworkSettings) {
			n.tensors["dense1.weight"] = safetensors.F64("dense1.weight", []int{2, 3}, make([]float64, 6))
			s.Model = "[3]"
		}},
		{"integers", `w.safetensors: tensor "dense1.bias": dtype I64`, func(n *tiny, s *NetworkSettings) {
			n.tensors["dense1.bias"] = safetensors.I64("dense1.bias", []int{3}, make([]int64, 3))
		}},
		{"NaN", `w.safetensors: tensor "dense1.bias" is NaN in float32 at element 1`, func(n *tiny, s *NetworkSettings) {
			n.tensors["dense1.bias"] = safetensors.F64("dense1.bias", []int{3}, []float64{0, nan, 0})
		}},
		{"beyond float32", `w.safetensors: tensor "output.bias" is -Inf in float32 at element 1`, func(n *tiny, s *NetworkSettings) {
			n.tensors["output.bias"] = safetensors.F64("output.bias", []int{2}, []float64{0, -1e300})
		}},
		{"an infinite loss", `w.safetensors: the loss of sample`, func(n *tiny, s *NetworkSettings) {
			n.tensors["dense1.weight"] = safetensors.F64("dense1.weight", []int{3, 2}, []float64{3e38, 3e38, 3e38, 3e38, 3e38, 3e38})
			n.tensors["output.weight"] = safetensors.F64("output.weight", []int{2, 3}, []float64{3e38, 0, 0, -3e38, 0, 0})
		}},
		{"NaN among the inputs", "x.npy: sample 1 is NaN in float32 at input 0", func(n *tiny, s *NetworkSettings) {
			writeFloats(t, s.Inputs, []int{4, 2}, []float64{1, 1, nan, 1, 1, 1, 1, 1})
		}},
		{"an infinite input", "x.npy: sample 3 is +Inf in float32 at input 1", func(n *tiny, s *NetworkSettings) {
			writeFloats(t, s.Inputs, []int{4, 2}, []float64{1, 1, 1, 1, 1, 1, 1, inf})
		}},
		{"one sample", "x.npy: has shape [1 8]", func(n *tiny, s *NetworkSettings) { writeFloats(t, s.Inputs, []int{1, 8}, make([]float64, 8)) }},
		{"samples without inputs", "x.npy: has shape [4 0]", func(n *tiny, s *NetworkSettings) { writeFloats(t, s.Inputs, []int{4, 0}, nil) }},
		{"other inputs", "with 3 inputs and 2 classes wants [3 3]", func(n *tiny, s *NetworkSettings) {
			writeFloats(t, s.Inputs, []int{4, 1, 3}, make([]float64, 12))
		}},
		{"a label of no class", "y.npy: sample 2 (counting from 0) has the label 2, the network has the classes 0 to 1", func(n *tiny, s *NetworkSettings) {
			n.writeLabels(t, 0, 1, 2, 0)
		}},
		{"too few labels", "y.npy: has shape [3], and ", func(n *tiny, s *NetworkSettings) { n.writeLabels(t, 0, 1, 1) }},
		{"labels between classes", "y.npy: sample 1 (counting from 0) has the label 0.5, which is no class", func(n *tiny, s *NetworkSettings) {
			writeFloats(t, s.Labels, []int{4}, []float64{0, 0.5, 1, 0})
		}},
		{"soft labels", "y.npy: sample 1 (counting from 0) has no one-hot label", func(n *tiny, s *NetworkSettings) {
			writeFloats(t, s.Labels, []int{4, 2}, []float64{0, 1, 0.5, 0.5, 1, 0, 1, 0})
		}},
		{"transposed inputs", "x.npy: has shape [2 4], and the network of ", func(n *tiny, s *NetworkSettings) {
			writeFloats(t, s.Inputs, []int{2, 4}, tinyInputs)
		}},
		{"transposed inputs of layers under other names", "x.npy: has shape [2 4], and the network of ", func(n *tiny, s *NetworkSettings) {
			n.renamed(t, map[string]string{"dense1.weight": "0.weight", "dense1.bias": "0.bias", "output.weight": "2.weight", "output.bias": "2.bias"}, false)
			writeFloats(t, s.Inputs, []int{2, 4}, tinyInputs)
		}},
		{"transposed inputs and weights", "x.npy: has shape [2 4], and the network of ", func(n *tiny, s *NetworkSettings) {
			n.tensors["dense1.weight"] = transposedTensor(t, n.dir, n.tensors["dense1.weight"])
			n.tensors["output.weight"] = transposedTensor(t, n.dir, n.tensors["output.weight"])
			writeFloats(t, s.Inputs, []int{2, 4}, tinyInputs)
		}},
		{"float8", `w.safetensors: tensor "w": dtype F8_E4M3 is not read: save the tensor as float32`, func(n *tiny, s *NetworkSettings) {
			n.tensors = map[string]safetensors.Tensor{"w": {Name: "w", DType: "F8_E4M3", Shape: []int{2}, Data: func(w io.Writer) error {
				_, err := w.Write([]byte{1, 2})
				return err
			}}}
		}},
		{"other names", `no tensor "dense1.weight": weights are named dense1.weight [out, in], dense1.bias [out], and so on to output.weight, ` +
			`output.bias; the file has "a" [3 2], "b" [3 3]`, func(n *tiny, s *NetworkSettings) {
			n.tensors = map[string]safetensors.Tensor{
				"a": safetensors.F64("a", []int{3, 2}, make([]float64, 6)), "b": safetensors.F64("b", []int{3, 3}, make([]float64, 9)),
			}
		}},
		{"more classes in the data", `w.safetensors: tensor "output.weight" has 2 classes, fashion-mnist has 10`, func(n *tiny, s *NetworkSettings) {
			n.tensors["dense1.weight"] = safetensors.F64("dense1.weight", []int{3, 784}, make([]float64, 3*784))
			s.Inputs, s.Labels, s.Data, s.Units = "", "", "synthetic", 4
		}},
		{"a file that exists", "exists", func(n *tiny, s *NetworkSettings) { s.Gram = s.Inputs }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n := newTiny(t)
			s := n.settings(t)
			c.damage(n, &s)
			n.write(t, s.Weights)
			_, _, err := ProbeNetwork(s, Observer{})
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func writeFloats(t *testing.T, path string, shape []int, x []float64) {
	t.Helper()
	if err := npy.Write(path, shape, x); err != nil {
		t.Fatal(err)
	}
}

// The analysis of 3000 units takes 533 MiB, measured: a budget of half of that is refused, with what would fit.
func TestManyUnitsNeedTheirMemory(t *testing.T) {
	c := DefaultConfig()
	c.Model, c.Data, c.Units, c.Memory = "[8]", "synthetic", 3000, 255<<20
	_, _, err := Run(t.Context(), c, t.TempDir()+"/r", false, Observer{})
	if err == nil || !strings.Contains(err.Error(), "-memory 255 MiB: the run needs about") || !strings.Contains(err.Error(), "would fit") {
		t.Errorf("%v", err)
	}
}
