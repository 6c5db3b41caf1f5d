// Package paper reproduces the tables and figures of Mori and Ueda's paper, and one experiment beyond it.
//
// What the paper did is data: paper.json has the models with their L* and L**, the alphas and batch sizes of every table and figure, the
// published values, and what the scales quick and smoke change. From it a [Plan] makes runs, all those of a model and scale in one
// directory of a sweep, so that what two figures share is trained once and what was interrupted goes on; a [Result] is what came of them.
//
// It is opinionated about two things. A published value is mean ± standard deviation over ten seeds, and the difference from ours has an
// interval that counts both. And what was not done as the paper did it says so wherever it appears.
//
// # The document
//
// EXPERIMENT.json, and each of the results of reproduce -json. Numbers that are undefined are null, ci is a 95% interval [lo, hi]; keys may be
// added and never change.
//
//	schema            "noiseprobe/reproduce/1"
//	version, source   the version of the program, and the paper
//	experiment, title  table2, table3, fig1, fig2, fig3 or equal-noise, and in words
//	model, scale      f1, c1 or c2; paper, quick or smoke
//	notes             what was not done as in the paper, and runs that cannot be read
//	dir               the directory of the runs
//	data, train, test  the data set, and its numbers of training and test samples
//	runs, missing     in the document: runs of the experiment, and those without a result; in a row: runs that are over
//	rows              the cells of a table or figure:
//	  alpha, batch, effective_batch   alpha, B, and B / f
//	  diverged, not_converged   how many of its runs
//	  accuracy        of the last step, in percent, of the runs that did not diverge
//	  convergence_time  in steps, of the runs that converged
//	mean, sd, n       over seeds; sd has the divisor n - 1
//	published         mean and sd over ten seeds in the paper, null where it has none
//	difference        ours less the published:
//	  value, ci, from   the last says what the interval counts
//	pairs             of equal-noise, empty elsewhere:
//	  ne, sgd         the two cells
//	  kurtosis_ratio  in theory, the excess kurtosis of the noise of NE over that of SGD
//	  effects         what NE has more than SGD
//	together          the mean of the pairs' effects, and what it comes to
//	quantity, evidence  what an effect is about, as in package compare
//	scale, method     linear or log; how the difference was judged. value is a difference, on log a ratio
//	n_reference       values on the other side, for pairs the same as n
//	df, p_value       degrees of freedom, and two-sided p of no effect
//	p_holm, equivalence, verdict   of together: p by Holm's correction over the quantities; margin with the p-value of equivalence, the largest of the
//	                               pairs' own, with the same correction; different, equal or undecided
//	margin            within which an effect is equal to none
//	findings          the conclusions in sentences
//
// The published figures are curves without the list of their batch sizes: those in paper.json are ours, and hold all that the tables name.
package paper
