package analysis

import (
	"fmt"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// BenchmarkAnalyse is one checkpoint; 512 units at B = 500 are a default run's. The references for Gaussian samples are made by
// the first.
func BenchmarkAnalyse(b *testing.B) {
	for _, n := range []int{512, 1000, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			u, d := factoredUnits(n), directDraws(64, 1.5)
			s := settings
			s.Batch = 500
			Analyse(u, d, s)
			for b.Loop() {
				Analyse(u, d, s)
			}
		})
	}
}

// BenchmarkResampling is what grows with B.
func BenchmarkResampling(b *testing.B) {
	u := factoredUnits(512)
	for _, batch := range []int{500, 20000} {
		s := settings
		s.Batch = batch
		b.Run(fmt.Sprint("shape-B", batch), func(b *testing.B) {
			for b.Loop() {
				drawShape(u, s)
			}
		})
		b.Run(fmt.Sprint("pairs-B", batch), func(b *testing.B) {
			for b.Loop() {
				enhancement.Resample(u, batch, enhancement.DefaultPairs, 1)
			}
		})
	}
}

func BenchmarkReferences(b *testing.B) {
	for b.Loop() {
		clear(references.bands)
		clear(references.kurtosis)
		standardBands(DefaultResamples, tail.Replicates)
		gaussianKurtosis(512, kurtosisReplicates)
		gaussianKurtosis(64, kurtosisReplicates)
	}
}
