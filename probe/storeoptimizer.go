package probe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// OptimizerSchema names the version of optimizer.safetensors.
const OptimizerSchema = "noiseprobe/optimizer/1"

// Array names and shapes a parameter of a network.
type Array struct {
	Name  string
	Shape []int
}

// WriteOptimizer stores the state of an optimizer: m.NAME and v.NAME for every parameter of the network in their order, g.NAME and s.NAME where the full
// gradient and the variance are known, and optimizer, step, learning_rate, beta1, beta2 and eps in the metadata.
func WriteOptimizer(path string, o *Optimizer, parameters []Array) error {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	about := map[string]string{
		"schema": OptimizerSchema, "optimizer": o.Name, "step": strconv.Itoa(o.Step), "learning_rate": number(o.LearningRate),
		"beta1": number(o.Beta1), "beta2": number(o.Beta2), "eps": number(o.Epsilon),
	}
	var tensors []safetensors.Tensor
	for i, vector := range o.vectors() {
		for rest, k := *vector, 0; k < len(parameters) && len(rest) > 0; k++ {
			size := product(parameters[k].Shape)
			tensors = append(tensors, safetensors.F32(vectorPrefixes[i]+parameters[k].Name, parameters[k].Shape, rest[:size]))
			rest = rest[size:]
		}
	}
	return safetensors.Write(path, about, tensors)
}

// CheckOptimizerShapes refuses a file whose tensors have other shapes than the parameters of a network, of which layers that are kept as rows know nothing.
// named is as for [ReadOptimizer], but never nil.
func CheckOptimizerShapes(path string, parameters []Array, named func(parameter string) string) error {
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, p := range parameters {
		for _, prefix := range vectorPrefixes {
			name := prefix + named(p.Name)
			if t, err := f.Tensor(name); err == nil && !slices.Equal(t.Shape, p.Shape) {
				return fmt.Errorf("%s: %s has shape %v, but that of the network %v: it is the state of another network", path, name, t.Shape, p.Shape)
			}
		}
	}
	return nil
}

// vectorPrefixes begin the names of the tensors of each of the vectors. A file may lack those of the last two.
var vectorPrefixes = []string{"m.", "v.", "g.", "s."}

func (o *Optimizer) vectors() []*[]float32 { return []*[]float32{&o.M, &o.V, &o.Gradient, &o.Variance} }

// ReadOptimizer reads a file of [WriteOptimizer], or one from elsewhere with the same names, for a network with these layers: of a layer
// "dense1", m.dense1.weight and then m.dense1.bias, or m.dense1 alone. named is the name that the file has for such a parameter; nil if it has
// the same.
func ReadOptimizer(path string, layers []Layer, named func(parameter string) string) (*Optimizer, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.Metadata()["schema"] == OptimizerSchema {
		if err := f.Verify(); err != nil {
			return nil, err
		}
	}
	o, err := optimizerNumbers(f.Metadata())
	if err != nil {
		return nil, fmt.Errorf("%s: %w; %s", path, err, writesOptimizer)
	}
	if named == nil {
		named = func(parameter string) string { return parameter }
	}
	r := optimizerReader{file: f, path: path, named: named}
	for i, vector := range o.vectors() {
		prefix := vectorPrefixes[i]
		if i >= 2 && !hasArrays(f, prefix) {
			continue
		}
		if *vector, err = r.values(prefix, layers); err != nil {
			return nil, err
		}
	}
	if err := r.checkUsed(); err != nil {
		return nil, err
	}
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return o, nil
}

// writesOptimizer is the way out for files from elsewhere.
const writesOptimizer = "noiseprobe.optimizer of pytorch/noiseprobe.py writes such a file"

func optimizerNumbers(about map[string]string) (*Optimizer, error) {
	o := &Optimizer{Name: about["optimizer"]}
	if o.Name != "adam" && o.Name != "adamw" {
		return nil, fmt.Errorf("the metadata's optimizer is %q, want adam or adamw", o.Name)
	}
	var err error
	if o.Step, err = strconv.Atoi(about["step"]); err != nil {
		return nil, fmt.Errorf("the metadata's step is %q, want a whole number", about["step"])
	}
	for _, number := range []struct {
		key string
		dst *float64
	}{{"learning_rate", &o.LearningRate}, {"beta1", &o.Beta1}, {"beta2", &o.Beta2}, {"eps", &o.Epsilon}} {
		if *number.dst, err = strconv.ParseFloat(about[number.key], 64); err != nil {
			return nil, fmt.Errorf("the metadata's %s is %q, want a number", number.key, about[number.key])
		}
	}
	return o, nil
}

// optimizerReader is an open file, and the tensors of it that belong to the network.
type optimizerReader struct {
	file  *safetensors.File
	path  string
	named func(parameter string) string
	used  []string
}

// values puts the parameters of all layers one after another.
func (r *optimizerReader) values(prefix string, layers []Layer) (all []float32, err error) {
	for _, l := range layers {
		before, absent := len(all), ""
		for _, parameter := range []string{l.Name() + ".weight", l.Name() + ".bias", l.Name()} {
			if len(all)-before == l.Parameters() {
				break
			}
			values, err := r.tensor(prefix+r.named(parameter), l, strings.HasSuffix(parameter, ".weight"))
			if err != nil {
				return nil, err
			}
			if all = append(all, values...); len(values) == 0 && absent == "" {
				absent = prefix + r.named(parameter)
			}
		}
		switch got := len(all) - before; {
		case got == 0:
			return nil, fmt.Errorf("%s: has no %s%s: it is the state of another network; %s", r.path, prefix, r.named(l.Name()+".weight"), writesOptimizer)
		case got < l.Parameters() && absent != "":
			return nil, fmt.Errorf("%s: has no %s: it lacks a part, or is the state of another network; %s", r.path, absent, writesOptimizer)
		case got != l.Parameters():
			return nil, fmt.Errorf("%s: %s%s has %d numbers, but layer %s of the network has %d parameters: it is the state of another network",
				r.path, prefix, l.Name(), got, l.Name(), l.Parameters())
		}
	}
	return all, nil
}

// tensor is empty where the file has none of the name.
func (r *optimizerReader) tensor(name string, l Layer, weight bool) ([]float32, error) {
	t, err := r.file.Tensor(name)
	if err != nil {
		return nil, nil
	}
	if f, ok := l.(*Factored); ok && weight && !slices.Equal(t.Shape, []int{f.Out, f.In}) {
		return nil, fmt.Errorf("%s: %s has shape %v, but the network's weights have [%d %d]: it is the state of another network", r.path, name, t.Shape, f.Out, f.In)
	}
	r.used = append(r.used, name)
	return r.file.Float32s(name)
}

// checkUsed refuses a file with parameters that the network does not have.
func (r *optimizerReader) checkUsed() error {
	for _, name := range r.file.Names() {
		if kind, _, _ := strings.Cut(name, "."); slices.Contains(vectorPrefixes, kind+".") && !slices.Contains(r.used, name) {
			return fmt.Errorf("%s: %s belongs to no parameter of the network: it is the state of another network", r.path, name)
		}
	}
	return nil
}
