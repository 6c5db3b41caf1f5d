package probe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// samplesPrefix begins the names of the arrays of norms.
const samplesPrefix = "samples."

func (s *SampleNorms) arrays() []safetensors.Tensor {
	if s == nil {
		return nil
	}
	return []safetensors.Tensor{
		safetensors.F64(samplesPrefix+"norm_sq", []int{len(s.NormSq)}, s.NormSq),
		safetensors.F64(samplesPrefix+"mean_dot", []int{len(s.MeanDot)}, s.MeanDot),
		safetensors.F64(samplesPrefix+"mean_norm_sq", []int{1}, []float64{s.MeanNormSq}),
	}
}

// readSamples leaves Samples nil where the file has none.
func (d *Draws) readSamples(f *safetensors.File, path string) error {
	if !slices.ContainsFunc(f.Names(), func(name string) bool { return strings.HasPrefix(name, samplesPrefix) }) {
		return nil
	}
	s, mean := new(SampleNorms), []float64(nil)
	for _, a := range []struct {
		name  string
		dst   *[]float64
		count int
	}{{"norm_sq", &s.NormSq, d.Population}, {"mean_dot", &s.MeanDot, d.Population}, {"mean_norm_sq", &mean, 1}} {
		values, err := f.Float64s(samplesPrefix + a.name)
		if err != nil {
			return err
		}
		if len(values) != a.count {
			return fmt.Errorf("%s: %s%s has %d values, want %d", path, samplesPrefix, a.name, len(values), a.count)
		}
		*a.dst = values
	}
	for i, v := range s.NormSq {
		if v < 0 {
			return fmt.Errorf("%s: %snorm_sq: sample %d has %g", path, samplesPrefix, i, v)
		}
	}
	s.MeanNormSq, d.Samples = mean[0], s
	return nil
}
