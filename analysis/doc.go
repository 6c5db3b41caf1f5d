// Package analysis turns what was recorded at a checkpoint into what the numbers say: it runs the estimators of its
// sub-packages over the units and draws, and fills one [report.Checkpoint]. Start with [Analyse].
package analysis
