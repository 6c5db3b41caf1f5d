package main

import "slices"

// The sections of the page, in their order.
const (
	sectionPredictions       = "predictions"
	sectionReports           = "reports"
	sectionShape             = "shape"
	sectionNorms             = "norms"
	sectionCovariance        = "covariance"
	sectionUnequal           = "unequal"
	sectionLoss              = "loss"
	sectionFinite            = "finite"
	sectionEnhancement       = "enhancement"
	sectionCurvature         = "curvature"
	sectionUpdates           = "updates"
	sectionAlong             = "along"
	sectionStep              = "step"
	sectionMoments           = "moments"
	sectionNormality         = "normality"
	sectionTail              = "tail"
	sectionConclusion        = "conclusion"
	sectionMany              = "many"
	sectionStable            = "stable"
	sectionStableVerdict     = "stable-verdict"
	sectionComparison        = "comparison"
	sectionComparisonVerdict = "comparison-verdict"
	sectionNoiseVerdict      = "noise-verdict"
	sectionNoiseScale        = "noise-scale"
	sectionCriticalBatch     = "critical-batch"
)

// cases are all experiments.
func cases() []experiment {
	return slices.Concat(reportCases(), predictionCases(), shapeCases(), normCases(), covarianceCases(), unequalCases(), lossCases(), finiteCases(), enhancementCases(), curvatureCases(), updateCases(), alongCases(), stepCases(),
		momentCases(), normalityCases(), tailCases(), conclusionCases(), manyCases(), stableCases(), exponentVerdictCases(), artefactVerdictCases(),
		comparisonCases(), comparisonVerdictCases(), noiseVerdictCases(), noiseScaleCases(), criticalBatchCases())
}
