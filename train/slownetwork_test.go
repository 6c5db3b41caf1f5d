package train

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// newImageModel makes a network for images of a shape, with ghost batches of a size, whose shifts and gains are not 0 and 1.
func newImageModel(t testing.TB, text string, sample []int, classes, ghost int) *Model {
	t.Helper()
	spec, err := ParseSpec(text)
	if err != nil {
		t.Fatal(err)
	}
	spec.Ghost = ghost
	m, err := NewModel(spec, sample, classes, 1)
	if err != nil {
		t.Fatal(err)
	}
	rng := seed.New(2, "test shifts")
	for _, p := range m.Params {
		if len(p.Shape) == 1 {
			for i := range p.Value {
				p.Value[i] += float32(0.2 * rng.NormFloat64())
			}
		}
	}
	for _, p := range m.Running {
		for i := range p.Value {
			p.Value[i] = float32(math.Exp(0.3*rng.NormFloat64())) * (1 - 0.5*float32(i%2)*p.Value[i])
		}
	}
	return m
}

// slowNetwork computes the losses of all samples from the definition of the network, in float64 with plain loops. Images are
// [channel][row][column].
type slowNetwork struct {
	m      *Model
	frozen bool
	groups [][]int // positions of samples that are normalised together
}

type slowImage [][][]float64

func newSlowImage(c, h, w int) slowImage {
	x := make(slowImage, c)
	for i := range x {
		x[i] = make([][]float64, h)
		for j := range x[i] {
			x[i][j] = make([]float64, w)
		}
	}
	return x
}

func (s slowNetwork) losses(pixels [][]float64, labels []int, shape []int) []float64 {
	images := make([]slowImage, len(pixels))
	for n, p := range pixels {
		images[n] = newSlowImage(shape[0], shape[1], shape[2])
		for i, v := range p {
			images[n][i/(shape[1]*shape[2])][i/shape[2]%shape[1]][i%shape[2]] = v
		}
	}
	flat := make([][]float64, len(images))
	for _, l := range s.m.layers {
		switch layer := l.Layer.(type) {
		case *Convolution:
			for n := range images {
				images[n] = slowConvolution(layer, images[n])
			}
		case *GhostNorm:
			s.normalise(layer, images)
		case *MaxPool:
			for n := range images {
				images[n] = slowPool(images[n])
			}
		case *Flatten:
			for n, x := range images {
				for _, plane := range x {
					for _, row := range plane {
						flat[n] = append(flat[n], row...)
					}
				}
			}
		case *Dense:
			for n := range flat {
				flat[n] = slowDense(layer, flat[n])
			}
		}
	}
	losses := make([]float64, len(flat))
	for n, z := range flat {
		sum := 0.0
		for _, v := range z {
			sum += math.Exp(v)
		}
		losses[n] = math.Log(sum) - z[labels[n]]
	}
	return losses
}

func slowConvolution(l *Convolution, x slowImage) slowImage {
	h, w := len(x[0]), len(x[0][0])
	oh, ow := (h+l.Stride-1)/l.Stride, (w+l.Stride-1)/l.Stride
	top, left := max(0, (oh-1)*l.Stride+l.Kernel[0]-h)/2, max(0, (ow-1)*l.Stride+l.Kernel[1]-w)/2
	y := newSlowImage(l.Out, oh, ow)
	for o := range l.Out {
		for i := range oh {
			for j := range ow {
				for c := range x {
					for ki := range l.Kernel[0] {
						for kj := range l.Kernel[1] {
							a, b := i*l.Stride+ki-top, j*l.Stride+kj-left
							if a >= 0 && a < h && b >= 0 && b < w {
								y[o][i][j] += float64(l.weight.Value[((o*len(x)+c)*l.Kernel[0]+ki)*l.Kernel[1]+kj]) * x[c][a][b]
							}
						}
					}
				}
			}
		}
	}
	return y
}

func (s slowNetwork) normalise(l *GhostNorm, images []slowImage) {
	for c := range l.channels {
		for _, group := range s.groups {
			var all []float64
			for _, n := range group {
				for _, row := range images[n][c] {
					all = append(all, row...)
				}
			}
			center, variance := mean(all), 0.0
			for _, v := range all {
				variance += (v - center) * (v - center) / float64(len(all))
			}
			if s.frozen {
				center, variance = float64(l.mean.Value[c]), float64(l.variance.Value[c])
			}
			for _, n := range group {
				for _, row := range images[n][c] {
					for j := range row {
						row[j] = max(0, (row[j]-center)/math.Sqrt(variance+1e-5)*float64(l.gain.Value[c])+float64(l.shift.Value[c]))
					}
				}
			}
		}
	}
}

func slowPool(x slowImage) slowImage {
	y := newSlowImage(len(x), len(x[0])/2, len(x[0][0])/2)
	for c := range y {
		for i := range y[c] {
			for j := range y[c][i] {
				y[c][i][j] = max(x[c][2*i][2*j], x[c][2*i][2*j+1], x[c][2*i+1][2*j], x[c][2*i+1][2*j+1])
			}
		}
	}
	return y
}

func slowDense(l *Dense, x []float64) []float64 {
	y := make([]float64, l.Out)
	for o := range y {
		y[o] = float64(l.bias.Value[o])
		for j, v := range x {
			y[o] += float64(l.weight.Value[o*l.in+j]) * v
		}
		if !l.Linear {
			y[o] = max(y[o], 0)
		}
	}
	return y
}

// slowInputs returns samples in the form that slowNetwork takes.
func slowInputs(data dataset.Split, index []int) (pixels [][]float64, labels []int) {
	size := len(data.Pixels) / data.N()
	for _, i := range index {
		x := make([]float64, size)
		for j := range x {
			x[j] = float64(data.Pixels[i*size+j]) / 255
		}
		pixels, labels = append(pixels, x), append(labels, data.Y[i])
	}
	return pixels, labels
}

// consecutive cuts the positions lo to hi-1 into groups of size.
func consecutive(lo, hi, size int) (groups [][]int) {
	for at := lo; at < hi; at += size {
		var group []int
		for i := at; i < min(at+size, hi); i++ {
			group = append(group, i)
		}
		groups = append(groups, group)
	}
	return groups
}
