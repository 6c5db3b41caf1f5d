// Package branch measures the critical batch size of a training from one of its checkpoints, by runs that go on from there.
//
// Each of them, a branch, begins with the weights and the optimizer's state of the checkpoint, bit for bit, and trains at its own batch size and seed
// until it has passed one loss; package criticalbatch makes the law of steps against batch size of them. A reference branch at the run's own
// settings chooses that loss where none is given. Branches are the runs of a sweep: they go on where they were interrupted, and Slurm can carry
// them out.
//
// It is opinionated about two things. How the learning rate goes with the batch size is a rule that is stated wherever the numbers are, since
// the critical batch size depends on it. And a branch goes on until the mean of its last three losses is below the loss that is asked for, so that
// a trend can be told from a dip.
//
// # The document
//
// critical-batch -json, and critical-batch.json. Numbers that are undefined are null, ci is a 95% interval [lo, hi]; keys may be added and never
// change.
//
//	schema        "noiseprobe/critical-batch/1"
//	dir, runs     the run, and the directory of the branches
//	checkpoint    step, train_loss, learning_rate, batch, alpha, optimizer: those of the run there
//	target_loss   the loss that steps are counted to, and target_from: given, or reference
//	lr_rule       none, sqrt or linear: the learning rate is that of the checkpoint times (B / f over that of the run) to the power 0, 1/2
//	              or 1
//	rows          branches: alpha, batch, seed, learning_rate, steps, samples = batch steps (of B alone), and stopped as in a report
//	fits          for each alpha, see criticalbatch.Fit
//	moves         for each other alpha than 1, how it moves the critical batch size, see criticalbatch.Move
//	proxies       what numbers of the run say of it, see criticalbatch.Proxy: noise_scale, optimizer_noise_scale, curvature_noise_scale and
//	              log_noise_scale
package branch
