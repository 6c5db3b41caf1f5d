package probe

import "fmt"

// kernelHeader is what the metadata of a file say about a convolution. The size of its images follows from the shapes of its tensors.
type kernelHeader struct {
	Kernel []int `json:"kernel"`
	Stride int   `json:"stride"`
}

// addKernel adds the kernel of a layer that is recorded as a convolution.
func (h *header) addKernel(f LayerForm) {
	if f.Geometry == nil {
		return
	}
	if h.Kernels == nil {
		h.Kernels = map[string]kernelHeader{}
	}
	h.Kernels[f.Name] = kernelHeader{Kernel: f.Geometry.Kernel[:], Stride: f.Geometry.Stride}
}

// check compares a kernel with the size of the images. The edge of a kernel that is more than twice as large would read nothing but
// padding.
func (k kernelHeader) check(height, width int) error {
	if len(k.Kernel) != 2 || k.Kernel[0] < 1 || k.Kernel[1] < 1 || k.Kernel[0] > 2*height || k.Kernel[1] > 2*width || k.Stride < 1 {
		return fmt.Errorf("kernel %v with stride %d for images of %d by %d", k.Kernel, k.Stride, height, width)
	}
	return nil
}
