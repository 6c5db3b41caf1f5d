package main

type introduction struct{ section, title, text string }

// introductions say what the data of a section are.
var introductions = []introduction{
	{sectionReports, "What a report says about Gaussian gradients", `Every report has a training set of its own, of N Gaussian gradients with 60 parameters, independent, with the variances 1/k (participation 13). n of
them are recorded, and 64 pairs of minibatches of B drawn, alpha = 1.5. Everything that such a report of one checkpoint says is looked through for
what is wrong: a test of shape that rejects (at a false discovery rate of 3% over all of them), a scale artefact that is not consistent with
Gaussian (there is no verdict below 128 units), a scale exponent that is stable-like along any of three directions, and an f whose own interval differs from the
prediction at the run's alpha. "Anything" is any of these, and should be so in at most 5% of the reports. Beside it what tests predictions at 5% each: f at any alpha of
report.json and the naive one, B_eff against tr Sigma of all samples, B_eff against any of three, and the excess of Var|noise|^2 over draws of three arms. In the
last row the whole training set is recorded. Of all 6000 reports 4.5 [4.0, 5.1]% say anything.

This section takes 20 minutes of one core: go -C tools run ./calibrate -section reports.`},
	{sectionPredictions, "What a report says about its predictions", `Reports as above, and the tests of theory in them, of rho, B_eff and the excess: six at a checkpoint, judged together by Holm's procedure at 5%. No f and no B_eff is
called different without such a rejection. With alpha = 1.65 the trainer's step is not that of the alpha = 1.5 that it is said to have: its covariance is 26% larger. What is
said then is power: of B_eff, since rho, from which f follows, does not depend on how a step is made.`},
	{sectionShape, "Beyond the second moment (`analysis/shape`)", `Units: 60 parameters with the variances 1/k, n units of no finite population, as many tests as a report of one checkpoint has, judged together. Student t: each
gradient's noise has a length such that it is multivariate Student. One heavy direction: a Student t3 with 12 times the variance of the first
coordinate added to it (77% of the trace). What is said of gradients that are not Gaussian is power. Along a direction, a fixed one, one half of the n units is looked at.

Direct draws: n pairs of minibatches of one training set of 1000 with 30 parameters, alpha = 1.5; excess is that of Var|noise|^2 over a Gaussian's, held against that
of the training set, and tested against what 256 recorded units predict, or what these predict with the norms of all samples.`},
	{sectionNorms, "The norms of all samples (`analysis/shape`, `analysis/tail`)", `Training sets of n samples with 60 parameters and the variances 1/k, the norms of all of which are known, and 256 recorded gradients for tr Sigma^2. By gamma Gaussian
samples should be neither heavier nor lighter; of others heavier is true. The variance of the norms is infinite for the multivariate Cauchy law alone.`},
	{sectionCovariance, "Covariance (`analysis/covariance`)", `Gradients with 60 parameters, independent, with the variances 1/k (participation 13), n units. The signal is n |grad L|^2 / tr Sigma. The
intervals of eigenvalues are for their mean over samples of n units; held here against those of the population, they show the bias. Without a
signal the noise scale is infinite.

"An outstanding eigenvalue" is what a report counts: one above what the variances of single parameters and the lengths of the units explain. It is false where
nothing of the trace is along a direction that all parameters share, as of Student t5, and power where a share is; a second one is always false. The last column
is the count if units were of equal length, which a report says beside it, and which has no claim where they are not. "No noise scale": the gradient is not told
apart from 0, which is false where there is a signal.`},
	{sectionUnequal, "Units of unequal length", `The same, at the signal 6, for gradients whose lengths differ: Student (the noise is multivariate Student with 5 or 3 degrees of freedom), log-normal with
sigma the standard deviation of the logarithm of the length, and two lengths of which the longer, of 1% of the units, hold 73% of the trace. Truths are in
closed form: with a length r and E r^2 = 1 the fourth cumulant kappa is (E r^4 - 1)((tr Sigma)^2 + 2 tr Sigma^2); gamma and the excess of Student t3
are infinite, and have no rows. An interval is withheld where the recorded units count as fewer than 30 of equal length. Those that are given are then of data without very long
gradients, and cover less than all would: the rule is for data in which few units carry the noise, and no cure for lengths without moments. Where few units
carry the fourth moment, the intervals of gamma and the excess have no upper end.

Of 64 units in half of the samples none, and of 128 in a quarter, is of the 1% that carry 73%: it is in these that intervals are given, and they cover the trace in 0%.
Nothing in such a sample shows what is missing. A report says so by its intervals, with the share below which a kind of unit may be missing (3/n), and does not
rest on it where the norms of all samples are known, or withholds them where the loss of the training set shows that samples of large loss are missing (next section).`},
	{sectionLoss, "Where the loss of the training set is known", `Units as above, whose losses are in proportion to their squared gradients. Where their mean loss is below that of the training set by more than four standard errors,
and by more than a fifth of it, nothing that rests on them has an interval.`},
	{sectionFinite, "A large part of a small training set", `n of the N = 600 gradients of a training set, which is the same for every data set: what is estimated is what the set has. In the last rows the
norms of all samples are known and the units serve for tr Sigma^2 alone; where few samples carry the noise the interval of gamma is then one of bounds, which
always hold. B_eff against such units is in the next section.

The participation ratio is the square of the unbiased trace over the estimate of tr Sigma^2 by polykays, whose mean over all subsets of a population is exactly that of
the population (a test enumerates them). What is left is the bias of a square and of a ratio: below, up to 2% at n/N = 0.5 and 0.4% at 0.85; where 10 are recorded
of 12, one of which has a gradient six times as long, 10%.`},
	{sectionEnhancement, "Enhancement (`analysis/enhancement`)", `Direct draws: pairs of minibatches of one training set of 1000, alpha = 1.5, 30 parameters with the variances 1/k (participation 9.9);
n is the number of pairs. Rows of a comparison are held against the prediction for the very units that are drawn from. At the margin "equal" and
"beyond-margin" are wrong verdicts; the test of equivalence has its size there.

Where 1% of the samples carry 73% of the noise there is no interval if the samples in the minibatches count as fewer than 30 of equal length, by the norms of all samples; without that the interval
of B_eff against SGD at B_eff would cover 89 to 91% with 64 draws of B = 20. That of rho is widened where samples that are in both minibatches matter and may not be among the draws. Where the norms are
not known the draws alone decide, and intervals cover a little less than they say.`},
	{sectionCurvature, "Curvature and noise (`analysis/curvature`)", `Squared loss in linear regression, whose curvature and noise have closed forms: x from a Gaussian with 20 coordinates and the variances 1/k, labels with an error of
variance 1, weights off by 1/2 in every coordinate. n is the number of recorded units; the curvature is that of all, or of 64 of them.`},
	{sectionUpdates, "The optimizer's noise (`analysis/optimizer`)", `Adam at fixed weights, alpha = 1.5. First n units of 60 parameters with the variances 1/k and the mean 0.2, where f_u of moments that have settled at minibatches of 4
is known in closed form. Its interval takes the gradient over the training set as known, and the variances of the parameters from the units. Then n pairs of minibatches of one training
set of 1000 with 30 parameters, and the next update that Adam would make for each, whose noise is held against that of 8192 such pairs.

Of the units of which 1% carry 73%, intervals are given in samples that have none of the 1%, and cover nothing, as those of the covariance (above).`},
	{sectionAlong, "Along training (`analysis/along`)", `The verdict on tr Sigma of the last checkpoint against its largest value, or the first, for Gaussian gradients with 60 parameters and n units that are others at every
checkpoint. With equal traces "weaker" and "stronger" are false alarms. In the last data the lengths of the units differ.`},
	{sectionStep, "Verdicts on a step (`analysis/along`, `analysis/curvature`)", `Gaussian gradients with 60 parameters and the signal 60, and the linear regression of above with a step of the learning rate 0.1: whether noise is larger than the
gradient, and costs more than the step gains; the last rows are of the part of a fresh gradient in a step of Adam, whose metric divides the parameters by 1 to 4. Where the two are equal any verdict is
false; elsewhere the true one is power.`},
	{sectionMoments, "Skewness and kurtosis (`analysis/normality`)", `g1 and g2 of n values, held against those of the population.`},
	{sectionNormality, "Tests of normality (`analysis/normality`)", `n normal values, or normal rows: every null hypothesis is true.`},
	{sectionTail, "Tail indices at a fixed k (`analysis/tail`)", `The tail index is 2. Pareto values have it at any threshold; of Burr values, P(X > x) = 1/(1 + x^2), it is the limit, and what
k/n costs is bias. Surrogate bands hold 95% of Gaussian samples by construction.`},
	{sectionConclusion, "What `tail` says (`analysis/tail`)", `n values, each method at the k that it chooses, and the conclusion. "Heavier" and "lighter" are what any of six methods says in comparison with Gaussian samples of
the same mean and standard deviation, or half-normal ones where the sample is one-sided; on normal values both together should be said in at most 5%.
The variance is decided by the moment estimate. The normal and the exponential law have all moments, and no index to cover; the variance of Pareto's law of index 2 is infinite by a hair. The moment
estimate leads since it covers; the others are widened by an estimate of their bias.

Normal values of which a few are of another scale, as gradient norms are where a few samples carry the noise, look like a heavy tail. Their variance is finite, and the
moment estimate with the largest quarter by itself would call it infinite in 47% of samples of 2000 of the first such data; their largest values do not follow one power law, which a test
shows. Log-normal values with sigma 2 are a warning: their variance is finite, and the largest values nearly follow a power law; hence "if the tail continues like this".`},
	{sectionMany, "What `tail` says of 20,000 values (`analysis/tail`)", `The same for 20,000 values.`},
	{sectionStable, "Stable laws (`analysis/tail`)", `n values of a symmetric stable law. The scale artefact has n draws, and scales of its coordinates
with a log-spread of 1.`},
	{sectionStableVerdict, "Verdicts on stable laws (`analysis/enhancement`, `analysis/tail`)", `How often noise is called stable-like. Of Gaussian and Student values that is false; of values of a symmetric stable law it is
power. First the exponent with which the scale of n pairs of noises follows alpha, along one direction; then block sums of n draws of 16 coordinates, whose
scales have a log-spread of 1.`},
	{sectionComparison, "Comparisons of runs (`analysis/compare`)", `Sweeps of alpha = 1 and 1.5 with B = 200, 500 and 1250 and n seeds each, in which log tr Sigma grows as 0.75 log B_eff, and alpha alone
changes nothing. In the first data half of the variance is that of the seed, in all cells alike; in the others every run is
independent. A spread that falls with B_eff is from 2.3 of log tr Sigma at 80 to 0.1 at 1250; a run that jumps lies 8 standard deviations lower. Values are
natural logarithms. "Paired t" and "Welch t" are those of (1.5, 500) with plain SGD of B = 200; the distance of curves is at equal B_eff, and
makes no use of what seeds share. The smallest p-value, corrected by Holm, is that of the two cells that have a partner. In the tests
of equivalence the true ratio is at its margin.`},
	{sectionComparisonVerdict, "What `compare` says of runs at equal B_eff (`analysis/compare`)", `Sweeps as above with n seeds of their own each, in which log tr Sigma is 0.75 log B_eff + d log f with this standard deviation: with d = 0.05 the cells of alpha = 1.5 are 4.7%
above those of plain SGD, with d = 0.5 58%. "A cell" is any of the two that have a partner of plain SGD at the same B_eff, and "curves" is about all cells of an alpha together; equal is within 10%. With
d = 0 "different" is false, and with d = 0.5 "equal"; elsewhere both are true.`},
	{sectionNoiseVerdict, "What `compare` says of the noise at equal B_eff (`analysis/compare`)", `Sweeps as above with n seeds of their own each, in which log tr Sigma of a run is 0.75 log B_eff + d log f with a standard deviation of 0.1, and runs end at
training losses that differ (standard deviation 0.3 of the logarithm). In the second and fourth data the loss also grows as f^0.5, and tr Sigma is proportional to
it: at d = 0 tr Sigma then grows with f because of the loss alone, and at d = -0.5 it does not although it falls at equal loss. "Stronger" and "weaker" at d = 0 are
false, and so is "equal" at d = 0.5 and -0.5.`},
	{sectionNoiseScale, "Logs of norms (`analysis/noisescale`)", `n steps of micro-batches of 16 samples and batches of 64, whose noise is Gaussian with equal variances along so many directions. AR(1): the noise of every
direction is a first-order autoregression over the steps. Drifting: tr Sigma grows fourfold over the log, and |G|^2 falls to a quarter; held against are the means over the
steps, and their ratio. A strong signal is |G|^2 as large as the noise of a batch, a lost one as large as the standard error of its estimate from all steps. Without
a gradient the noise scale is infinite, and its interval should have no upper end.`},
	{sectionCriticalBatch, "The critical batch size (`analysis/criticalbatch`)", `n runs at several batch sizes, with one to three seeds of each, whose steps are S_min (1 + B_crit / B) with log-normal errors of so large a spread over
seeds; a spread that falls goes as B^-0.3. Off the law: every batch size has an error of its own beside that of its seeds. Said is that the critical batch size is measured, or
that it is above or below the tested range; "law rejected" is a p-value of lack of fit below 0.05. Where B_crit is 0 or infinite nothing can be measured.`},
}
