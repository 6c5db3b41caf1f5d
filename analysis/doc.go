// Package analysis turns what was recorded at checkpoints into what the numbers say: it runs the estimators of its sub-packages over the units
// and draws of each ([Analyse]), judges all of them together ([Conclude]), and fills a [report.Report].
package analysis
