package experiment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/train"
)

// The schemas of the parameters of a network, and of its running statistics.
const (
	weightsSchema = "noiseprobe/weights/1"
	runningSchema = "noiseprobe/running/1"
)

// writeParams stores parameters by name.
func writeParams(path, schema string, params []*train.Param) error {
	var arrays []safetensors.Tensor
	for _, p := range params {
		arrays = append(arrays, safetensors.F32(p.Name, p.Shape, p.Value))
	}
	return safetensors.Write(path, map[string]string{"schema": schema}, arrays)
}

// verifyOwn checks the checksum of a file that this program wrote, which must have the schema; one from elsewhere has none.
func verifyOwn(f *safetensors.File, path, schema, what string) error {
	has := f.Metadata()["schema"]
	if has == schema || f.Signed() {
		if err := f.Verify(); err != nil {
			return err
		}
	}
	if has != schema && strings.HasPrefix(has, "noiseprobe/") {
		return fmt.Errorf("%s: holds no %s but %.60q", path, what, has)
	}
	return nil
}

// readRunning fills in the running statistics of a network from a file with all of them by name.
func readRunning(path string, m *train.Model) error {
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := verifyOwn(f, path, runningSchema, "running statistics"); err != nil {
		return err
	}
	prefix := ""
	for _, name := range f.Names() {
		if before, ok := strings.CutSuffix(name, "bn1.running_mean"); ok {
			prefix = before
		}
	}
	for _, p := range m.Running {
		name := prefix + p.Name
		t, err := f.Tensor(name)
		if err != nil {
			return fmt.Errorf("%w: running statistics are named bn1.running_mean, bn1.running_var, and so on", err)
		}
		if !slices.Equal(t.Shape, p.Shape) {
			return fmt.Errorf("%s: tensor %q has shape %v, model %s wants %v", path, name, t.Shape, m.Spec.Text, p.Shape)
		}
		values, err := f.Float32s(name)
		if err != nil {
			return err
		}
		if err := checkStatistics(path, name, values); err != nil {
			return err
		}
		copy(p.Value, values)
	}
	return nil
}

// checkStatistics refuses what no statistic can be.
func checkStatistics(path, name string, values []float32) error {
	if i := firstNotFinite(values); i >= 0 {
		return fmt.Errorf("%s: tensor %q is %v in float32 at element %d (counting from 0)", path, name, values[i], i)
	}
	if !strings.HasSuffix(name, "_var") {
		return nil
	}
	if i := slices.IndexFunc(values, func(v float32) bool { return v < 0 }); i >= 0 {
		return fmt.Errorf("%s: tensor %q is %v at element %d (counting from 0), and a variance is not negative", path, name, values[i], i)
	}
	return nil
}

// weights are the parameters of a network in an open file, of this program or from elsewhere.
type weights struct {
	*safetensors.File
	naming
	path    string
	spec    train.Spec
	classes int
}

const namedSo = "weights are named dense1.weight [out, in], dense1.bias [out], and so on to output.weight, output.bias"

// openWeights opens a file for a model with so many inputs, or for the dense layers that it holds where the model is empty. Of a file
// that this program wrote the checksum is checked.
func openWeights(path, model string, inputs int) (*weights, error) {
	var spec train.Spec
	var err error
	if model != "" {
		if spec, err = parseModel(model); err != nil {
			return nil, err
		}
	}
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	w := &weights{File: f, naming: findNames(f, inputs), path: path, spec: spec}
	if err := w.read(model); err != nil {
		f.Close()
		return nil, err
	}
	return w, nil
}

func (w *weights) read(model string) (err error) {
	err = verifyOwn(w.File, w.path, weightsSchema, "weights")
	if err == nil {
		err = w.CheckRead()
	}
	if err == nil && model == "" {
		w.spec, err = w.derive()
	}
	if err != nil {
		return err
	}
	output, err := w.tensor("output.weight")
	if err != nil {
		return err
	}
	if len(output.Shape) != 2 || output.Shape[0] == 0 {
		return fmt.Errorf("%s: tensor %q has shape %v, want [classes, inputs of the layer]", w.path, output.Name, output.Shape)
	}
	w.classes = output.Shape[0]
	return nil
}

