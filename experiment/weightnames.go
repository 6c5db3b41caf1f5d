package experiment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// naming is how the tensors of a file are those of a network. Its zero value is the names of this program.
type naming struct {
	// prefix is before every name, such as "module.", or named has the tensor of every parameter.
	prefix string
	named  map[string]string
	// transposed says that the weights of dense layers are [in, out].
	transposed bool
}

// tensor is the name of a parameter's tensor.
func (n naming) tensor(parameter string) string {
	if name, ok := n.named[parameter]; ok {
		return name
	}
	return n.prefix + parameter
}

// String says how the tensors were read, where not by their names as they are; else it is empty.
func (n naming) String() string {
	var words []string
	if n.prefix != "" {
		words = append(words, fmt.Sprintf("the names after %q", n.prefix))
	}
	if n.named != nil {
		var layers []string
		for k := range len(n.named) / 2 {
			name := layerName(k, len(n.named)/2) + ".weight"
			layers = append(layers, fmt.Sprintf("%q", n.named[name]))
		}
		words = append(words, "the layers in the order "+strings.Join(layers, ", "))
	}
	if n.transposed {
		words = append(words, "weights as [in, out]")
	}
	return strings.Join(words, ", and with ")
}

// layerName is the name of layer k of a dense network, whose last is the output.
func layerName(k, layers int) string {
	if k == layers-1 {
		return "output"
	}
	return fmt.Sprintf("dense%d", k+1)
}

// findNames finds out what the tensors of a file are, for a network with so many inputs. Where it cannot, the names are those of this
// program, and what is missing is told later.
func findNames(f *safetensors.File, inputs int) naming {
	for _, name := range f.Names() {
		prefix, ok := strings.CutSuffix(name, "output.weight")
		if !ok || prefix != "" && !strings.HasSuffix(prefix, ".") {
			continue
		}
		n := naming{prefix: prefix}
		n.transposed = n.isTransposed(f, inputs)
		return n
	}
	n, _ := arrange(pairs(f), inputs)
	return n
}

// isTransposed reports whether dense layers, whose order their names tell, follow each other only as [in, out].
func (n naming) isTransposed(f *safetensors.File, inputs int) bool {
	layers := n.layers(f)
	return layers != nil && !follow(layers, false, inputs) && follow(layers, true, inputs)
}

// takes reports whether a file has the dense layers of a network with so many inputs.
func takes(f *safetensors.File, inputs int) bool {
	n := findNames(f, inputs)
	layers := n.layers(f)
	return layers != nil && follow(layers, n.transposed, inputs)
}

// layers are the dense layers of a file by their names, nil where one has no matrix or no bias.
func (n naming) layers(f *safetensors.File) (layers []layer) {
	for last := false; !last; {
		name := fmt.Sprintf("dense%d", len(layers)+1)
		weight, err := f.Tensor(n.tensor(name + ".weight"))
		if last = err != nil; last {
			name = "output"
			weight, err = f.Tensor(n.tensor(name + ".weight"))
		}
		bias, biasErr := f.Tensor(n.tensor(name + ".bias"))
		if err != nil || biasErr != nil || len(weight.Shape) != 2 || len(bias.Shape) != 1 {
			return nil
		}
		layers = append(layers, layer{name, weight, bias})
	}
	return layers
}

// layer is a matrix and its bias.
type layer struct {
	key          string // what their names share
	weight, bias safetensors.Tensor
}

func (l layer) in(transposed bool) int {
	if transposed {
		return l.weight.Shape[0]
	}
	return l.weight.Shape[1]
}

func (l layer) out(transposed bool) int {
	if transposed {
		return l.weight.Shape[1]
	}
	return l.weight.Shape[0]
}

// fits reports whether the layer takes so many inputs, and has as many biases as outputs.
func (l layer) fits(inputs int, transposed bool) bool {
	return l.in(transposed) == inputs && l.bias.Shape[0] == l.out(transposed)
}

// follow reports whether each layer takes what the one before gives.
func follow(layers []layer, transposed bool, inputs int) bool {
	for _, l := range layers {
		if !l.fits(inputs, transposed) {
			return false
		}
		inputs = l.out(transposed)
	}
	return true
}

