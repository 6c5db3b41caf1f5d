// Package paper reproduces the tables and figures of Mori and Ueda's paper, and one experiment beyond it.
//
// What the paper did is data: paper.json has the models with their L* and L**, the alphas and batch sizes of every table and figure, the
// published values, and what the scales quick and smoke change. From it a [Plan] makes runs, all those of a model and scale in one
// directory of a sweep, so that what two figures share is trained once and what was interrupted goes on; a [Result] is what came of them.
//
// It is opinionated about two things. A published value is mean ± standard deviation over ten seeds, and the difference from ours has an
// interval that counts both. And what was not done as the paper did it says so wherever it appears.
//
// The published figures are curves without the list of their batch sizes: those in paper.json are ours, and hold all that the tables name.
package paper
