// Package experiment joins training and analysis: a run from its settings to a directory with its report.
//
// It is opinionated about what a run leaves behind. Everything needed to run again is written first (run.json), and is locked by the one
// process that carries the run out; files appear whole or not at all, and have checksums, by which a changed, missing or exchanged one is
// found; training state is saved every minute and at checkpoints, so that a run killed at any moment goes on
// with [Resume] and ends with the same bytes in every file but for times; and the report is made from the files alone, so that
// [Analyse] on a run directory says what the run said. Start with [Config], [Run] and [Analyse];
// with [ProbeNetwork] for a network that was trained elsewhere, and [AnalyseFiles] for gradients that are already there, whose checkpoints
// get the same report in a directory of their own. Package sweep has
// runs over a grid, bench times the engine, and paper repeats the tables and figures of the paper.
package experiment