// derive is the spec of the dense layers in the file.
func (w *weights) derive() (train.Spec, error) {
	if conv, err := w.tensor("conv1.weight"); err == nil {
		return train.Spec{}, fmt.Errorf("%s: has the tensor %q: where images are pooled only -model says, such as c1", w.path, conv.Name)
	}
	var stacks []string
	for {
		t, err := w.tensor(fmt.Sprintf("dense%d.weight", len(stacks)+1))
		if err != nil || len(t.Shape) == 0 {
			break // a wrong shape is refused with the others
		}
		stacks = append(stacks, fmt.Sprintf("[%d]", t.Shape[0]))
	}
	if stacks == nil {
		_, err := w.tensor("dense1.weight")
		return train.Spec{}, err
	}
	spec, err := train.ParseSpec(strings.Join(stacks, ","))
	if err != nil {
		return spec, fmt.Errorf("%s: %w", w.path, err)
	}
	return spec, nil
}

// tensor is the tensor of a parameter, with the shape that the parameter has.
func (w *weights) tensor(parameter string) (safetensors.Tensor, error) {
	t, err := w.Tensor(w.naming.tensor(parameter))
	if err != nil {
		return t, fmt.Errorf("%w: %s; the file has %s", err, namedSo, listed(w.File))
	}
	if w.isTransposed(t) {
		t.Shape = []int{t.Shape[1], t.Shape[0]}
	}
	return t, nil
}

func (w *weights) isTransposed(t safetensors.Tensor) bool { return w.transposed && len(t.Shape) == 2 }

// check compares names and shapes with those of the network for samples of a shape. It reads no data.
func (w *weights) check(sample []int) error {
	params, err := w.spec.Params(sample, w.classes)
	if err != nil {
		return err
	}
	expected := map[string]bool{}
	for _, p := range params {
		t, err := w.tensor(p.Name)
		if err != nil {
			return err
		}
		expected[t.Name] = true
		if !slices.Equal(t.Shape, p.Shape) {
			return fmt.Errorf("%s: tensor %q has shape %v, model %s with %s and %d classes wants %v", w.path, t.Name, t.Shape,
				w.spec.Text, w.inputs(sample), w.classes, p.Shape)
		}
	}
	for _, name := range w.Names() {
		if !expected[name] && !(w.spec.Convolutional() && besideWeights(strings.TrimPrefix(name, w.prefix))) {
			return fmt.Errorf("%s: tensor %q is no parameter of model %s", w.path, name, w.spec.Text)
		}
	}
	return nil
}

// besideWeights reports whether a tensor is what PyTorch keeps of a batch normalisation with its weights.
func besideWeights(name string) bool {
	return strings.HasPrefix(name, "bn") && (strings.Contains(name, ".running_") || strings.HasSuffix(name, ".num_batches_tracked"))
}

// inputs are those of the network in words.
func (w *weights) inputs(sample []int) string {
	if w.spec.Convolutional() {
		return fmt.Sprintf("images of shape %v", sample)
	}
	size := 1
	for _, d := range sample {
		size *= d
	}
	return fmt.Sprintf("%d inputs", size)
}

// load makes the network, with the parameters rounded to float32.
func (w *weights) load(sample []int) (*train.Model, error) {
	m, err := train.NewModel(w.spec, sample, w.classes, 0)
	if err != nil {
		return nil, err
	}
	for _, p := range m.Params {
		name := w.naming.tensor(p.Name)
		values, err := w.Float32s(name)
		if err != nil {
			return nil, err
		}
		if i := firstNotFinite(values); i >= 0 {
			return nil, fmt.Errorf("%s: tensor %q is %v in float32 at element %d (counting from 0)", w.path, name, values[i], i)
		}
		if w.transposed && len(p.Shape) == 2 {
			values = transposed(values, p.Shape[1])
		}
		copy(p.Value, values)
	}
	return m, nil
}

// transposed turns a matrix of so many rows into its transpose.
func transposed(x []float32, rows int) []float32 {
	columns := len(x) / rows
	out := make([]float32, len(x))
	for i := range rows {
		for j := range columns {
			out[j*rows+i] = x[i*columns+j]
		}
	}
	return out
}

// firstNotFinite is the place of the first NaN or infinity, -1 if there is none.
func firstNotFinite(x []float32) int {
	return slices.IndexFunc(x, func(v float32) bool { return !finite(float64(v)) })
}
