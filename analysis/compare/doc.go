// Package compare compares finished runs: what training gave, and what its noise was, against alpha, B and B_eff = B / f.
//
// It is opinionated about five things. Only runs that differ in nothing but alpha, B and seed are compared. Quantities that are positive and
// skewed (losses, times, traces) are averaged and compared on the log scale. Equality is a test against a stated margin, never a large
// p-value, and "undecided" is a possible answer. p-values have Holm's correction over the comparisons of one quantity with one kind of
// reference; the size of this family is stated. And no run is left out silently: those that diverged, did not converge or cannot be read
// are counted or listed.
//
// Start with [Read], which finds runs and sorts them into groups and cells, and [Compare], which makes the document that
// [Comparison.Text], [Comparison.HTML], [Comparison.WriteCSV] and encoding/json write. [Group.Estimate], [Paired], [Welch] and [Holm] are its
// parts, for comparisons of one's own. Of each run the package reads only report.json and metrics.csv. docs/calibration.md has the coverage
// of its intervals and the false-alarm rates of its tests: with two or three seeds both are close to nominal for normal values, also with
// unequal variances; where single seeds give outliers, the interval of a cell's mean is too narrow.
//
// # Which estimate of tr Sigma
//
// A report has two. trace_units is that of the recorded gradients, n of N samples; near convergence a few samples make up most of the loss,
// and may not be among the n. trace_direct comes from the noise of the NE gradient in real minibatches of the whole training set, by Eqs. 4
// and 10 of the paper; it is computed from the effective batch against the recorded units (or against all samples, where their norms are known),
// in which their trace cancels. The answers give it first: M draws of B samples see M B of them, and the squared length of a mean over B samples
// is less skewed than that of one gradient.
// (noise.gradient_trace of a report is not a third estimate: it is trace_unbiased times a known factor.)
//
// # Conventions of the JSON document
//
// Keys may be added and never change. What is undefined is null; `ci` is a 95% interval [lo, hi], in which null stands for an infinite end,
// and is itself null where there is no interval. A difference on the scale log is a ratio. B is `batch`, in samples.
//
//	schema      "noiseprobe/compare/1"
//	settings    the choices:
//	  accuracy_margin   accuracies, as fractions, that differ by less are equal
//	  ratio_margin      0.1: ratios between 1/1.1 and 1.1 are equal
//	  reference         the alpha and batch that every cell is compared with; null: plain SGD at the same B, and at the same B_eff
//	groups      a comparison for each group of runs that can be compared
//	left_out    runs that were not compared:
//	  dir         the run directory
//	  reason      why
//
// # An element of groups
//
//	name             model and data
//	settings         what all runs of the group share, pairs of name and value
//	at_convergence   whether any run stopped at convergence: quantities at the end of training are then means over such runs only
//	answers          to the questions about the group, in sentences
//	cells            the means over seeds, for each alpha and B
//	contrasts        each cell against a reference
//	collapse         distances between the curves of the alphas at equal B and at equal B_eff
//	weak_noise       tr Sigma at the end of training against alpha and B, the direct estimate first
//	equal_loss       the smallest training loss that all runs reached, by the trend of metrics.csv
//	batch_laws       the law S = S_min + E_min / B of the steps to equal_loss at one learning rate, for every alpha with runs at three B or more
//	equal_steps      curves at equal numbers of steps
//	equal_samples    curves at equal numbers of samples read: B per step for alpha = 1, 2B otherwise
//	checkpoints      the recorded noise at the steps that all runs recorded
//	runs             every run with its numbers
//	notes            sentences about what limits the comparison
//
// # answers
//
//	question   such as "Does alpha matter at equal B_eff?"
//	quantity   which quantity the answer is about; "" for none
//	evidence   what it was measured from: evaluation, units or direct
//	verdict    different, equal within margin or undecided; stronger, weaker for the noise; measured, none-in-range for the critical batch size
//	text       the answer with interval, number of runs and family
//
// # cells
//
//	alpha, batch    which cell
//	f               alpha^2 + (1 - alpha)^2
//	b_eff           B / f. At finite N and with independent pairs the size with the same covariance is N / (1 + f (N/B - 1)), which is larger
//	                by about the fraction (1 - 1/f) B/N
//	seeds           of its runs
//	converged       runs whose training loss was below L**
//	diverged        runs that ended with a loss that is not finite
//	quantities      for each quantity:
//	  quantity        its name, below
//	  evidence        as above
//	  n               number of runs in the mean
//	  scale           linear, or log: the mean is the geometric one
//	  mean            over the n runs
//	  sd              with the divisor n - 1; on the scale log that of natural logarithms, close to the relative spread
//	  ci              Student's, over the n runs; for n = 1 that of the run's report, if it has one
//	  ci_from         "seeds" for n > 1, also where equal values leave no ci; for n = 1 "within the run", or "" without ci
//	  missing         number of runs not in the mean: diverged, not converged, or without this quantity
//
// # The quantities
//
//	test_accuracy                     fraction, at the last evaluation
//	test_loss, train_loss             at the last evaluation
//	test_accuracy_best                the largest of all evaluations: selected on the test set, so optimistic, and never compared
//	convergence_time                  steps until the training loss was below L**
//	samples_to_convergence            samples read until then
//	trace_direct, trace_units         tr Sigma at the last checkpoint, from direct draws and from the recorded units (divisor n - 1)
//	noise_scale                       tr Sigma / |grad L|^2 at the last checkpoint, in samples
//	kurtosis_loss                     excess kurtosis g2 of the losses of the recorded units
//	kurtosis_gradient_norm            of their gradient norms
//	kurtosis_noise                    of the run's own NE noise along the first eigenvector of Sigma, in closed form from the recorded units
//	gamma                             how much more the squared length of one gradient varies than a Gaussian's
//	curvature, anisotropy             tr F of the Gauss-Newton matrix, and how much more of it the noise meets than isotropic noise would
//	update_noise                      trace of the covariance of the run's own updates over real minibatches, of adam and adamw
//	drift                             squared length of the run's own mean update, moments settled
//	steps_to_equal_loss               steps until the trend of the training loss reached equal_loss. The trend is the isotonic regression of the
//	                                  log loss; unlike the criterion of convergence it does not depend on how often the loss was evaluated
//	train_loss_at_equal_steps, test_accuracy_at_equal_steps
//	                                  at the last step that all runs reached
//	train_loss_at_equal_samples, test_accuracy_at_equal_samples
//	                                  at the last number of samples read that all runs reached
//
// # contrasts
//
//	quantity, evidence                 as above
//	reference                          alpha = 1 at the same B; alpha = 1 at the same B_eff, within 2%; or the cell of settings
//	size                               number of tests in the family, over which Holm's correction is made
//	rows                               for each cell that has such a reference:
//	  alpha, batch, b_eff                the cell
//	  reference_alpha, reference_batch   its reference
//	  scale                              linear: value is a difference; log: a ratio
//	  method                             paired t where both have the same seeds, three or more, otherwise Welch t
//	  n, n_reference                     numbers of values on either side; for a paired test both are the number of pairs
//	  value                              cell minus reference, or cell over reference
//	  ci                                 of value, not corrected for the family
//	  df                                 degrees of freedom
//	  p_value                            two-sided, of the hypothesis of no difference
//	  p_holm                             with Holm's correction
//	  equivalence                        two one-sided t-tests of the hypothesis that the difference is the margin or more:
//	    margin                             null for quantities without a margin, such as kurtosis
//	    p_value                            the larger of the two: a small one is evidence of equality
//	    p_holm                             with Holm's correction over the same family
//	  verdict                            equal within margin if equivalence.p_holm is at most 0.05; otherwise different if p_holm is at most
//	                                     0.05; otherwise undecided
//	  reason                             why there is no test
//
// # collapse
//
//	quantity, evidence   as above
//	reference_alpha      1, or the smallest alpha without plain SGD
//	size                 alphas in the family at equal B_eff, those with a p_value; the family at equal B is another
//	b, b_eff             for every other alpha, at equal B and at equal B_eff:
//	  alpha                this alpha
//	  from, to             the range of B or B_eff that both curves cover
//	  cells                number of cells whose means enter
//	  n, n_reference       numbers of runs of alpha and of the reference in them
//	  scale, value, ci, df, p_value, p_holm, equivalence, verdict, reason
//	                       as in contrasts, of the distance [Distance]
//	  method               Satterthwaite t
//	verdict              of all alphas at equal B_eff: different if any is; equal if each is by its own test
//
// # weak_noise
//
// The fit of [WeakNoise], by least squares over the cells.
//
//	quantity, evidence     trace_direct, then trace_units
//	at_convergence         false where no run stopped at convergence: at the last checkpoint
//	cells, runs            numbers of cells and runs in the fit
//	df                     cells - 3
//	log_b_eff              s, the exponent of B_eff:
//	  value                  the slope
//	  ci                     Student's, with the standard error HC3
//	  p_value                two-sided, of the slope 0
//	log_f                  d, the exponent of f at fixed B_eff
//	log_f_at_b             d - s, the exponent of f at fixed B
//	largest_f              the f of the group that differs most from 1, as a ratio: the largest, where no alpha is between 0 and 1
//	ratio                  tr Sigma at largest_f over that of plain SGD at the same B_eff: largest_f^d
//	ratio_ci               of ratio
//	equivalence            of ratio with 1; a family of one
//	residual_sd            of the logarithms, divisor df
//	loss_ratio             largest over smallest mean training loss of a cell at the checkpoint; null where some cell has none
//	at_loss                where that is above 1 + margin, the fit with the log loss as one more term:
//	  log_f, log_loss        d and the exponent of the loss
//	  ratio, ratio_ci        largest_f^d
//	  verdict                as below, of this fit
//	  reason                 why there is no such fit
//	verdict                stronger, weaker, equal within margin or undecided, as f grows at fixed B_eff; where losses differ that of both fits,
//	                       and undecided where these are not the same
//	reason                 why there is no fit
//
// # batch_laws
//
// See package criticalbatch. Samples are those of B.
//
//	alpha, batches, runs       which runs, and how many batch sizes and runs reached equal_loss
//	s_min, e_min               fewest steps and samples
//	critical_batch, ci         e_min / s_min, with its interval
//	s_min_ci, e_min_ci         of the others
//	spread                     standard deviation of log S over seeds
//	lack_of_fit                p-value of the law
//	verdict                    measured, or none-in-range
//	where                      then above, below, undecided or too-few
//
// # equal_steps and equal_samples
//
//	by              steps or samples
//	at              numbers of steps or samples, about equally spaced on a logarithmic scale
//	common          the largest of them that all runs reached
//	cells           for each alpha and batch, with its b_eff:
//	  train_loss      an estimate (n, scale, mean, sd, ci, ci_from) for each element of at
//	  test_accuracy   the same
//
// # checkpoints
//
//	step    a step that all runs recorded
//	cells   alpha, batch, b_eff and quantities, as above
//
// # runs
//
//	dir                  the run directory
//	alpha, batch, seed   which run
//	steps                updates made
//	stopped              max-steps, converged or diverged
//	values               its quantities:
//	  quantity, evidence   as above
//	  value                the number
//	  ci                   the interval that its own report has: over units or draws, not over seeds
package compare
