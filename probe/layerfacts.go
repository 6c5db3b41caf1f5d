package probe

import (
	"fmt"
	"slices"
)

// layerFacts are what a file says about layers that the shapes of its arrays do not show, by name.
type layerFacts struct {
	// Parameters are numbers of parameters.
	Parameters map[string]int `json:"parameters,omitempty"`
	// Bias says whether a layer with factors has a bias; it has one where nothing is said.
	Bias map[string]bool `json:"bias,omitempty"`
	// Geometry are the kernels of convolutions.
	Geometry map[string]windowHeader `json:"geometry,omitempty"`
	// Kernels are those of convolutions with 'same' padding, one stride and no bias.
	Kernels map[string]kernelHeader `json:"convolutions,omitempty"`
}

// kernelHeader is a convolution with 'same' padding. The size of its images follows from the shapes of its tensors.
type kernelHeader struct {
	Kernel []int `json:"kernel"`
	Stride int   `json:"stride"`
}

// windowHeader is a convolution of any kind. The padding is [top, left, bottom, right]; without one the images have theirs already.
type windowHeader struct {
	Kernel   []int `json:"kernel"`
	Stride   []int `json:"stride,omitempty"`
	Dilation []int `json:"dilation,omitempty"`
	Padding  []int `json:"padding,omitempty"`
}

// add adds what the form of a layer's factors says beyond their shapes.
func (l *layerFacts) add(f LayerForm) {
	g := f.Geometry
	if g != nil && f.biases() == 0 && *g == SamePadding(g.Height, g.Width, g.Channels, g.Kernel, g.Stride[0]) {
		put(&l.Kernels, f.Name, kernelHeader{Kernel: g.Kernel[:], Stride: g.Stride[0]})
		return
	}
	if g != nil {
		put(&l.Geometry, f.Name, windowHeader{g.Kernel[:], g.Stride[:], g.Dilation[:], append(g.Before[:], g.After[:]...)})
	}
	if f.In > 0 && f.biases() == 0 {
		put(&l.Bias, f.Name, false)
	}
}

func put[T any](m *map[string]T, name string, value T) {
	if *m == nil {
		*m = map[string]T{}
	}
	(*m)[name] = value
}

// convolution reports whether a layer is one.
func (l layerFacts) convolution(name string) bool {
	_, same := l.Kernels[name]
	_, other := l.Geometry[name]
	return same || other
}

// biases is the number of a layer's biases.
func (l layerFacts) biases(f LayerForm) int {
	if bias, said := l.Bias[f.Name]; said && !bias {
		return 0
	}
	if _, same := l.Kernels[f.Name]; same {
		return 0
	}
	return f.Out
}

// geometry is that of a layer, which is a convolution.
func (l layerFacts) geometry(name string, height, width, channels int) (*Geometry, error) {
	k, same := l.Kernels[name]
	if same {
		if err := k.check(height, width); err != nil {
			return nil, err
		}
		g := SamePadding(height, width, channels, [2]int(k.Kernel), k.Stride)
		return &g, nil
	}
	w := l.Geometry[name].complete()
	g := Geometry{Height: height, Width: width, Channels: channels}
	for _, part := range []struct {
		dst    []int
		values []int
		least  int
	}{{g.Kernel[:], w.Kernel, 1}, {g.Stride[:], w.Stride, 1}, {g.Dilation[:], w.Dilation, 1}, {g.Before[:], w.Padding[:2], 0}, {g.After[:], w.Padding[2:], 0}} {
		if len(part.values) != 2 || slices.Min(part.values) < part.least {
			return nil, w.wrong(height, width)
		}
		copy(part.dst, part.values)
	}
	if err := w.fit(g); err != nil {
		return nil, err
	}
	return &g, nil
}

// complete fills in what need not be said. A padding of the wrong length becomes one that is refused.
func (w windowHeader) complete() windowHeader {
	if w.Stride == nil {
		w.Stride = []int{1, 1}
	}
	if w.Dilation == nil {
		w.Dilation = []int{1, 1}
	}
	if w.Padding == nil {
		w.Padding = []int{0, 0, 0, 0}
	} else if len(w.Padding) != 4 {
		w.Padding = []int{-1, -1, -1, -1}
	}
	return w
}

// farthest bounds padding and dilation, which may be many times the size of an image, so that no size overflows.
const farthest = 4096

// fit refuses kernels that reach beyond the padded image.
func (w windowHeader) fit(g Geometry) error {
	for axis, size := range [2]int{g.Height, g.Width} {
		padded := size + g.Before[axis] + g.After[axis]
		if max(g.Before[axis], g.After[axis], g.Dilation[axis]) > farthest || g.Kernel[axis] > padded || g.Dilation[axis]*(g.Kernel[axis]-1)+1 > padded {
			return w.wrong(g.Height, g.Width)
		}
	}
	return nil
}

func (w windowHeader) wrong(height, width int) error {
	return fmt.Errorf("kernel %v with stride %v, dilation %v and padding %v for images of %d by %d", w.Kernel, w.Stride, w.Dilation, w.Padding, height, width)
}

// check compares a kernel with the size of the images. The edge of a kernel that is more than twice as large would read nothing but
// padding.
func (k kernelHeader) check(height, width int) error {
	if len(k.Kernel) != 2 || k.Kernel[0] < 1 || k.Kernel[1] < 1 || k.Kernel[0] > 2*height || k.Kernel[1] > 2*width || k.Stride < 1 {
		return fmt.Errorf("kernel %v with stride %d for images of %d by %d", k.Kernel, k.Stride, height, width)
	}
	return nil
}
