package train

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The paper's networks (Table 1).
var models = map[string]struct {
	spec string
	data string
	// The training loss at which the learning rate is halved, and the one below which training has converged.
	lStar, lStop float64
}{
	"f1": {"7x[500]", "fashion-mnist", 0.01, 0.001},
	"c1": {"3x[64,3,3,1],3x[128,3,3,1],3x[256,3,3,1]", "cifar-10", 0.01, 0.001},
	"c2": {"3x[64,3,3,1],3x[128,3,3,1],3x[256,3,3,1],2x[512,3,3,1],[1024]", "cifar-100", 0.02, 0.001},
}

// Spec is a network in the paper's notation: hidden layers from the input on; the output layer follows from the classes.
type Spec struct {
	// Text is the notation, such as "7x[500]".
	Text   string
	Stacks []Stack
	// Data is the name of the data set that the network is made for.
	Data string
	// LStar and LStop are the paper's L* and L**.
	LStar, LStop float64
	// Ghost is the size of ghost batches, [DefaultGhost] as parsed.
	Ghost int
}

// Stack is Count equal layers: dense with Out units, or convolutions if Kernel is set.
type Stack struct {
	Count  int
	Out    int
	Kernel [2]int
	Stride int
}

// Convolution reports whether the stack's layers are convolutions.
func (s Stack) Convolution() bool { return s.Kernel != [2]int{} }

// Convolutional reports whether the network begins with convolutions, and so has ghost batch normalisation.
func (s Spec) Convolutional() bool { return s.Stacks[0].Convolution() }

// takes is the shape of the samples that the first layer takes: dense layers take flat samples.
func (s Spec) takes(sample []int) []int {
	if s.Convolutional() {
		return sample
	}
	return []int{sizeOf(sample)}
}

// Layers returns the layers of the network without the output layer. Every convolution is followed by ghost batch normalisation with
// its ReLU, and every stack of convolutions by max pooling.
func (s Spec) Layers() ([]Layer, error) {
	var layers []Layer
	images := s.Convolutional()
	if images {
		layers = append(layers, &ChannelsLast{})
	}
	for _, stack := range s.Stacks {
		if stack.Convolution() && !images {
			return nil, fmt.Errorf("model %s: convolutions after a dense layer", s.Text)
		}
		if images && !stack.Convolution() {
			layers, images = append(layers, &Flatten{}), false
		}
		for range stack.Count {
			if stack.Convolution() {
				layers = append(layers, &Convolution{Out: stack.Out, Kernel: stack.Kernel, Stride: stack.Stride}, &GhostNorm{Size: s.Ghost})
			} else {
				layers = append(layers, &Dense{Out: stack.Out})
			}
		}
		if stack.Convolution() {
			layers = append(layers, &MaxPool{})
		}
	}
	if images {
		layers = append(layers, &Flatten{})
	}
	return layers, nil
}

var stackPattern = regexp.MustCompile(`^(?:([0-9]+)x)?\[([0-9]+)(?:,([0-9]+),([0-9]+),([0-9]+))?\]$`)

// ParseSpec reads the name of one of the paper's networks (f1, c1, c2) or a spec: comma-separated stacks, each "[h]" for a
// dense ReLU layer of h units or "[c,kh,kw,stride]" for a convolution, with "Nx" in front for N equal layers.
func ParseSpec(text string) (Spec, error) {
	if m, ok := models[text]; ok {
		spec, err := ParseSpec(m.spec)
		spec.Data, spec.LStar, spec.LStop = m.data, m.lStar, m.lStop
		return spec, err
	}
	spec := Spec{Text: text, Data: "fashion-mnist", LStar: 0.01, LStop: 0.001, Ghost: DefaultGhost}
	for _, part := range splitStacks(text) {
		stack, err := parseStack(part)
		if err != nil {
			return Spec{}, fmt.Errorf("unknown model %q: %w (f1, or a spec such as 7x[500] or [64],[32])", text, err)
		}
		if stack.Convolution() {
			spec.Data = "cifar-10"
		}
		spec.Stacks = append(spec.Stacks, stack)
	}
	return spec, nil
}

// splitStacks cuts at the commas outside brackets.
func splitStacks(text string) []string {
	var parts []string
	depth, start := 0, 0
	for i, r := range text {
		switch r {
		case '[':
			depth++
		case ']':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, text[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, text[start:])
}

// maxUnits bounds every number of a spec, so that a typing error is refused before it exhausts memory.
const maxUnits = 1 << 16

func parseStack(part string) (Stack, error) {
	m := stackPattern.FindStringSubmatch(strings.TrimSpace(part))
	if m == nil {
		return Stack{}, fmt.Errorf("%q is not a stack of layers", part)
	}
	var v [5]int
	for i, field := range m[1:] {
		if field == "" {
			continue
		}
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 || n > maxUnits {
			return Stack{}, fmt.Errorf("%s in %q is not between 1 and %d", field, part, maxUnits)
		}
		v[i] = n
	}
	return Stack{Count: max(v[0], 1), Out: v[1], Kernel: [2]int{v[2], v[3]}, Stride: v[4]}, nil
}
