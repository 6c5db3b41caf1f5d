package main

import "slices"

// The sections of the page, in their order.
const (
	sectionCovariance  = "covariance"
	sectionEnhancement = "enhancement"
	sectionMoments     = "moments"
	sectionNormality   = "normality"
	sectionTail        = "tail"
	sectionStable      = "stable"
	sectionComparison  = "comparison"
)

// cases are all experiments.
func cases() []experiment {
	return slices.Concat(covarianceCases(), enhancementCases(), momentCases(), normalityCases(), tailCases(), stableCases(), comparisonCases())
}