// pairs are the layers in a file that consists of matrices and one bias for each; else there are none.
func pairs(f *safetensors.File) []layer {
	found := map[string]*layer{}
	for _, name := range f.Names() {
		t, err := f.Tensor(name)
		if err != nil || len(t.Shape) < 1 || len(t.Shape) > 2 || slices.Contains(t.Shape, 0) {
			return nil
		}
		key := layerKey(name)
		if found[key] == nil {
			found[key] = &layer{key: key}
		}
		part := &found[key].weight
		if len(t.Shape) == 1 {
			part = &found[key].bias
		}
		if part.Shape != nil {
			return nil
		}
		*part = t
	}
	var layers []layer
	for _, l := range found {
		if l.weight.Shape == nil || l.bias.Shape == nil {
			return nil
		}
		layers = append(layers, *l)
	}
	slices.SortFunc(layers, func(a, b layer) int { return compareNumbered(a.key, b.key) })
	return layers
}

// layerKey is what the names of a weight and its bias share: all before the last dot, slash or underscore; in W1 and b1 the number.
func layerKey(name string) string {
	if at := strings.LastIndexAny(name, "./_"); at > 0 && strings.Trim(name[at+1:], "0123456789") != "" {
		return name[:at]
	}
	return strings.TrimLeftFunc(name, func(r rune) bool { return !unicode.IsDigit(r) })
}

// arrange orders layers so that each takes what the one before gives, if only one order and orientation does that. Of several orders
// that of numbered names counts.
func arrange(layers []layer, inputs int) (naming, bool) {
	if len(layers) < 2 {
		return naming{}, false
	}
	var found []naming
	for _, transposed := range []bool{false, true} {
		for _, order := range chains(layers, inputs, transposed) {
			found = append(found, named(order, transposed))
		}
	}
	if len(found) == 1 {
		return found[0], true
	}
	normal, other := follow(layers, false, inputs), follow(layers, true, inputs)
	if !numbered(layers) || normal == other {
		return naming{}, false
	}
	return named(layers, other), true
}

func named(layers []layer, transposed bool) naming {
	n := naming{named: map[string]string{}, transposed: transposed}
	for k, l := range layers {
		name := layerName(k, len(layers))
		n.named[name+".weight"], n.named[name+".bias"] = l.weight.Name, l.bias.Name
	}
	return n
}

// chains returns the orders in which each layer takes what the one before gives, at most two of them. It gives up, with none, where
// there are too many to try.
func chains(layers []layer, inputs int, transposed bool) (found [][]layer) {
	used, order, tries := make([]bool, len(layers)), []layer(nil), 0
	var extend func(inputs int)
	extend = func(inputs int) {
		if len(order) == len(layers) {
			found = append(found, slices.Clone(order))
			return
		}
		for i, l := range layers {
			const most = 100_000
			if tries++; tries > most || len(found) == 2 {
				return
			}
			if used[i] || !l.fits(inputs, transposed) {
				continue
			}
			used[i], order = true, append(order, l)
			extend(l.out(transposed))
			used[i], order = false, order[:len(order)-1]
		}
	}
	extend(inputs)
	return found
}

// numbered reports whether names tell the order of layers: they differ in their numbers only, but for the last, which may have none.
func numbered(layers []layer) bool {
	shape := func(l layer) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return -1
			}
			return r
		}, l.key)
	}
	last := len(layers) - 1
	for _, l := range layers[:last] {
		if shape(l) != shape(layers[0]) || shape(l) == l.key {
			return false
		}
	}
	return shape(layers[last]) == shape(layers[0]) || shape(layers[last]) == layers[last].key
}

// compareNumbered orders names by the numbers in them, those without numbers last.
func compareNumbered(a, b string) int {
	x, y := numbersIn(a), numbersIn(b)
	switch {
	case len(x) == 0 && len(y) > 0:
		return 1
	case len(y) == 0 && len(x) > 0:
		return -1
	}
	if c := slices.Compare(x, y); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

func numbersIn(name string) (numbers []int) {
	for _, digits := range strings.FieldsFunc(name, func(r rune) bool { return r < '0' || r > '9' }) {
		v, _ := strconv.Atoi(digits) // the largest int where there are too many
		numbers = append(numbers, v)
	}
	return numbers
}

// listed names the first tensors of a file with their shapes.
func listed(f *safetensors.File) string {
	const most = 8
	var words []string
	names := f.Names()
	for _, name := range names[:min(len(names), most)] {
		t, _ := f.Tensor(name)
		words = append(words, fmt.Sprintf("%.80q %v", name, t.Shape))
	}
	if len(names) > most {
		words = append(words, fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(words, ", ")
}
