// Package report is the one value that holds all results of a run, and its renderers: report.json, metrics.csv, a text
// summary, a self-contained HTML page and the figures with the numbers behind them.
//
// It is opinionated about three things. Nothing is computed in a renderer: what is shown is in the [Report], or in the
// numbers of a [figure.Figure]. What is undefined is null in JSON, an empty field in CSV and "-" for people, never 0 and never
// left out in silence. And every number comes with what it has to be read against: its interval, its prediction, or what
// Gaussian samples give.
//
// Start with [Write] and [Read] for the JSON document, [Text] and [HTML] for people. Functions panic for shapes that the
// caller knows (columns of different lengths); files and settings that cannot be read or written are errors.
//
// # Conventions of the JSON document
//
// Keys may be added and never change. Numbers are at full precision. A list is [] and never null where there is nothing; an object
// is null where it was not recorded. `ci` is a 95% interval [lo, hi]; an end that is null is unbounded, and the whole is null
// where there is no interval.
//
//	N      population   samples (or whole ghost batches) in the training set
//	n      units        gradients recorded at a checkpoint
//	P      parameters   number of model parameters
//	B      batch        minibatch size, in samples
//	g_i                 gradient of the loss of unit i; gbar is their mean, S = (1/n) sum (g_i - gbar)(g_i - gbar)^T
//	f      alpha^2 + (1 - alpha)^2
//
// A gradient has the unit of loss per unit of weight, so |g|^2, traces and eigenvalues have its square. Losses are mean
// cross-entropies in nats.
//
// Beside a reason stands the number in it, for a program, where one is known: so many would do. The object has one of the keys units, draws, resamples.
//
//	needs            of withheld, reason or untested
//	undefined_needs  of undefined
//	no_direct_needs  of no_direct
//
// # The document
//
//	schema        "noiseprobe/report/1"
//	checksummed   true: the document ends with its checksum
//	run           what was run; null for gradients that belong to no run
//	training      how training ended; null as well
//	analysis      what gradients that belong to no run were analysed for; absent for a run
//	checkpoints   the analysis of each checkpoint, by step
//	along         what becomes of the noise along training; null for fewer than two checkpoints with a covariance
//	files         what the report was made from: name and checksum of run.json, metrics.csv and every file of the checkpoints. That of an
//	              array file is the one in its metadata; that of metrics.csv is of its rows without seconds
//	checksum      SHA-256 of the document without blanks and times, up to this key
//	source        only where gradients from elsewhere were analysed and no report was written: one element of checkpoints is then the
//	              whole document, with the names of the files
//
// # analysis
//
//	source          names of the files that the gradients came from
//	alpha           the alpha that was asked about, or that of the direct draws; null if none in particular
//	batch           B, in samples
//	pairing         that of the direct draws
//	seed            the root of all random streams of the analysis
//	resamples       number of resampled minibatches of each kind; absent for the default
//	version         of noiseprobe
//
// # run
//
//	model           name of the model: f1, c1, c2, or its specification
//	spec            the layers, such as 7x[500]
//	parameters      P
//	alpha           enhancement of the run; 1 is plain SGD
//	noise           method by which alpha enhances the noise: pnm or large-noise; absent for noise enhancement
//	batch           B, the size of each of the two minibatches of a step, in samples; pnm reads one, large-noise three
//	pairing         how B and B' are drawn: independent, disjoint or replacement
//	optimizer       name of the optimizer
//	learning_rate   eta at the start
//	adam_eps        the constant in Adam's denominator
//	momentum        of sgd; absent where it is 0
//	weight_decay    of adamw; absent where it is 0
//	l_star, l_stop  L*, at which the learning rate is halved, and L**, below which training has converged
//	loss_measure    what is compared with them: epoch (mean of an epoch's minibatch losses), full (whole training set) or recent (mean of the last three of these)
//	until_converged whether training ends at convergence
//	ghost           samples in a ghost batch; 0 without ghost batch normalisation
//	eval            at most so many samples for losses and accuracies; 0 for all
//	seed            the root of all random streams
//	data            the data set:
//	  name            its name
//	  source          where its files were found
//	  train, test     numbers of samples
//	  unofficial      files of the set that are as large as those of its authors and have other contents
//	blas            where matrix products are computed: the built-in kernels, or the library and its threads
//	workers         goroutines that share the work
//	resamples       resampled draws per way to draw minibatches, only where it is not the default of 16384; the numbers of resampled
//	                pairs and of Gaussian samples for comparison follow from it
//	version, go     versions of noiseprobe and of Go
//
// # training
//
//	steps              updates made
//	stopped            max-steps, converged, diverged or interrupted
//	convergence_time   steps until the training loss was below L**; null if it never was
//	seconds            wall-clock time of training
//	train_loss         mean loss over (up to -eval) training samples at the last row of metrics.csv; never the NE-weighted loss
//	test_loss          the same over test samples
//	test_accuracy      fraction of test samples classified correctly, in [0, 1]
//
// # An element of checkpoints
//
//	step                                   updates made before the weights were recorded
//	train_loss, test_loss, test_accuracy   as in training; null without a run, but for train_loss: the mean loss of the recorded
//	                                       units, where it is known
//	unit                                   sample or ghost-batch: what one gradient belongs to
//	unit_size                              samples in one unit
//	units                                  n
//	population                             N; 0 where it is not known
//	parameters                             P; null where inner products are all that is known
//	covariance, noise_size, overlap, noise, curvature, optimizer, noise_correlation, update_check, enhancement, effective_batch, matched, scale_exponent,
//	scale_exponent_conclusion, population_norms, shape, summaries, normality, rejections, pursuit, tails, scale_artefact
//	                                       the parts below
//	optimizer_undefined                    why optimizer is null; absent where it is not
//	warnings                               sentences about what limits the numbers above
//
// # covariance
//
//	trace                                   tr S = (1/n) sum |g_i - gbar|^2
//	trace_unbiased                          (1/(n-1)) sum |g_i - gbar|^2
//	eigenvalues                             of S (divisor n), descending, zeros included; the first min(20, n-1, P), or all
//	eigenvalues_ci                          intervals of the first 20 of them at most: for the mean of such an eigenvalue over samples of
//	                                        n units, which is above that of Sigma; [] for n < 5
//	null_edge                               95% quantile of the largest eigenvalue if the parameters' gradients were independent with
//	                                        the variances that they have (generalised law of Marchenko and Pastur, Silverstein and
//	                                        Choi, 1995, and the fluctuation about its edge); null where the variances are not known
//	outstanding                             eigenvalues above null_edge, of all; it errs to the low side
//	null_edge_unit_scales                   the same if each unit has its own length |g_i - gbar| too: a few long gradients are then
//	                                        no direction
//	outstanding_unit_scales                 eigenvalues above null_edge_unit_scales
//	effective_rank_entropy                  exp(-sum p log p), p = eigenvalue / trace; at most n-1, biased down
//	effective_rank_participation            (tr S)^2 / tr S^2; at most n-1, biased down
//	effective_rank_participation_unbiased   trace_unbiased^2 over the unbiased estimate of tr S^2 of the population, of N units where that is
//	                                        known; at most P and N - 1, which the population's is
//	gradient_norm_sq                        |gbar|^2; biased up by tr Sigma / n
//	gradient_norm_sq_unbiased               |gbar|^2 - trace_unbiased / n (1 - n/N), without the bracket where N is not
//	                                        known; it can be negative
//	noise_scale                             trace_unbiased / gradient_norm_sq_unbiased, in samples (times unit_size for ghost
//	                                        batches); null where the denominator is <= 0. B_simple of McCandlish et al.,
//	                                        arXiv:1812.06162
//	noise_scale_plugin                      trace / gradient_norm_sq, in samples
//	gradient_diversity                      sum |g_i|^2 / |sum g_i|^2 (Yin et al., arXiv:1706.05699); falls like 1/n
//	gradient_diversity_scaled               n gradient_diversity
//	ci                                      an object: the interval of each of these keys that has one; empty where they are withheld
//	withheld                                why there are no intervals, and no counts of eigenvalues, and how many units would do: there are fewer
//	                                        than 30, or so few carry the noise that they count as fewer, by shape.effective_units of the recorded
//	                                        ones or, where it is known, population_norms.effective_units n/N. This is the one rule for everything
//	                                        that rests on the recorded units
//	by_n                                    how the estimates move with the number of units: for n/8, n/4, n/2 and n
//	  n                                       units in a subset, at least 8
//	  trace_unbiased, noise_scale, effective_rank_entropy, effective_rank_participation, effective_rank_participation_unbiased
//	                                          as above, means over disjoint subsets of n; noise_scale is the ratio of two means
//	  leading_eigenvalue                      the mean of the first eigenvalue
//	extrapolated                            effective_rank_participation, effective_rank_entropy and leading_eigenvalue for n to
//	                                        infinity, by series in 1/n, the ranks at most P and N - 1; null is what is not sound, or where n = N
//	  value                                   the limit
//	  ci                                      of value
//	layers                                  for each layer (weight and bias together) or file:
//	  name                                    such as dense1
//	  parameters                              its number of parameters; null where inner products are all that is known
//	  trace, gradient_norm_sq                 as above, of its part of the gradients: they add up over the layers
//	  noise_scale                             as above, of its part
//
// # noise_size
//
// The answer to how large the noise is; null where neither gradients nor norms are known.
//
//	from               all-samples, where the norms of all training samples are known, which leaves no sampling error; else recorded-units
//	samples            how many of them
//	trace              tr Sigma: trace of population_norms, or trace_unbiased of covariance
//	trace_ci           its interval; null for all samples, which need none
//	gradient_norm_sq   of all samples |gbar|^2, or gradient_norm_sq_unbiased of covariance
//	noise_scale        trace / gradient_norm_sq, in samples
//	noise_scale_ci     its interval, as trace_ci
//	unseen_share       below this share of the population a kind of unit is missing among the recorded ones with a probability of more than 5%,
//	                   about 3/n, and no interval knows of it; absent where none can be missing
//	withheld           why there are no intervals, and how many units would do: as in covariance
//	undefined          why there is no noise scale, and how many units it takes
//
// # overlap
//
// How far the gradients have turned since the checkpoint before; null at the first, and where no gradients but second moments alone
// are recorded. With gbar' and S' those of the checkpoint before, and U, U' the k leading eigenvectors of S and S':
//
//	previous_step          step of the checkpoint before
//	mean_cosine            gbar . gbar' / (|gbar| |gbar'|)
//	mean_cosine_unbiased   the same from unbiased estimates of the product and of both norms; null where a squared norm's is not positive, or
//	                       where the ratio is outside [-1, 1]
//	mean_cosine_reason     why it is null
//	subspaces              for k = 1 to 5, fewer where there are fewer directions:
//	  k                      number of eigenvectors
//	  overlap                |U^T U'|^2 / k (Frobenius norm): 1 for equal spans, k/P on average for random ones; recording the
//	                         same units at both makes it larger
//	  halves                 the same from one half of the units here and the other half there, the mean of both ways
//	  split_half             the same between the two halves at one checkpoint, the mean over both: what sampling alone leaves of 1.
//	                         halves is to be read against it
//
// # noise
//
//	gradient_trace     trace of the covariance of the gradient that the run steps with: the factor of its pairing at N, B and
//	                   alpha (near f / B) times tr Sigma
//	update_trace_sgd   eta^2 gradient_trace, eta of that checkpoint: what plain SGD would make of it in an update. Adam's updates differ
//	step_trace         gradient_trace with trace of noise_size: without a sampling error where that has none
//
// # curvature
//
// How the noise meets the curvature of the loss; null where it was not recorded. F = (1/K) sum_k F_k is the Gauss-Newton matrix of K of the n recorded
// units, F_k = J_k^T (diag p_k - p_k p_k^T) J_k with J_k the derivative of the logits and p_k the probabilities; of a ghost batch the mean of that of its
// samples. S is the covariance of the gradients of all n, divisor n. Numbers whose names end in _unbiased run over different units, and are unbiased for what all N
// would give by the same formula; the others, but for trace, take the units as the population. What is about a step is for plain SGD at eta of that checkpoint.
//
//	kind                          exact (all classes) or sampled (labels drawn from the model: unbiased for what is linear in F)
//	units                         K
//	labels                        labels drawn for each unit (of a ghost batch for each of its samples); absent where exact
//	trace                         tr F
//	frobenius                     |F|, the root of the sum of squared elements, of the K units, without the bias of drawn labels; null for one label
//	frobenius_unbiased            root of the mean of tr F_k F_l over different units
//	eigenvalues                   of F, descending, the first 20 at most; few units and drawn labels bias the leading ones up
//	noise_trace                   tr(F S)
//	noise_trace_unbiased          mean over k of tr(F_k S_k), S_k the covariance, divisor n - 2, of all units but k
//	alignment                     tr(F S) / (|F| |S|): 1 for proportional matrices
//	alignment_unbiased            the same from unbiased estimates; it can exceed 1
//	anisotropy                    P tr(F S) / (tr F tr S): how much more the noise raises the loss than isotropic noise of its strength (Zhu et al.,
//	                              arXiv:1803.00195)
//	anisotropy_unbiased           the same from unbiased estimates
//	gradient_curvature            gbar^T F gbar
//	gradient_curvature_unbiased   its estimate for the mean gradient of the population; it can be negative
//	noise_scale                   noise_trace_unbiased / gradient_curvature_unbiased, in samples (times unit_size for ghost batches): the batch size
//	                              at which noise raises the loss as much as the curvature along the gradient does; null where that is <= 0
//	step_gain                     eta |gbar|^2 - (eta^2/2) gbar^T F gbar: how much the loss falls in a step without noise, to second order
//	step_gain_unbiased            from gradient_norm_sq_unbiased and gradient_curvature_unbiased
//	step_cost                     (eta^2/2) tr(F S_xi), S_xi the covariance of the run's NE gradient: how much its noise raises the loss
//	step_cost_unbiased            from noise_trace_unbiased
//	cost_over_gain                step_cost_unbiased / step_gain_unbiased; null where the gain is <= 0
//	step_verdict                  which is larger, by the interval of cost_over_gain: gain, cost or undecided; absent without an interval
//	break_even                    where cost equals gain, the other settings as they are; null where there is no step:
//	  learning_rate                 eta
//	  batch, alpha                  B, and alpha >= 1, both for minibatches that are small against the training set; null where there is none
//	hessian                       tr(H S) with the Hessian H itself, by central differences of gradients; absent where it was not asked for:
//	  noise_trace, ci               its value, of the covariance, divisor less 1, of some units and the loss over others; null of fewer than 4 units
//	  units, against                how many of both
//	  step, error                   length by which the weights are moved; relative change of the result where they are moved twice as far
//	preconditioned                F in the metric D of Adam's moments (see optimizer); absent where there are none, and for convolutions with -curvature auto:
//	  units                         those that the next two rest on
//	  sharpness, sharpness_held_out largest eigenvalue of D^(1/2) F D^(1/2), on average too large; along the leading eigenvector of half of the units as the other half
//	                                sees it: too small
//	  edge                          above it steps of Adam with this D grow: (2 + 2 beta1) / ((1 - beta1) eta) times 1 - beta1^(t+1)
//	  step_gain, step_gain_unbiased c gbar^T D gbar - (c^2/2) (D gbar)^T F (D gbar): what the part -c D g of a fresh gradient g in the next update saves
//	  step_cost, step_cost_unbiased (c^2/2) tr(F D S_xi D): how much the noise raises the loss by in the next update; D, and the running mean m, are frozen. The
//	                                cost does not depend on m, the gain leaves out what m adds. Through m the gradient comes to eta D g in later updates: once t is
//	                                large, its cost over gain in all is up to 1 / (1 - beta1) times as large
//	                                null where the next gradient's square is more than 2% of v (the first 50 steps at beta2 = 0.999), and of earlier versions' files
//	  cost_over_gain, step_verdict, ci, withheld, reasons
//	                                as above, for these
//	ci                            an object: the interval of each of these keys that has one, by jackknife over the units
//	withheld                      why there are no intervals, and no step_verdict: as in covariance, or too few units carry the curvature; how many would do
//	reasons                       an object: why a number, or its interval, is null, by its key
//	eigenbasis                    along the 20 leading eigenvectors v of F of a random half of the K units, at most:
//	  curvature, curvature_ci       v^T F v of the other half
//	  noise, noise_ci               variance of v . g_i, divisor less 1, over the recorded units that are not in the first half
//	layers                        for each layer (weight and bias together), its block of F and its part of the gradients:
//	  name, parameters              of the layer
//	  trace, noise_trace, noise_trace_unbiased, anisotropy, anisotropy_unbiased, gradient_curvature, gradient_curvature_unbiased
//	                                as above; the traces of F S lack what is between layers
//
// # optimizer
//
// The noise of the updates of adam and adamw, whose state after t updates is kept with the checkpoint: D is diagonal, d_p = 1 / (sqrt(v_p / (1 - beta2^t)) + eps),
// and c = eta (1 - beta1) / (1 - beta1^(t+1)). What weight decay does to the weights is no part of it. The interval of each key that has one is in ci.
// sgd has no metric: of it there are update_trace_one_sample and rows of frozen and stationary updates, from the covariance of the units, and ratio is that of the
// gradient by theory; c = eta, and D is 1 in frozen and 1 / (1 - momentum) in stationary rows. What is in the metric is null, and undefined says why.
//
//	name, step                     of the optimizer: adam, adamw or sgd, and t
//	units                          gradients that the numbers in the metric rest on, at most 96, evenly spaced; those of updates rest on all
//	trace                          tr(D Sigma), divisor n - 1
//	gradient_norm_sq               gbar^T D gbar less trace / n (1 - n/N); it can be negative
//	noise_scale                    trace / gradient_norm_sq, in samples (times unit_size for ghost batches); null where that is <= 0
//	undefined                      why noise_scale is null; absent where it is not
//	eigenvalues                    of D^(1/2) S D^(1/2) (divisor n), descending, the first 20
//	effective_rank_participation   of these, as in covariance
//	update_trace_one_sample        c^2 tr(D Sigma D), divisor n - 1: noise of the next update from a minibatch of one unit, moments frozen
//	ci, withheld                   as in covariance, by the lengths in this metric
//	updates                        the noise of the run's updates and of those it is compared with:
//	  arm, alpha, batch              ne, sgd or effective (SGD at B_eff), and what they are
//	  evidence                       frozen: the next update with the moments as they are, c^2 D Cov D. direct: real minibatches, the moments moved by each, none of the
//	                                 updates made. stationary: moments that have settled at these weights, v_p = mu_p^2 + s_p with mu the full gradient and s the variance of
//	                                 the arm's gradient (Eq. 4): eta^2 sum s_p D_p^2, which counts the correlation of successive updates by m
//	  trace                          trace of the covariance of the update
//	  ratio, ci                      trace over that of sgd at the same B and evidence; of stationary f_u, between 1 and f
//	  withheld                       why a ratio has no interval: few units carry the noise of the update, or its parameters are reached by few, or samples of large
//	                                 loss are missing; absent where it may have one
//	  exact                          true where mu and the variances are of all training samples, so that there is nothing to estimate and ci is null
//	  predicted                      the same ratio of the gradient
//	  drift                          squared length of the mean update over that of sgd; null where it is not measured
//	  mean_norm_sq                   squared length of the mean update itself, eta^2 sum mu_p^2 D_p^2, of stationary evidence; else null
//	settled                        trace of the direct updates of the training's arm, over c^2/eta^2 times that of its stationary ones: 1 where the moments have settled,
//	                               below where they remember larger gradients, above where smaller ones; null without direct draws
//	stationary_undefined           why there are no rows of stationary evidence; absent where there are
//
// # noise_correlation
//
// With x = g_B - gbar and x' = g_B' - gbar over pairs of minibatches; under ghost batch normalisation there is no gbar, and a direct noise
// is the difference of two successive draws over sqrt 2. Sizes of minibatches are in samples everywhere; resampled ones consist of whole
// units:
//
//	evidence    direct (minibatches of the training set, real backward passes) or resampled (recorded units, with replacement)
//	kind        measured: it could come out otherwise than predicted; theorem: it cannot, but for Monte Carlo error, which is so of all
//	            resampled rows; identity: it holds whatever is drawn
//	pairing     how B and B' were drawn
//	draws       pairs
//	predicted   0 for independent pairs, -B/(N-B) for disjoint ones
//	measured    rho = mean <x, x'> / mean ((|x|^2 + |x'|^2) / 2)
//	ci          of rho
//	p_value     two-sided, of rho = predicted
//	withheld    why a direct row has neither an interval nor a test, and how many draws would do: so few of the samples in the minibatches carry the
//	            noise that they count as fewer than 30 of equal length, by population_norms.effective_units; where there is none, few of the draws do
//
// # update_check
//
// A number, the largest over the draws: the norm of the difference between the NE gradient of the trainer's own weighted pass and the combination of
// the two minibatch gradients, over the norm of the latter. Rounding of float32 makes it about 1e-7.
//
// # enhancement
//
// The factor by which NE multiplies the covariance of the noise of one minibatch of B. All rows of one evidence follow from
// the same rho, f = alpha^2 + (1 - alpha)^2 + 2 alpha (1 - alpha) rho, and are right or wrong together.
//
//	alpha, pairing, batch, evidence, draws   as above; the pairing naive adds alpha times the noise to the full gradient (Eq. 5)
//	kind                                     as above; theorem for naive, a ratio of two equal noises, and identity at alpha = 0 and 1, where f = 1
//	predicted                                f of the pairing at N, B and alpha; alpha^2 for naive
//	measured                                 mean squared norm of the NE noise over that of the noise of one minibatch
//	ci                                       of measured
//	equivalence                              two one-sided tests of |measured - predicted| >= margin:
//	  margin                                   10% of predicted, by default
//	  p_value                                  the larger one of the two: small speaks for agreement
//	  equivalent                               whether p_value is below 0.05
//	verdict                                  equal: less than the margin apart, by the test of equivalence or the interval; beyond-margin: more than
//	                                         that apart; differs: apart, whether beyond the margin is not decided; undecided; identity
//	reason                                   how many draws would decide what is not decided, or that predictions does not reject
//	leads                                    true for the row that answers for the run's alpha
//
// Rows of resampled evidence are a theorem about the recorded units, and their naive row is arithmetic; what could fail is direct.
//
// # effective_batch
//
//	alpha, pairing, batch, evidence, kind
//	                                  as above
//	against                           recorded-units: the size at which Eq. 4 with tr Sigma of the recorded units (of all samples
//	                                  where exact_trace) gives the measured NE noise; sgd-at-b-eff: from the noise of single minibatches of the rounded
//	                                  B_eff; sgd-at-b and resampled-sgd: from direct and resampled single minibatches of B, at
//	                                  every alpha of the grid; these follow from rho
//	predicted                         B_eff in samples: B/f, or N / (1 + f (N/B - 1)) for independent pairs
//	measured                          B_eff in samples
//	ci                                of measured
//	p_value                           two-sided, of the prediction: for recorded-units the test of Eqs. 4, 10 and 11 together; for
//	                                  sgd-at-b and resampled-sgd that of rho, null at alpha = 0 and 1
//	verdict, reason                   as in enhancement, with a margin of 10%
//	leads                             true for the row that answers for the run's alpha: recorded-units, unless it is withheld
//	exact_trace                       true where tr Sigma is population_norms.trace_unbiased, which has no sampling error; absent elsewhere
//	withheld                          why there is neither an interval nor a test: the units are too few, or too few carry the noise; or the draws are too
//	                                  few, as in noise_correlation
//
// # matched
//
// NE at (alpha, B) against SGD at b = B_eff rounded to whole samples, whose noise has the same covariance, over direct draws:
//
//	quantity    trace-ratio: mean squared norm of the NE noise over that of SGD
//	direction   all
//	evidence    direct
//	alpha       of NE
//	batch       B
//	effective   b
//	draws       draws of each arm
//	predicted   the ratio of Eq. 4's factors at N, B and alpha, and at b
//	measured    the quantity
//	ci          of measured
//	p_value     two-sided, of the prediction
//	withheld    why there is neither ci nor p_value, as in noise_correlation; absent where there is
//
// # predictions
//
// All tests of predictions over direct draws, judged together; null where there is none. "differs" and "beyond-margin" in enhancement and
// effective_batch need a rejection here: of rho, from which the factors and sgd-at-b follow, or of the row's own test.
//
//	tests         those of this checkpoint:
//	  of            rho; B_eff and what the noise was compared with; excess and the arm
//	  p_value       that of the row
//	  p_holm        with Holm's correction over the tests of all checkpoints
//	  rejected      whether p_holm is at most 0.05
//	checkpoints   how many have tests
//	all           tests in all
//	discoveries   how many of them are rejected
//	level         the probability that a true one is rejected is at most this, however they depend on each other
//
// # scale_exponent
//
// The exponent s in the scale of alpha x + (1-alpha) x', which is that of x times (|alpha|^s + |1-alpha|^s)^(1/s) for symmetric
// s-stable noise: s = 2 for Gaussian noise, below 2 for infinite variance. The scale is exp(mean log |.|) and s is fitted over a
// grid of alpha. Noise of finite variance has another s than 2 where B is small and its shape not that of its sums, so that s is an
// effective exponent, read against that of Gaussian pairs.
//
//	of                   the noise along a direction
//	evidence             direct
//	batch                B of the minibatches of x and x'
//	draws                pairs (x, x')
//	s                    fitted exponent; not clipped at 2, null where the pairs leave it undefined
//	ci                   of s; no upper end where even s = infinity is possible
//	gaussian_surrogate   central 95% range of s for as many Gaussian pairs
//	verdict              stable-like: s below that range and its interval below 2; finite variance: the interval from 1.8 on, s not below the
//	                     range; or undecided
//
// # scale_exponent_conclusion
//
// All directions together; null where none has an exponent.
//
//	directions   that have one
//	draws        pairs (x, x')
//	verdict      stable-like if it is so along any, finite variance if along all, else undecided
//	reason       how many draws would decide it, if the variance is finite
//
// # population_norms
//
// The gradients of all training samples at the weights of the direct draws, d_i = |g_i - gbar|^2 with gbar the mean over all N: nothing
// here has a sampling error. Null where there are no direct draws, and under ghost batch normalisation, where samples have no gradients of
// their own.
//
//	samples                    N
//	trace                      tr Sigma = (1/N) sum d_i
//	trace_unbiased             (1/(N-1)) sum d_i, what covariance.trace_unbiased estimates
//	fourth                     E|x|^4 = (1/N) sum d_i^2
//	effective_units            (sum d_i)^2 / sum d_i^2: N where all are equally long, 1 where one carries everything
//	share_of_largest_percent   the share of tr Sigma, 0 to 1, that the largest d_i hold, of N/100 samples, rounded up
//	gradient_norm_sq           |gbar|^2
//	noise_scale                trace / gradient_norm_sq
//	tails                      estimates from the largest |g_i|, with the keys of those of tails: method, k, gamma, tail_index, ci
//
// # shape
//
// How far from Gaussian the gradients of single units are, over all directions at once, and so in closed form the noise of minibatches.
// x_i = g_i - gbar; with G their Gram matrix t1 = mean G_ii, t2 = sum G_ij^2 / n^2 and m4 = mean G_ii^2. Null without recorded units.
//
//	kappa                     m4 - t1^2 - 2 t2: the fourth cumulant, with two pairs of indices contracted, of the units as the population
//	kappa_unbiased            its k-statistic, n^2 / ((n-1)(n-2)(n-3)) ((n+1) m4 - (n-1)(t1^2 + 2 t2)); 0 on average for Gaussian gradients
//	gamma                     kappa_unbiased / trace_unbiased^2: how much more the squared length of x varies, relative to its mean, than a Gaussian's
//	norm_excess_unit          kappa_unbiased over twice the unbiased estimate of tr Sigma^2
//	norm_excess_unit_plugin   kappa / (2 t2)
//	effective_units           (sum |x_i|^2)^2 / sum |x_i|^4: n where all are equally long, 1 where one carries everything
//	ci                        jackknife intervals over the units, of gamma and norm_excess_unit; no upper end where few units carry the fourth moment
//	population                gamma and norm_excess_unit with trace and fourth of population_norms, so that of the units only tr Sigma^2 is
//	                          needed; null without these
//	  gamma, norm_excess_unit   as above
//	  gamma_ci                  jackknife interval of the tr Sigma^2 in gamma; where few samples carry the noise it takes in every tr Sigma^2
//	                            from 0 to (tr Sigma)^2, so that it always holds
//	  norm_excess_unit_ci       the same, null where few samples carry the noise
//	  gaussian_gamma            bounds of gamma of N Gaussian vectors: 4 sqrt(22/N) v either way, v the upper end of 2 tr Sigma^2 / (tr Sigma)^2
//	  verdict                   heavier or lighter where all of gamma_ci is outside of these; else not-told-apart
//	withheld                  why there are no intervals, tests and verdicts: as in covariance
//	verdict                   of the test of gamma of the recorded units: heavier, lighter or not-told-apart; null where nothing was tested
//	conclusion                the one answer from everything here:
//	  verdict                   not-gaussian if anything tells the gradients apart; not-told-apart; null where nothing was tested
//	  in                        what tells them apart: gamma, directions, norms
//	  from                      where gamma is from: all-samples (population) or recorded-units
//	  gamma, ci                 gamma with its interval
//	  gamma_verdict             that of population where it tells them apart, else of the test of the recorded units
//	  recorded                  below, around or above: where gamma of the recorded units with its interval lies against that of all samples
//	  reason                    why the recorded units are not tested, and how many would do
//	  directions                directions that were tested, and the names of those that are heavier, lighter or skewed:
//	    tested, heavier, lighter, skewed
//	  norms                     the one answer to how heavy the tail of the gradients' norms is:
//	    from, n                   of all samples, or of the recorded units; how many
//	    method, k, gamma, tail_index, ci the moment estimate from the k largest, k the smallest integer >= n^0.6
//	    variance                  finite, infinite (if the tail continues like this) or undecided: whether ci is above 2, below it (and the estimate from k/4 too), or neither
//	    reason, values_needed     why it is undecided, and how large a sample would decide if the index is as measured
//	    verdict, by               heavier or lighter than Gaussian vectors by these methods (of the recorded units), not-told-apart; null where there
//	                              is no verdict
//	    untested                  why there is none, or what keeps a test from rejecting, and how many units or resamples would do
//	family                    all tests of the document, the same at every checkpoint:
//	  checkpoints, untested     checkpoints, and those without any test
//	  tests, discoveries        tests with a p-value, and those that reject at the false discovery rate
//	  fdr                       that rate
//	no_direct                 why there are no direct rows, and how many draws or units would do
//	rows                      the excess of Var|xi|^2, xi the noise of a minibatch, over that of a Gaussian of the same covariance,
//	                          Var|xi|^2 / (2 tr Sigma_xi^2) - 1:
//	  arm                       ne (NE at B), sgd (plain SGD at B) or effective (plain SGD at B_eff)
//	  alpha, batch              of the minibatches, in samples
//	  evidence                  exact (minibatches with replacement from the units as the population: (alpha^4 + (1-alpha)^4) kappa / (2 f^2 m t2), m
//	                            units in a minibatch) or direct (over real minibatches; none under ghost batch normalisation)
//	  draws                     minibatches; 0 for exact rows
//	  norm_excess               the excess
//	  ci                        of it, for direct rows: of the variance over draws, and of tr Sigma^2
//	  norm_excess_unbiased      of exact rows: for minibatches with replacement from the population, of N units where that is known
//	  norm_excess_unbiased_ci   its interval
//	  norm_excess_all_samples, norm_excess_all_samples_ci
//	                            the same with trace and fourth of population_norms
//	  predicted                 of direct rows: from kappa_unbiased and the covariance, at N and the pairing; with trace and fourth of
//	                            population_norms where these are known
//	  p_value                   two-sided, of that prediction
//	directions                single gradients along directions; those that the data choose (top1, top2, ..: leading eigenvectors of Sigma;
//	                          mean-gradient; pursued) come from one half of the units, the numbers are from the other:
//	  of                        such as noise top1
//	  n                         units in that half
//	  skewness_g1               k_3 / k_2^(3/2), of Fisher's k-statistics
//	  skewness_ci               jackknife interval
//	  excess_kurtosis_g2        k_4 / k_2^2
//	  ci                        its jackknife interval
//	  verdict                   that of its test
//	tests                     every test of this checkpoint for being non-Gaussian:
//	  of                        what was looked at: all directions, a direction, or the gradient norm
//	  by                        gamma (jackknife t of log(1 + norm_excess_unit)), dagostino (the larger of the z of skewness and kurtosis along a
//	                            direction), hill and moment (tail of the norms, by their rank
//	                            among 199 samples of norms of Gaussian vectors of the units' mean and spectrum)
//	  statistic                 its value
//	  p_value, log_p            two-sided, and its logarithm
//	  p_floor                   the smallest p-value that the simulated samples allow; there is no test where that is above 0.03
//	  p_adjusted                for all tests of all checkpoints of the document (Benjamini and Hochberg, 1995)
//	  verdict                   where p_adjusted is at most 0.03: heavier, lighter or skewed; else not-told-apart
//
// # summaries
//
// Order statistics of one number per unit.
//
//	of                 what the numbers are, such as the loss or the gradient norm
//	n                  numbers in the sample
//	min, max           the extremes
//	q1, median, q3     quartiles of type 7
//	trimmed_mean       mean without the lowest and the highest tenth
//	mild_outliers      values between 1.5 and 3 interquartile ranges beyond the quartiles
//	extreme_outliers   values further out
//
// # normality
//
//	of                          what the sample is of, such as the noise along a direction
//	axis                        what the sample runs over: draws (at fixed weights), units or coordinates; direct draws under ghost batch
//	                            normalisation are differences of two, which have no skewness and half the excess kurtosis
//	evidence                    direct; recorded for a sample of units, without minibatches
//	standardised                whether values of different scale were divided by it before they were pooled
//	arm                         of the minibatches, as in shape; null for a sample without any, and so are
//	alpha, batch                their numbers
//	n                           size of the sample
//	skewness_g1                 m_3 / m_2^(3/2), moments with divisor n
//	skewness_predicted          null
//	skewness_ci                 of skewness_g1
//	excess_kurtosis_g2          m_4 / m_2^2 - 3, moments with divisor n
//	excess_kurtosis_predicted   null
//	excess_kurtosis_ceiling     the largest g2 that n values can have
//	ci                          of excess_kurtosis_g2
//	gaussian_surrogate          central 95% range of g2 for Gaussian gradients: of as many normal numbers, and for gradient norms of norms of
//	                            Gaussian vectors of the units' mean and spectrum; null for losses, which are positive
//	tests                       tests of normality:
//	  name                        such as jarque-bera
//	  statistic                   its statistic
//	  p_value                     0 only below the smallest float64
//	  log_p                       natural logarithm of the p-value, finite even then
//	  p_floor                     where the p-value is from a table that ends, or from simulations: p_value at the floor means "at most"
//	  replicates                  the number of simulations
//	  reason                      why the values are null
//
// # rejections
//
// The tests of shape of one checkpoint taken together; null where nothing was tested.
//
//	test          what is counted
//	rows          tests with a p-value
//	nominal       level of a single test
//	rejected      tests with a p-value at that level or below
//	rate          rejected / rows; it would be near nominal if all gradients were Gaussian
//	rate_ci       exact binomial interval of rate, as if tests were independent
//	fdr           false discovery rate: the share of false ones among discoveries, on average
//	discoveries   tests that reject at that rate over all checkpoints
//
// # pursuit
//
// The least Gaussian direction of single gradients among combinations of the leading eigenvectors, by projection pursuit on the
// kurtosis. Eigenvectors and direction are found on a random half of the units; null where there are too few. The direction "noise
// pursued" of shape is the same one.
//
//	directions    eigenvectors that are combined
//	direction     weights of the projections onto them, length 1
//	found_g2      excess kurtosis in the half that chose it: the largest of many, and no evidence
//	held_out_g2   excess kurtosis in the other half
//	n             units in that half
//	gaussian      the g2 of 95% of Gaussian samples of that size
//	test          D'Agostino's test of the kurtosis in that half
//
// # tails
//
//	of, axis, evidence, standardised, arm, alpha, batch, n   as in normality
//	zeros                                               values that are exactly zero
//	estimates                                           one for each estimator:
//	  method                                              hill, moment, ...
//	  k                                                   largest values used
//	  gamma                                               extreme-value index, P(X > x) ~ x^(-1/gamma)
//	  tail_index                                          1/gamma; null where gamma <= 0
//	  ci                                                  of tail_index; null for norms where few units carry the noise
//	stable                                              stable laws fitted to draws of noise, [tail.StableEstimate]; empty for samples over units:
//	  method                                              mohammadi, log-moment, koutrouvelis
//	  alpha, beta, scale, location                        of the law; alpha = 2 is Gaussian, and is not a bound of the estimate
//	  ci                                                  of alpha
//	  block_size                                          of mohammadi's block sums
//	  warnings                                            why something is undefined, or to be doubted
//	surrogate                                           the same estimators on the norms of Gaussian vectors of the units' mean and spectrum; empty for
//	                                                    losses:
//	  method                                              as above
//	  tail_index                                          the median
//	  band                                                central 95% range of tail_index
//	  gamma_band                                          the same of gamma
//
// # scale_artefact
//
// Block sums of the gradients of the recorded units, for up to 256 random parameters, as [tail.ScaleArtefact] explains; null where
// single coordinates were not recorded.
//
//	axis                        units: blocks are sums over units, coordinate by coordinate
//	standardised                true: the scales of coordinates cancel
//	draws                       units, in random order
//	coordinates                 parameters looked at
//	coordinates_used            those with enough values other than 0
//	zeros                       exact zeros, not used
//	reference_k1                block size of the definition in the literature: neighbouring parameters of one unit
//	reference_alpha             alpha by that definition, which takes scales and zeros for tails
//	surrogate_reference_alpha   the same for Gaussian numbers with the scales and zeros of the data
//	k1                          largest block along the units
//	alpha                       1/alpha = (mean log|Y| - mean log|x|) / log k1, not clipped at 2
//	ci                          of alpha
//	surrogate_alpha             median over Gaussian surrogates
//	surrogate_band              central 95% of them
//	curve                       k1, alpha, ci, surrogate_alpha, surrogate_band for every block size
//	survives                    what is left of 2 - alpha:
//	  reference                   2 - reference_alpha
//	  reference_surrogate         2 - surrogate_reference_alpha
//	  data                        2 - alpha
//	  surrogate                   2 - surrogate_alpha
//	  difference                  data minus surrogate
//	  ci                          of difference
//	verdict                     "consistent with Gaussian", "lighter than Gaussian", "heavier than Gaussian, not stable", "stable-like",
//	                            "heavier than Gaussian, too few draws to tell whether stable", "too few draws", or "withheld" where few units
//	                            carry the noise, when there are no intervals either
//	reason                      why there is no verdict or an undecided one, and how many units would do
//	draws_needed                the number in reason that is not one of covariance.withheld; absent where there is none
//
// # along
//
// What becomes of the noise along training; a part is null where nothing can be said.
//
//	strength            tr Sigma (of noise_size) at the last checkpoint against its largest value, or the first where it is the largest itself:
//	  first, peak, last   step, trace and ci of these; exact where the trace is that of all samples and needs no interval
//	  against             peak or first
//	  ratio, ci           last over that, with an interval from both traces as if they were independent; against the peak it is wider (Bonferroni),
//	                      since that is the largest of several
//	  verdict             weaker, stronger or undecided
//	  reason              why it is undecided, and how many units would do
//	signal              noise against gradient in a step, at the last checkpoint:
//	  step                its step
//	  ratio, ci           noise.step_trace / noise_size.gradient_norm_sq
//	  exact               whether it is from all samples, and has no interval since it needs none
//	  verdict             noise or gradient, whichever is larger; no-signal where the gradient is not told apart from 0; undecided
//	  reason              why it is undecided or no-signal, and how many units would do
//	shape               verdicts on gamma, shape.conclusion.gamma_verdict:
//	  checkpoints         with a shape
//	  heavier, lighter, not_told_apart, withheld
//	                      how many of them have this verdict
//	  reason              why the last of the withheld has none
//	  first, last         step, from, gamma and ci of the first and the last that have one
//
// # metrics.csv
//
// The header is [MetricsHeader]; a row for every checkpoint and epoch, in the units of training. An empty field was not
// evaluated.
package report
