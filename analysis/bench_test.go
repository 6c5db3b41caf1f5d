package analysis

import "testing"

// BenchmarkAnalyse is one checkpoint of a default run; the references for Gaussian samples are made by the first.
func BenchmarkAnalyse(b *testing.B) {
	u, d := factoredUnits(512), directDraws(64, 1.5)
	s := settings
	s.Batch = 500
	Analyse(u, d, s)
	for b.Loop() {
		Analyse(u, d, s)
	}
}

func BenchmarkReferences(b *testing.B) {
	for b.Loop() {
		clear(references.bands)
		clear(references.kurtosis)
		standardBands(shapeDraws)
		gaussianKurtosis(512)
		gaussianKurtosis(64)
	}
}
