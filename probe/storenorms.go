package probe

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// samplesPrefix begins the names of the arrays of norms.
const samplesPrefix = "samples."

// arrays are those of n samples, with |gbar|^2 in an array of its own.
func (s *SampleNorms) arrays(n int, meanNormSq *[]float64) []storedArray {
	return []storedArray{
		{samplesPrefix + "norm_sq", &s.NormSq, []int{n}}, {samplesPrefix + "mean_dot", &s.MeanDot, []int{n}},
		{samplesPrefix + "mean_norm_sq", meanNormSq, []int{1}},
	}
}

func (s *SampleNorms) tensors() []safetensors.Tensor {
	if s == nil {
		return nil
	}
	return tensorsOf(s.arrays(len(s.NormSq), &[]float64{s.MeanNormSq}))
}

// readSamples leaves Samples nil where the file has none.
func (d *Draws) readSamples(f *safetensors.File, path string) error {
	if !hasArrays(f, samplesPrefix) {
		return nil
	}
	s, mean := new(SampleNorms), []float64(nil)
	if err := readArrays(f, path, s.arrays(d.Population, &mean)); err != nil {
		return err
	}
	for i, v := range s.NormSq {
		if v < 0 {
			return fmt.Errorf("%s: %snorm_sq: sample %d has %g", path, samplesPrefix, i, v)
		}
	}
	s.MeanNormSq, d.Samples = mean[0], s
	return nil
}
