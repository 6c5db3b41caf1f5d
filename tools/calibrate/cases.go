package main

import "slices"

// The sections of the page, in their order.
const (
	sectionReports       = "reports"
	sectionShape         = "shape"
	sectionCovariance    = "covariance"
	sectionUnequal       = "unequal"
	sectionFinite        = "finite"
	sectionEnhancement   = "enhancement"
	sectionCurvature     = "curvature"
	sectionAlong         = "along"
	sectionMoments       = "moments"
	sectionNormality     = "normality"
	sectionTail          = "tail"
	sectionConclusion    = "conclusion"
	sectionStable        = "stable"
	sectionComparison    = "comparison"
	sectionNoiseScale    = "noise-scale"
	sectionCriticalBatch = "critical-batch"
)

// cases are all experiments.
func cases() []experiment {
	return slices.Concat(reportCases(), shapeCases(), covarianceCases(), unequalCases(), finiteCases(), enhancementCases(), curvatureCases(), alongCases(),
		momentCases(), normalityCases(), tailCases(), conclusionCases(), stableCases(), comparisonCases(), noiseScaleCases(), criticalBatchCases())
}
